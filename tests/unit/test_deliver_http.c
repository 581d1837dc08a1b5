/* SPDX-License-Identifier: Apache-2.0 */
/* Delivery against a real server that answers by script. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "rig.h"
#include "unit.h"

static struct rig rig;

/* -- scripts ----------------------------------------------------------------------------------- */

/* Answers in turn; after the last one always 200. */
struct turns {
    const struct httpd_answer *a;
    size_t n;
};

static void in_turn(void *ctx, size_t index, const struct httpd_request *r, struct httpd_answer *a)
{
    const struct turns *turns = ctx;

    (void)r;
    if (index < turns->n)
        *a = turns->a[index];
}

static void gated(void *ctx, size_t index, const struct httpd_request *r, struct httpd_answer *a)
{
    const atomic_int *open = ctx;

    (void)index;
    (void)r;
    a->gate = !open || !atomic_load(open);
}

static unsigned count_events(const struct httpd_request *r)
{
    unsigned n = 0;

    for (const char *p = r->body; (p = strstr(p, "{\"n\":")); p++)
        n++;
    return n;
}

/* 413 for more events than *ctx, 400 for one that says BAD, 500 for one that says POISON. */
static void by_content(void *ctx, size_t index, const struct httpd_request *r,
                       struct httpd_answer *a)
{
    const unsigned *most = ctx;

    (void)index;
    if (most && count_events(r) > *most)
        a->status = 413;
    else if (strstr(r->body, "BAD")) {
        a->status = 400;
        a->body = "mapper_parsing_exception \"x\"";
    } else if (strstr(r->body, "POISON")) {
        a->status = 500;
        a->body = "json decoding failed";
    }
}

static struct httpd *serve(int receiver, httpd_script script, void *ctx)
{
    struct httpd *h = httpd_new(script, ctx, NULL, NULL);

    rig_init(&rig, receiver);
    rig_url(&rig, httpd_port(h), "/events");
    return h;
}

static void end(struct httpd *h)
{
    rig_done(&rig);
    httpd_free(h);
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

/* A port on which nobody listens: bound, so that nobody else gets it. */
static int closed_port(unsigned *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(a);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a, &len), 0);
    *port = ntohs(a.sin_port);
    return fd;
}

/* -- the good case ----------------------------------------------------------------------------- */

START_TEST(a_request_is_as_it_should_be)
{
    struct httpd *h = serve(CONF_RECEIVER_SINGLE, NULL, NULL);
    const struct httpd_request *r;

    write_file(rig_path(&rig, "token"), "s3cret\nsecond line\n");
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
    ck_assert(!r->expect);
    ck_assert_uint_eq(deliver_counts(rig.d).requests, 5);
    ck_assert_uint_eq(rig_logged(&rig, "s3cret"), 0);
    free(rig.conf.bearer_file);
    end(h);
}
END_TEST

