/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and answers over HTTP. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "rig.h"
#include "unit.h"

static struct rig rig;

static void end(struct httpd *h)
{
    rig_done(&rig);
    httpd_free(h);
}

START_TEST(a_request_is_as_it_should_be)
{
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_SINGLE, NULL, NULL);
    const struct httpd_request *r;

    rig_write_file(rig_path(&rig, "token"), "s3cret\nsecond line\n");
    rig.conf.bearer_file = strdup(rig.path);
    rig.headers[rig.conf.header.n++] = strdup("X-Extra: more");
    rig_start(&rig);
    for (int i = 0; i < 5; i++) {
        ck_assert(rig_add(&rig, "x"));
        rig_finish(&rig);
    }
    ck_assert_uint_eq(httpd_count(h), 5);
    ck_assert_uint_eq(httpd_connections(h), 1); /* kept */
    r = httpd_request(h, 0);
    ck_assert_str_eq(r->method, "POST");
    ck_assert_str_eq(r->path, "/events");
    ck_assert_str_eq(r->body, "{\"n\":0,\"t\":\"x\"}");
    ck_assert_str_eq(r->type, "application/json");
    ck_assert_str_eq(r->auth, "Bearer s3cret");
    ck_assert_str_eq(r->agent, "omauditjson/" PACKAGE_VERSION);
    ck_assert_str_eq(r->extra, "more");
    ck_assert_str_eq(r->encoding, "");
    ck_assert_uint_eq(strlen(r->key), 16);
    ck_assert_str_ne(r->key, httpd_request(h, 1)->key);
    ck_assert(r->expect); /* the first one only */
    ck_assert(!httpd_request(h, 1)->expect);
    ck_assert_uint_eq(deliver_counts(rig.d).requests, 5);
    ck_assert_uint_eq(rig_logged(&rig, "s3cret"), 0);
    free(rig.conf.bearer_file);
    end(h);
}
END_TEST

static void accept(void *ctx, size_t index, const struct httpd_request *r, struct httpd_answer *a)
{
    (void)ctx;
    (void)index;
    (void)r;
    a->body = "{\"text\":\"Success\",\"code\":0}";
}

/* A URL without a path gets the receiver's; one that has a path keeps it. */
START_TEST(a_path_is_added)
{
    static const char *const ends[] = {"", "/", "/?x=y", "/my/hec", "?x=y"};
    static const char *const paths[] = {"/services/collector/event", "/services/collector/event",
                                        "/", "/my/hec", "/"};

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct httpd *h = rig_serve(&rig, CONF_RECEIVER_SPLUNK_HEC, accept, NULL);
        char text[] = "s";

        free(rig.urls[--rig.conf.url.n]);
        rig_url(&rig, httpd_port(h), ends[i]);
        rig.conf.source = rig.conf.sourcetype = text;
        rig_start(&rig);
        ck_assert(rig_add(&rig, "x"));
        rig_finish(&rig);
        ck_assert_str_eq(httpd_request(h, 0)->path, paths[i]);
        end(h);
    }
}
END_TEST

START_TEST(batches_are_compressed)
{
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_NDJSON, NULL, NULL);
    const struct httpd_request *r;
    char text[500], *back = malloc(200000);
    z_stream z = {0};

    memset(text, 'z', sizeof(text));
    text[499] = '\0';
    rig.conf.compress = CONF_COMPRESS_GZIP;
    rig.conf.batch_events = 100;
    rig_start(&rig);
    for (int i = 0; i < 100; i++)
        ck_assert(rig_add(&rig, text));
    rig_finish(&rig);
    r = httpd_request(h, 0);
    ck_assert_uint_eq(httpd_count(h), 1);
    ck_assert_str_eq(r->encoding, "gzip");
    ck_assert_str_eq(r->type, "application/x-ndjson");
    ck_assert_uint_lt(r->len, 5000);
    inflateInit2(&z, 15 + 16);
    z.next_in = (Bytef *)r->body;
    z.avail_in = (uInt)r->len;
    z.next_out = (Bytef *)back;
    z.avail_out = 200000 - 1;
    ck_assert_int_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
    back[z.total_out] = '\0';
    inflateEnd(&z);
    ck_assert_int_eq(strncmp(back, "{\"n\":0,", 7), 0);
    ck_assert_str_eq(back + z.total_out - 4, "z\"}\n");
    free(back);
    end(h);
}
END_TEST

