/* SPDX-License-Identifier: Apache-2.0 */
/* Receivers that come back by themselves, and those that the operator must correct. */
#include "config.h"

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "rig.h"
#include "unit.h"

static struct rig rig;

static void end(struct httpd *h)
{
    rig_done(&rig);
    httpd_free(h);
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

/* Run at a time of our own until so many tries have failed. */
static void run_at(int64_t now_ms, unsigned retries)
{
    deliver_run(rig.d, now_ms);
    while (rig.d->counts.retries < retries) {
        ck_assert_int_eq(deliver_poll(rig.d, NULL, 0, 50), 0);
        deliver_run(rig.d, now_ms);
    }
}

static void only_new_token(void *ctx, size_t index, const struct httpd_request *r,
                           struct httpd_answer *a)
{
    (void)ctx;
    (void)index;
    a->status = strcmp(r->auth, "Bearer new") == 0 ? 200 : 401;
}

START_TEST(failures_are_tried_again)
{
    static const struct httpd_answer a[] = {{.reset = true}, {.status = 503}, {.status = 500},
                                            {.status = 408}, {.status = 425}, {.status = 429},
                                            {.status = 502}, {.status = 504}};
    struct rig_turns turns = {a, 8};
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_JSON_ARRAY, rig_in_turn, &turns);
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

START_TEST(retry_after_is_obeyed)
{
    char date[64];
    const struct httpd_answer a[] = {
        {.status = 429, .retry_after = "30", .body = "<h1>Gone\nfishing</h1>"},
        {.status = 503, .retry_after = "100000"},
        {.status = 503, .retry_after = date}};
    struct rig_turns turns = {a, 3};
    time_t begun = time(NULL), then = begun + 60;
    struct tm tm;
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_SINGLE, rig_in_turn, &turns);
    int64_t wall;

    ck_assert_uint_gt(
        strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&then, &tm)), 0);
    rig_start(&rig);
    rig_add(&rig, "a");
    run_at(5000, 1);
    ck_assert(!deliver_receiver_up(rig.d));
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
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_SINGLE, rig_gated, &open);

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
    struct rig_turns turns = {a, 9};
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_SINGLE, rig_in_turn, &turns);

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
    struct rig_turns turns = {a, 2};
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_SINGLE, rig_in_turn, &turns),
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
    while (deliver_counts(rig.d).failures < 3) {
        deliver_run(rig.d, 10000);
        ck_assert_int_eq(deliver_poll(rig.d, NULL, 0, 50), 0);
    }
    ck_assert(deliver_receiver_up(rig.d)); /* the second one */
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

START_TEST(what_holds_is_said_once)
{
    static const struct {
        unsigned status;
        const char *say;
    } t[] = {{401, "bearer_file"},      {403, "not permitted to write"},
             {404, "correct the path"}, {301, "redirects"},
             {308, "redirects"},        {304, "redirects"}};

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct httpd_answer a[5];
        struct rig_turns turns = {a, 5};
        struct httpd *h;
        int64_t begin;

        for (size_t k = 0; k < 5; k++)
            a[k] = (struct httpd_answer){.status = t[i].status};
        h = rig_serve(&rig, CONF_RECEIVER_MOZDEF, rig_in_turn, &turns);
        rig_start(&rig);
        begin = rig.skew;
        rig_add(&rig, "a");
        rig_finish(&rig);
        ck_assert_uint_eq(httpd_count(h), 6);
        ck_assert_uint_eq(rig.how[0], DELIVER_DELIVERED);
        ck_assert_uint_eq(rig_logged(&rig, "accepted nothing"), 1);
        ck_assert_uint_eq(rig_logged(&rig, t[i].say), 1);
        ck_assert_uint_eq(rig_logged(&rig, "up again"), 1);
        ck_assert_int_gt(rig.skew - begin, 5 * 6000 - 5000); /* at retry_max */
        end(h);
    }
}
END_TEST

START_TEST(a_corrected_secret_counts_without_a_reload)
{
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_SINGLE, only_new_token, NULL);

    rig_write_file(rig_path(&rig, "token"), "old\n");
    rig.conf.bearer_file = strdup(rig.path);
    rig_start(&rig);
    rig_add(&rig, "a");
    while (httpd_count(h) < 2)
        rig_turn(&rig);
    unlink(rig.conf.bearer_file);
    while (!rig_logged(&rig, "No such file"))
        rig_turn(&rig);
    rig_write_file(rig.conf.bearer_file, "new\n");
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
        ck_assert_msg(rig_logged(&rig, "accepted nothing") == 1, "%s: %s", urls[i], rig.log);
        rig_done(&rig);
    }
}
END_TEST

/* audisp-json called every answer but 200 an error. */
START_TEST(defect_201_202_204_are_errors)
{
    static const struct httpd_answer a[] = {{.status = 201}, {.status = 202}, {.status = 204}};
    struct rig_turns turns = {a, 3};
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_SINGLE, rig_in_turn, &turns);

    rig_start(&rig);
    for (int i = 0; i < 3; i++)
        rig_add(&rig, "a");
    rig_finish(&rig);
    ck_assert_uint_eq(httpd_count(h), 3);
    ck_assert_uint_eq(deliver_counts(rig.d).retries, 0);
    for (int i = 0; i < 3; i++) {
        ck_assert_uint_eq(rig.done[i], 1);
        ck_assert_int_eq(rig.how[i], OUTCOME_DELIVERED);
    }
    ck_assert_str_eq(rig.log, "");
    end(h);
}
END_TEST

/* It forgot the event and said nothing: 5xx, a connection that breaks or is refused, time-outs. */
START_TEST(defect_failures_lose_the_event)
{
    static const struct httpd_answer a[] = {
        {.status = 500}, {.status = 502}, {.status = 503}, {.status = 504}, {.reset = true}};
    struct rig_turns turns = {a, 5};
    struct httpd *h = httpd_new(rig_in_turn, &turns, NULL, NULL);
    unsigned port;
    int fd = closed_port(&port);

    rig_init(&rig, CONF_RECEIVER_SINGLE);
    rig_url(&rig, port, "/refused");
    rig_start(&rig);
    rig_add(&rig, "a");
    while (rig.d->counts.retries < 3)
        rig_turn(&rig);
    ck_assert_uint_eq(rig.n_done, 0); /* still ours */
    ck_assert_uint_eq(rig_logged(&rig, "/refused down since "), 1);
    free(rig.urls[0]);
    rig.conf.url.n = 0;
    rig_url(&rig, httpd_port(h), "/events");
    deliver_reconfigure(rig.d, &rig.conf);
    rig_finish(&rig);
    ck_assert_uint_eq(httpd_count(h), 6);
    ck_assert_uint_eq(rig.done[0], 1);
    ck_assert_int_eq(rig.how[0], OUTCOME_DELIVERED);
    close(fd);
    end(h);
}
END_TEST

UNIT_MAIN("deliver_retry", defect_201_202_204_are_errors, defect_failures_lose_the_event,
          failures_are_tried_again, retry_after_is_obeyed, a_time_out_is_tried_again,
          after_a_failure_one_probe_then_more, another_url_takes_over_and_gives_back,
          what_holds_is_said_once, a_corrected_secret_counts_without_a_reload, a_url_that_is_none)