START_TEST(batches_are_compressed)
{
    struct httpd *h = serve(CONF_RECEIVER_NDJSON, NULL, NULL);
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
    struct httpd *h = serve(CONF_RECEIVER_MOZDEF_BULK, NULL, NULL);

    write_file(rig_path(&rig, "user"), "me:pass:word\n");
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
    struct httpd *h = serve(CONF_RECEIVER_SINGLE, NULL, NULL);

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
    struct httpd *h = serve(CONF_RECEIVER_SINGLE, gated, &open);
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
    struct httpd *h = serve(CONF_RECEIVER_SINGLE, gated, &open);

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

    h = serve(CONF_RECEIVER_SINGLE, gated, NULL);
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

/* -- what comes back by itself ----------------------------------------------------------------- */

START_TEST(failures_are_tried_again)
{
    static const struct httpd_answer a[] = {{.reset = true}, {.status = 503}, {.status = 500},
                                            {.status = 408}, {.status = 425}, {.status = 429},
                                            {.status = 502}, {.status = 504}};
    struct turns turns = {a, 8};
    struct httpd *h = serve(CONF_RECEIVER_JSON_ARRAY, in_turn, &turns);
    int64_t begin;

    rig.conf.batch_events = 2;
    rig_start(&rig);
    begin = rig.skew;
    rig_add(&rig, "a");
    rig_add(&rig, "b");
    rig_finish(&rig);
    ck_assert_uint_eq(httpd_count(h), 9);
    for (size_t i = 1; i < 9; i++) {
        ck_assert_str_eq(httpd_request(h, i)->body, httpd_request(h, 0)->body);
        ck_assert_str_eq(httpd_request(h, i)->key, httpd_request(h, 0)->key);
    }
    ck_assert_uint_eq(rig_logged(&rig, "/events down since "), 1);
    ck_assert_uint_eq(rig_logged(&rig, "1 try, last: "), 1);
    ck_assert_uint_eq(rig_logged(&rig, "/events up again"), 1);
    ck_assert_uint_eq(rig_logged(&rig, "8 tries"), 1);
    /* 1 + 2 + 4 + 8 + 8 + 8 + 8 + 8 s, a quarter less or more */
    ck_assert_int_gt(rig.skew - begin, 47000 * 3 / 4 - 5000);
    ck_assert_int_lt(rig.skew - begin, 47000 * 5 / 4);
    ck_assert_uint_eq(deliver_counts(rig.d).retries, 8);
    end(h);
}
END_TEST

/* Run at a time of our own until so many tries have failed. */
static void run_at(int64_t now_ms, unsigned retries)
{
    deliver_run(rig.d, now_ms);
    while (rig.d->counts.retries < retries) {
        ck_assert_int_eq(deliver_poll(rig.d, NULL, 0, 50), 0);
        deliver_run(rig.d, now_ms);
    }
}

START_TEST(retry_after_is_obeyed)
{
    char date[64];
    const struct httpd_answer a[] = {
        {.status = 429, .retry_after = "30", .body = "<h1>Gone\nfishing</h1>"},
        {.status = 503, .retry_after = "100000"},
        {.status = 503, .retry_after = date}};
    struct turns turns = {a, 3};
    time_t begun = time(NULL), then = begun + 60;
    struct tm tm;
    struct httpd *h = serve(CONF_RECEIVER_SINGLE, in_turn, &turns);
    int64_t wall;

    ck_assert_uint_gt(
        strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&then, &tm)), 0);
    rig_start(&rig);
    rig_add(&rig, "a");
    run_at(5000, 1);
    ck_assert_int_eq(deliver_next_ms(rig.d), 35000);
    ck_assert_uint_eq(rig_logged(&rig, "1 try, last: 429: Gone fishing"), 1);
    run_at(34999, 1);
    ck_assert_uint_eq(httpd_count(h), 1);
    run_at(35000, 2);
    ck_assert_int_eq(deliver_next_ms(rig.d), 35000 + 80000); /* 10 times retry_max */
    wall = clock_wall_s();
    run_at(35000 + 80000, 3);
    /* The date is a minute ahead of the wall clock. */
    ck_assert_int_ge(deliver_next_ms(rig.d), 115000 + 60000 - 1000 * (clock_wall_s() - begun));
    ck_assert_int_le(deliver_next_ms(rig.d), 115000 + 60000 - 1000 * (wall - begun));
    rig.skew = 1000000;
    rig_finish(&rig);
    end(h);
}
END_TEST

START_TEST(a_time_out_is_tried_again)
{
    atomic_int open = 0;
    struct httpd *h = serve(CONF_RECEIVER_SINGLE, gated, &open);

    rig.conf.timeout = 50;
    rig_start(&rig);
    rig_add(&rig, "a");
    while (rig.d->counts.retries < 2)
        rig_turn(&rig);
    ck_assert_uint_eq(rig_logged(&rig, "timed out"), 1);
    atomic_store(&open, 1);
    rig.conf.timeout = 20000;
    deliver_reconfigure(rig.d, &rig.conf);
    rig_finish(&rig);
    end(h);
}
END_TEST