START_TEST(a_user_and_a_configured_type)
{
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_MOZDEF_BULK, NULL, NULL);

    rig_write_file(rig_path(&rig, "user"), "me:pass:word\n");
    rig.conf.user_file = strdup(rig.path);
    rig.headers[rig.conf.header.n++] = strdup("content-type: application/special");
    rig.conf.batch_events = 2;
    rig_start(&rig);
    rig_add(&rig, "a");
    rig_add(&rig, "b");
    rig_finish(&rig);
    ck_assert_str_eq(httpd_request(h, 0)->auth, "Basic bWU6cGFzczp3b3Jk");
    ck_assert_str_eq(httpd_request(h, 0)->type, "application/special");
    ck_assert_str_eq(httpd_request(h, 0)->key, ""); /* MozDef knows none */
    ck_assert_str_eq(httpd_request(h, 0)->body, "{\"index\":{}}\n{\"n\":0,\"t\":\"a\"}\n"
                                                "{\"index\":{}}\n{\"n\":1,\"t\":\"b\"}\n");
    free(rig.conf.user_file);
    end(h);
}
END_TEST

START_TEST(a_proxy_is_used)
{
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_SINGLE, NULL, NULL);

    rig.conf.proxy = rig.urls[0];
    rig.urls[0] = strdup("http://receiver.invalid/in");
    rig_start(&rig);
    rig_add(&rig, "a");
    rig_finish(&rig);
    ck_assert_str_eq(httpd_request(h, 0)->path, "http://receiver.invalid/in");
    free(rig.conf.proxy);
    end(h);
}
END_TEST

START_TEST(as_many_in_flight_as_allowed)
{
    atomic_int open = 0;
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_SINGLE, rig_gated, &open);
    struct pollfd hup = {.events = POLLIN};
    int p[2];

    rig.conf.in_flight = 3;
    rig_start(&rig);
    while (rig_add(&rig, "x"))
        ;
    ck_assert_uint_eq(rig.added, 3 + 1 + 1);
    while (httpd_waiting(h) < 3)
        rig_turn(&rig);
    ck_assert(!deliver_has_room(rig.d));
    ck_assert_uint_eq(rig.n_done, 0);
    ck_assert_uint_eq(httpd_count(h), 3);
    /* The caller's descriptors are watched meanwhile: also one that only hangs up. */
    ck_assert_int_eq(pipe2(p, O_CLOEXEC), 0);
    close(p[1]);
    hup.fd = p[0];
    ck_assert_int_eq(deliver_poll(rig.d, &hup, 1, -1), 0);
    ck_assert_int_ne(hup.revents & POLLHUP, 0);
    close(p[0]);
    atomic_store(&open, 1);
    httpd_open_gate(h);
    rig_finish(&rig);
    ck_assert_uint_eq(httpd_count(h), 5);
    end(h);
}
END_TEST

START_TEST(freed_and_stopped_in_flight)
{
    atomic_int open = 0;
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_SINGLE, rig_gated, &open);

    rig.conf.in_flight = 2;
    rig_start(&rig);
    while (rig_add(&rig, "x"))
        ;
    while (httpd_waiting(h) < 2)
        rig_turn(&rig);
    deliver_stop_sending(rig.d);
    atomic_store(&open, 1);
    httpd_open_gate(h);
    while (deliver_in_flight(rig.d)) /* what is on its way goes on, and nothing new starts */
        rig_turn(&rig);
    ck_assert_uint_eq(rig.n_done, 2);
    ck_assert_uint_eq(httpd_count(h), 2);
    ck_assert(!rig_turn(&rig));
    end(h);

    h = rig_serve(&rig, CONF_RECEIVER_SINGLE, rig_gated, NULL);
    rig.conf.in_flight = 2;
    rig_start(&rig);
    while (rig_add(&rig, "x"))
        ;
    while (httpd_waiting(h) < 2)
        rig_turn(&rig);
    end(h);
    ck_assert_uint_eq(rig.n_done, 0);
}
END_TEST

