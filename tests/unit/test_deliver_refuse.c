/* SPDX-License-Identifier: Apache-2.0 */
/* What a receiver does not take: too large, bad, or said to be. */
#include "config.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "rig.h"
#include "unit.h"

static struct rig rig;

static void end(struct httpd *h)
{
    rig_done(&rig);
    httpd_free(h);
}

static void gated_content(void *ctx, size_t index, const struct httpd_request *r,
                          struct httpd_answer *a)
{
    rig_by_content(NULL, index, r, a);
    rig_gated(ctx, index, r, a);
}

static atomic_int broken;
static void always_500(void *ctx, size_t index, const struct httpd_request *r,
                       struct httpd_answer *a)
{
    (void)ctx;
    (void)index;
    (void)r;
    a->status = atomic_load(&broken) ? 500 : 200;
}

START_TEST(too_large_is_halved)
{
    unsigned most = 3;
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_NDJSON, rig_by_content, &most);

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
    h = rig_serve(&rig, CONF_RECEIVER_NDJSON, rig_by_content, &most);
    rig_start(&rig);
    rig_add(&rig, "x");
    for (int i = 0; i < 20; i++)
        rig_turn(&rig);
    ck_assert_uint_eq(rig.n_done, 0); /* nothing else was accepted */
    ck_assert_uint_eq(rig_logged(&rig, "it refuses every event as too large"), 1);
    most = 1;
    rig_finish(&rig);
    ck_assert_uint_eq(rig.how[0], DELIVER_DELIVERED);
    ck_assert_str_eq(rig_dead(&rig), "");
    end(h);
}
END_TEST

START_TEST(the_bad_event_is_found)
{
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_JSON_ARRAY, rig_by_content, NULL);

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
    ck_assert_uint_eq(deliver_counts(rig.d).batches, 1);
    ck_assert_uint_eq(deliver_counts(rig.d).requests, httpd_count(h));
    ck_assert_uint_eq(deliver_counts(rig.d).failures, deliver_counts(rig.d).splits + 4);
    ck_assert(deliver_receiver_up(rig.d));
    end(h);
}
END_TEST

START_TEST(dead_letters_that_cannot_be_written)
{
    atomic_int open = 0;
    enum { FDS = 100 };
    int fds[FDS + 1], n_fds = 0;
    struct rlimit limit, none;
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_SINGLE, gated_content, &open);

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
        ck_assert_int_eq(deliver_poll(rig.d, NULL, 0, 5), 0);
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
    ck_assert_uint_eq(rig_logged(&rig, "letters: writable again"), 1);
    /* Each bad one twice, the other one in between (a second time, as a canary). */
    ck_assert_uint_ge(httpd_count(h), 5);
    ck_assert_uint_le(httpd_count(h), 6);
    end(h);
}
END_TEST

/* Refused events wait for room in the dead letters, and the others go on. */
START_TEST(dead_letters_at_their_bound)
{
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_NDJSON, rig_by_content, NULL);
    static char text[400] = "BAD";
    char path[128];
    int64_t from;

    memset(text + 3, 'x', sizeof(text) - 4);
    rig_start(&rig);
    deadletter_free(rig.dead);
    ck_assert_int_eq(deadletter_new(rig_path(&rig, "dead"), 1000, 2, &rig.dead), 0);
    deadletter_set_hold(rig.dead, true);
    rig.d->dead = rig.dead;
    while (rig.added < 6) {
        if (!rig_add(&rig, rig.added < 2 ? "x" : text))
            rig_turn(&rig);
    }
    while (!rig_logged(&rig, "deadletter_bytes is reached"))
        rig_turn(&rig);
    from = rig.skew;
    while (rig_logged(&rig, "deadletter_bytes is reached") < 3)
        rig_turn(&rig);
    ck_assert_int_ge(rig.skew - from, 1200000 - 10000);
    ck_assert_uint_eq(rig.n_done, 4); /* two of each */
    ck_assert_uint_eq(deadletter_counts(rig.dead).dropped_entries, 0);
    snprintf(path, sizeof(path), "%s/dead/0000000001.json", rig.dir);
    ck_assert_int_eq(unlink(path), 0);
    snprintf(path, sizeof(path), "%s/dead/0000000002.json", rig.dir);
    ck_assert_int_eq(unlink(path), 0);
    rig_finish(&rig);
    for (unsigned i = 0; i < 6; i++)
        ck_assert_uint_eq(rig.how[i], i < 2 ? DELIVER_DELIVERED : DELIVER_REJECTED);
    ck_assert_uint_eq(rig_logged(&rig, "letters: writable again"), 1);
    end(h);
}
END_TEST

START_TEST(an_event_that_breaks_mozdef)
{
    const unsigned batches[] = {1, 8};

    for (size_t k = 0; k < 2; k++)
        for (unsigned in_flight = 1; in_flight <= 3; in_flight += 2) {
            struct httpd *h = rig_serve(&rig, k ? CONF_RECEIVER_MOZDEF_BULK : CONF_RECEIVER_MOZDEF,
                                        rig_by_content, NULL);

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

START_TEST(a_broken_mozdef_costs_no_event)
{
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_MOZDEF, always_500, NULL);
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

UNIT_MAIN("deliver_refuse", too_large_is_halved, the_bad_event_is_found,
          dead_letters_that_cannot_be_written, dead_letters_at_their_bound,
          an_event_that_breaks_mozdef, a_broken_mozdef_costs_no_event)