START_TEST(after_a_failure_one_probe_then_more)
{
    static const struct httpd_answer a[] = {
        {.status = 503, .gate = true}, {.status = 503, .gate = true},
        {.status = 503, .gate = true}, {.status = 503, .gate = true},
        {.status = 200, .gate = true}, {.status = 200, .gate = true},
        {.status = 200, .gate = true}, {.status = 200, .gate = true},
        {.status = 200, .gate = true}};
    struct turns turns = {a, 9};
    struct httpd *h = serve(CONF_RECEIVER_SINGLE, in_turn, &turns);

    rig.conf.in_flight = 4;
    rig_start(&rig);
    while (rig_add(&rig, "x"))
        ;
    while (httpd_waiting(h) < 4)
        rig_turn(&rig);
    httpd_open_gate(h);
    while (rig.d->n_sent)
        rig_turn(&rig);
    ck_assert_uint_eq(rig.d->endpoints[0].retry.failures, 1); /* they failed together */
    while (httpd_waiting(h) < 1)
        rig_turn(&rig);
    deliver_run(rig.d, rig_now(&rig) + 1000000);
    ck_assert_uint_eq(rig.d->n_sent, 1);
    httpd_open_gate(h);
    rig_until_done(&rig, 1);
    while (httpd_waiting(h) < 2)
        rig_turn(&rig);
    deliver_run(rig.d, rig_now(&rig));
    ck_assert_uint_eq(rig.d->n_sent, 2);
    httpd_open_gate(h);
    rig_until_done(&rig, 3);
    while (rig_add(&rig, "x"))
        ;
    deliver_run(rig.d, rig_now(&rig));
    ck_assert_uint_eq(rig.d->n_sent, 4);
    while (!deliver_idle(rig.d)) {
        httpd_open_gate(h);
        rig_turn(&rig);
    }
    end(h);
}
END_TEST

START_TEST(another_url_takes_over_and_gives_back)
{
    static const struct httpd_answer a[] = {{.status = 503}, {.status = 503}};
    struct turns turns = {a, 2};
    struct httpd *h = serve(CONF_RECEIVER_SINGLE, in_turn, &turns),
                 *second = httpd_new(NULL, NULL, NULL, NULL);
    unsigned port;
    int fd = closed_port(&port);

    rig_url(&rig, port, "/nobody");
    rig_url(&rig, httpd_port(second), "/second?key=hidden");
    rig_start(&rig);
    rig_add(&rig, "a");
    while (rig.n_done < 1) { /* without a wait: the clock does not jump */
        deliver_run(rig.d, 1000);
        ck_assert_int_eq(deliver_poll(rig.d, NULL, 0, 50), 0);
    }
    ck_assert_uint_eq(httpd_count(h), 1);
    ck_assert_uint_eq(httpd_count(second), 1);
    ck_assert_uint_eq(rig_logged(&rig, "down since"), 2);
    rig_add(&rig, "b");
    while (rig.n_done < 2) {
        deliver_run(rig.d, 1000);
        ck_assert_int_eq(deliver_poll(rig.d, NULL, 0, 50), 0);
    }
    ck_assert_uint_eq(httpd_count(second), 2);
    ck_assert_uint_eq(httpd_count(h), 1);
    /* When the first one's back-off is over it is asked again: it fails, and then it does not. */
    rig_add(&rig, "c");
    while (rig.n_done < 3) {
        deliver_run(rig.d, 10000);
        ck_assert_int_eq(deliver_poll(rig.d, NULL, 0, 50), 0);
    }
    ck_assert_uint_eq(httpd_count(h), 2);
    ck_assert_uint_eq(httpd_count(second), 3);
    rig_add(&rig, "d");
    while (rig.n_done < 4) {
        deliver_run(rig.d, 100000);
        ck_assert_int_eq(deliver_poll(rig.d, NULL, 0, 50), 0);
    }
    ck_assert_uint_eq(httpd_count(h), 3);
    ck_assert_uint_eq(httpd_count(second), 3);
    ck_assert_uint_eq(rig_logged(&rig, "up again"), 1);
    ck_assert_uint_eq(rig_logged(&rig, "hidden"), 0);
    close(fd);
    httpd_free(second);
    end(h);
}
END_TEST