START_TEST(long_answers_are_cut)
{
    static const struct httpd_answer a[] = {{.status = 503, .fill = 3000000},
                                            {.status = 200, .fill = 300000},
                                            {.status = 200, .fill = 3000000}};
    struct rig_turns turns = {a, 3};
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_SINGLE, rig_in_turn, &turns);

    rig_start(&rig);
    rig_add(&rig, "a");
    rig_finish(&rig);
    rig_add(&rig, "b");
    rig_finish(&rig);
    ck_assert_uint_eq(httpd_count(h), 3);
    ck_assert_uint_eq(rig_logged(&rig, "last: 503: xxxxx"), 1);
    for (const char *line = rig.log, *end_; (end_ = strchr(line, '\n')); line = end_ + 1)
        ck_assert_int_lt(end_ - line, 600);
    end(h);
}
END_TEST

START_TEST(a_new_configuration)
{
    atomic_int open = 0;
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_NDJSON, rig_gated, &open),
                 *second = httpd_new(NULL, NULL, NULL, NULL);
    struct rig *r = &rig;
    struct conf other;
    char url[100], *urls[1] = {url};

    rig.conf.batch_events = 3;
    rig.conf.in_flight = 1;
    rig_start(r);
    for (int i = 0; i < 6; i++)
        ck_assert(rig_add(r, "x"));
    while (httpd_waiting(h) < 1)
        rig_turn(r);
    other = rig.conf;
    other.receiver = CONF_RECEIVER_SINGLE;
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/new", httpd_port(second));
    other.url = (struct conf_list){urls, 1};
    deliver_reconfigure(rig.d, &other);
    memset(&rig.conf, 0xaa, sizeof(rig.conf)); /* the old one is gone */
    deliver_run(rig.d, rig_now(r));
    atomic_store(&open, 1);
    httpd_open_gate(h);
    rig_finish(r);
    ck_assert_uint_eq(httpd_count(h), 1);
    ck_assert_uint_eq(rig_count_events(httpd_request(h, 0)), 3);
    ck_assert_uint_eq(httpd_count(second), 3);
    ck_assert_str_eq(httpd_request(second, 0)->body, "{\"n\":3,\"t\":\"x\"}");
    rig_done(r);
    httpd_free(second);
    httpd_free(h);
}
END_TEST

START_TEST(a_trace_for_the_curious)
{
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_SINGLE, NULL, NULL);

    rig_write_file(rig_path(&rig, "token"), "s3cret");
    rig.conf.bearer_file = strdup(rig.path);
    rig.headers[rig.conf.header.n++] = strdup("X-Extra: t0psecret");
    rig.conf.curl_verbose = true;
    log_set_level(LOG_LEVEL_DEBUG);
    rig_start(&rig);
    rig_add(&rig, "a");
    rig_finish(&rig);
    ck_assert_str_eq(httpd_request(h, 0)->auth, "Bearer s3cret");
    ck_assert_uint_eq(rig_logged(&rig, "curl > POST /events HTTP/1.1"), 1);
    ck_assert_uint_eq(rig_logged(&rig, "curl < HTTP/1.1 200"), 1);
    ck_assert_uint_eq(rig_logged(&rig, "cret"), 0);
    free(rig.conf.bearer_file);
    end(h);
}
END_TEST

UNIT_MAIN("deliver_http", a_request_is_as_it_should_be, a_path_is_added, batches_are_compressed,
          a_user_and_a_configured_type, a_proxy_is_used, as_many_in_flight_as_allowed,
          freed_and_stopped_in_flight, long_answers_are_cut, a_new_configuration,
          a_trace_for_the_curious)