START_TEST(long_answers_are_cut)
{
    static const struct httpd_answer a[] = {{.status = 503, .fill = 3000000},
                                            {.status = 200, .fill = 300000},
                                            {.status = 200, .fill = 3000000}};
    struct turns turns = {a, 3};
    struct httpd *h = serve(CONF_RECEIVER_SINGLE, in_turn, &turns);

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

/* -- too large, refused ------------------------------------------------------------------------ */

START_TEST(too_large_is_halved)
{
    unsigned most = 3;
    struct httpd *h = serve(CONF_RECEIVER_NDJSON, by_content, &most);

    rig.conf.batch_events = 20;
    rig_start(&rig);
    for (int i = 0; i < 20; i++)
        rig_add(&rig, "x");
    rig_finish(&rig);
    for (unsigned i = 0; i < 20; i++) {
        ck_assert_uint_eq(rig.order[i], i);
        ck_assert_uint_eq(rig.how[i], DELIVER_DELIVERED);
    }
    ck_assert_uint_eq(rig.n_sealed, 1); /* halves are not journalled again */
    ck_assert_uint_eq(rig_logged(&rig, "down"), 0);
    end(h);

    most = 0;
    h = serve(CONF_RECEIVER_NDJSON, by_content, &most);
    rig_start(&rig);
    rig_add(&rig, "x");
    rig_finish(&rig);
    ck_assert_uint_eq(rig.how[0], DELIVER_REJECTED);
    ck_assert_ptr_nonnull(strstr(rig_dead(&rig), "\"reason\":\"too large for the receiver\""));
    ck_assert_ptr_nonnull(strstr(rig_dead(&rig), "\"status\":413"));
    end(h);
}
END_TEST

START_TEST(the_bad_event_is_found)
{
    struct httpd *h = serve(CONF_RECEIVER_JSON_ARRAY, by_content, NULL);

    rig.conf.batch_events = 50;
    rig_start(&rig);
    for (int i = 0; i < 50; i++)
        rig_add(&rig, i == 17 || i == 42 ? "BAD" : "good");
    rig_finish(&rig);
    for (unsigned i = 0; i < 50; i++)
        ck_assert_uint_eq(rig.how[i], i == 17 || i == 42 ? DELIVER_REJECTED : DELIVER_DELIVERED);
    ck_assert_uint_lt(httpd_count(h), 30);
    ck_assert_ptr_nonnull(strstr(rig_dead(&rig), "\"id\":\"e17\",\"status\":400,"
                                                 "\"answer\":\"mapper_parsing_exception \\\"x\\\"\""
                                                 ",\"event\":{\"n\":17,\"t\":\"BAD\"}}\n"));
    ck_assert_ptr_nonnull(strstr(rig_dead(&rig), "\"id\":\"e42\""));
    ck_assert_uint_eq(rig_logged(&rig, "dead letters"), 1); /* the second within a minute */
    ck_assert_uint_eq(deliver_counts(rig.d).rejected, 2);
    ck_assert_uint_eq(deliver_counts(rig.d).delivered, 48);
    end(h);
}
END_TEST

static void gated_content(void *ctx, size_t index, const struct httpd_request *r,
                          struct httpd_answer *a)
{
    by_content(NULL, index, r, a);
    gated(ctx, index, r, a);
}

START_TEST(dead_letters_that_cannot_be_written)
{
    atomic_int open = 0;
    enum { FDS = 100 };
    int fds[FDS + 1], n_fds = 0;
    struct rlimit limit, none;
    struct httpd *h = serve(CONF_RECEIVER_SINGLE, gated_content, &open);

    rig.conf.in_flight = 2;
    rig_start(&rig);
    rig_add(&rig, "BAD");
    rig_add(&rig, "BAD");
    rig_add(&rig, "good");
    while (httpd_waiting(h) < 2)
        rig_turn(&rig);
    /* What is open goes on, and nothing else can be opened. */
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = FDS;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    while ((fds[n_fds] = dup(STDIN_FILENO)) >= 0)
        n_fds++;
    atomic_store(&open, 1);
    httpd_open_gate(h);
    while (rig.n_done < 1 || !rig.d->dead_failing) {
        deliver_run(rig.d, rig_now(&rig));
        sched_yield();
    }
    for (int i = 0; i < 20; i++)
        rig_turn(&rig);
    ck_assert_uint_eq(rig.n_done, 1);
    ck_assert_uint_eq(rig.done[2], 1);
    ck_assert_uint_eq(rig_logged(&rig, "cannot be written: Too many open files"), 1);
    while (n_fds)
        close(fds[--n_fds]);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    rig_finish(&rig);
    ck_assert_uint_eq(rig.how[0], DELIVER_REJECTED);
    ck_assert_uint_eq(rig.how[1], DELIVER_REJECTED);
    ck_assert_uint_eq(rig_logged(&rig, "can be written again"), 1);
    ck_assert_uint_eq(httpd_count(h), 3);
    end(h);
}
END_TEST

START_TEST(an_event_that_breaks_mozdef)
{
    const unsigned batches[] = {1, 8};

    for (size_t k = 0; k < 2; k++)
        for (unsigned in_flight = 1; in_flight <= 3; in_flight += 2) {
            struct httpd *h =
                serve(k ? CONF_RECEIVER_MOZDEF_BULK : CONF_RECEIVER_MOZDEF, by_content, NULL);

            rig.conf.batch_events = batches[k];
            rig.conf.in_flight = in_flight;
            rig_start(&rig);
            /* Traffic goes on: without it nothing could show that the receiver works. */
            while (!rig.done[2] || !rig.done[3]) {
                ck_assert_uint_lt(rig.added, 200);
                while (rig_add(&rig, rig.added == 2 || rig.added == 3 ? "POISON" : "good"))
                    ;
                rig_turn(&rig);
            }
            rig_finish(&rig);
            for (unsigned i = 0; i < rig.added; i++)
                ck_assert_uint_eq(rig.how[i],
                                  i == 2 || i == 3 ? DELIVER_REJECTED : DELIVER_DELIVERED);
            ck_assert_ptr_nonnull(strstr(rig_dead(&rig), "500 five times"));
            ck_assert_ptr_nonnull(strstr(rig_dead(&rig), "json decoding failed"));
            end(h);
        }
}
END_TEST

static atomic_int broken;
static void always_500(void *ctx, size_t index, const struct httpd_request *r,
                       struct httpd_answer *a)
{
    (void)ctx;
    (void)index;
    (void)r;
    a->status = atomic_load(&broken) ? 500 : 200;
}

START_TEST(a_broken_mozdef_costs_no_event)
{
    struct httpd *h = serve(CONF_RECEIVER_MOZDEF, always_500, NULL);
    size_t i = 0, first = 0, others = 0;

    atomic_store(&broken, 1);
    rig_start(&rig);
    while (rig_add(&rig, "x"))
        ;
    while (rig.d->counts.retries < 30)
        rig_turn(&rig);
    for (i = 0; i < 5; i++) /* five tries in order, and then every other one is a probe */
        ck_assert_ptr_nonnull(strstr(httpd_request(h, i)->body, "\"n\":0,"));
    for (; i < 15; i++)
        if (strstr(httpd_request(h, i)->body, "\"n\":0,"))
            first++;
        else
            others++;
    ck_assert_uint_eq(first, 5);
    ck_assert_uint_eq(others, 5);
    atomic_store(&broken, 0);
    rig_finish(&rig);
    for (i = 0; i < rig.added; i++)
        ck_assert_uint_eq(rig.how[i], DELIVER_DELIVERED);
    ck_assert_str_eq(rig_dead(&rig), "");
    end(h);
}
END_TEST

/* -- the operator's to mend -------------------------------------------------------------------- */

START_TEST(what_holds_is_said_once)
{
    static const struct {
        unsigned status;
        const char *say;
    } t[] = {{401, "bearer_file"}, {403, "may not write"}, {404, "correct the path"},
             {301, "redirects"},   {308, "redirects"},     {304, "redirects"}};

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct httpd_answer a[5];
        struct turns turns = {a, 5};
        struct httpd *h;
        int64_t begin;

        for (size_t k = 0; k < 5; k++)
            a[k] = (struct httpd_answer){.status = t[i].status};
        h = serve(CONF_RECEIVER_MOZDEF, in_turn, &turns);
        rig_start(&rig);
        begin = rig.skew;
        rig_add(&rig, "a");
        rig_finish(&rig);
        ck_assert_uint_eq(httpd_count(h), 6);
        ck_assert_uint_eq(rig.how[0], DELIVER_DELIVERED);
        ck_assert_uint_eq(rig_logged(&rig, "takes nothing"), 1);
        ck_assert_uint_eq(rig_logged(&rig, t[i].say), 1);
        ck_assert_uint_eq(rig_logged(&rig, "up again"), 1);
        ck_assert_int_gt(rig.skew - begin, 5 * 6000 - 5000); /* at retry_max */
        end(h);
    }
}
END_TEST

static void only_new_token(void *ctx, size_t index, const struct httpd_request *r,
                           struct httpd_answer *a)
{
    (void)ctx;
    (void)index;
    a->status = strcmp(r->auth, "Bearer new") == 0 ? 200 : 401;
}

START_TEST(a_mended_secret_counts_without_a_reload)
{
    struct httpd *h = serve(CONF_RECEIVER_SINGLE, only_new_token, NULL);

    write_file(rig_path(&rig, "token"), "old\n");
    rig.conf.bearer_file = strdup(rig.path);
    rig_start(&rig);
    rig_add(&rig, "a");
    while (httpd_count(h) < 2)
        rig_turn(&rig);
    unlink(rig.conf.bearer_file);
    while (!rig_logged(&rig, "No such file"))
        rig_turn(&rig);
    write_file(rig.conf.bearer_file, "new\n");
    rig_finish(&rig);
    free(rig.conf.bearer_file);
    end(h);
}
END_TEST

START_TEST(a_url_that_is_none)
{
    static const char *const urls[] = {"ftp://127.0.0.1/x", "http://", "http://[::1/x",
                                       "file:///etc/passwd"};

    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        rig_init(&rig, CONF_RECEIVER_SINGLE);
        rig.urls[rig.conf.url.n++] = strdup(urls[i]);
        rig_start(&rig);
        rig_add(&rig, "a");
        for (int k = 0; k < 4; k++)
            rig_turn(&rig);
        ck_assert_uint_eq(rig.n_done, 0);
        ck_assert_msg(rig_logged(&rig, "takes nothing") == 1, "%s: %s", urls[i], rig.log);
        rig_done(&rig);
    }
}
END_TEST

START_TEST(a_new_configuration)
{
    atomic_int open = 0;
    struct httpd *h = serve(CONF_RECEIVER_NDJSON, gated, &open),
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
    ck_assert_uint_eq(count_events(httpd_request(h, 0)), 3);
    ck_assert_uint_eq(httpd_count(second), 3);
    ck_assert_str_eq(httpd_request(second, 0)->body, "{\"n\":3,\"t\":\"x\"}");
    rig_done(r);
    httpd_free(second);
    httpd_free(h);
}
END_TEST

START_TEST(a_trace_for_the_curious)
{
    struct httpd *h = serve(CONF_RECEIVER_SINGLE, NULL, NULL);

    write_file(rig_path(&rig, "token"), "s3cret");
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

UNIT_MAIN("deliver_http", a_request_is_as_it_should_be, batches_are_compressed,
          a_user_and_a_configured_type, a_proxy_is_used, as_many_in_flight_as_allowed,
          freed_and_stopped_in_flight, failures_are_tried_again, retry_after_is_obeyed,
          a_time_out_is_tried_again, after_a_failure_one_probe_then_more,
          another_url_takes_over_and_gives_back, long_answers_are_cut, too_large_is_halved,
          the_bad_event_is_found, dead_letters_that_cannot_be_written, an_event_that_breaks_mozdef,
          a_broken_mozdef_costs_no_event, what_holds_is_said_once,
          a_mended_secret_counts_without_a_reload, a_url_that_is_none, a_new_configuration,
          a_trace_for_the_curious)
