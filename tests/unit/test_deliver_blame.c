/* SPDX-License-Identifier: Apache-2.0 */
/* Who is to blame for a refusal: an event, or a receiver that refuses everything. */
#include "config.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "rig.h"
#include "unit.h"

static struct rig rig;

/* A receiver: everything gets `all` (0: by content); one event of the run, the index-th request,
 * may be refused by whim. */
static struct world {
    atomic_uint all;
    atomic_uint from;  /* everything from the from-th request on gets `then` */
    atomic_uint then;  /* until it is 0 */
    atomic_uint whim;  /* one request: its number + 1 */
    atomic_uint again; /* status for an event that it has taken already; 0: 200 */
    char taken[RIG_EVENTS];
} world, other_world;

static void serve(void *ctx, size_t index, const struct httpd_request *r, struct httpd_answer *a)
{
    struct world *w = ctx;
    unsigned n, then = atomic_load(&w->then);

    a->status = atomic_load(&w->all) ? atomic_load(&w->all) : 200;
    if (then && index >= atomic_load(&w->from))
        a->status = then;
    if (index + 1 == atomic_load(&w->whim))
        a->status = 422;
    if (a->status != 200)
        return;
    if (strstr(r->body, "LARGE"))
        a->status = 413;
    else if (strstr(r->body, "BAD"))
        a->status = 400;
    if (a->status != 200)
        return;
    for (const char *p = r->body; (p = strstr(p, "{\"n\":")); p++) {
        if (sscanf(p + 5, "%u", &n) != 1 || n >= RIG_EVENTS)
            continue;
        if (w->taken[n] && atomic_load(&w->again))
            a->status = atomic_load(&w->again);
        w->taken[n] = 1;
    }
}

static struct httpd *begin(int row, unsigned in_flight)
{
    struct httpd *h;

    memset(&world, 0, sizeof(world));
    memset(&other_world, 0, sizeof(other_world));
    h = rig_serve(&rig, row, serve, &world);
    rig.conf.in_flight = in_flight;
    return h;
}

static void end(struct httpd *h)
{
    rig_done(&rig);
    httpd_free(h);
}

static void fill(const char *text)
{
    while (rig_add(&rig, text))
        ;
}

/* Turns until so many requests have been answered. */
static void until_requests(struct httpd *h, size_t n)
{
    for (unsigned i = 0; httpd_count(h) < n; i++) {
        ck_assert_msg(i < 100000, "only %zu requests:\n%s", httpd_count(h), rig.log);
        ck_assert(rig_turn(&rig));
    }
    while (rig.d->n_sent)
        rig_turn(&rig);
}

static void all_delivered(void)
{
    rig_finish(&rig);
    for (unsigned i = 0; i < rig.added; i++)
        ck_assert_uint_eq(rig.how[i], DELIVER_DELIVERED);
    ck_assert_str_eq(rig_dead(&rig), "");
    ck_assert(deliver_receiver_up(rig.d));
}

static const unsigned refusals[] = {400, 405, 410, 413, 415, 422};
#define N_REFUSALS (sizeof(refusals) / sizeof(refusals[0]))

/* Since the start: nobody is to blame but the receiver. */
START_TEST(who_refuses_everything_is_held)
{
    for (unsigned k = 0; k < 2 * N_REFUSALS; k++) {
        unsigned status = refusals[k % N_REFUSALS];
        struct httpd *h =
            begin(k < N_REFUSALS ? CONF_RECEIVER_SINGLE : CONF_RECEIVER_NDJSON, k % 2 ? 1 : 4);

        rig.conf.batch_events = 10;
        atomic_store(&world.all, status);
        rig_start(&rig);
        fill("x");
        for (unsigned i = 0; i < 40; i++) {
            until_requests(h, httpd_count(h) + 1);
            fill("x");
        }
        ck_assert_uint_eq(rig.n_done, 0);
        ck_assert_uint_eq(deliver_counts(rig.d).rejected, 0);
        ck_assert_str_eq(rig_dead(&rig), "");
        ck_assert(!deliver_receiver_up(rig.d));
        ck_assert_uint_eq(rig_logged(&rig, "accepted nothing since"), 1);
        ck_assert_uint_eq(rig_logged(&rig, "to fix it: it refuses every event"), 1);
        atomic_store(&world.all, 0);
        all_delivered();
        end(h);
    }
}
END_TEST

/* After others were accepted: one that was is sent again, and then it is known. */
START_TEST(the_canary_tells)
{
    for (unsigned k = 0; k < 2 * N_REFUSALS; k++) {
        struct httpd *h = begin(CONF_RECEIVER_SINGLE, k < N_REFUSALS ? 1 : 4);
        size_t before;

        rig_start(&rig);
        for (int i = 0; i < 20; i++) {
            ck_assert(rig_add(&rig, "x"));
            rig_until_done(&rig, rig.added);
        }
        before = httpd_count(h);
        ck_assert_uint_eq(before, 20); /* no canary without need */
        atomic_store(&world.all, refusals[k % N_REFUSALS]);
        fill("y");
        while (deliver_receiver_up(rig.d))
            rig_turn(&rig);
        ck_assert_uint_le(httpd_count(h) - before, k < N_REFUSALS ? 2 : 8);
        until_requests(h, before + 30);
        ck_assert_uint_eq(rig.n_done, 20);
        ck_assert_uint_eq(rig_logged(&rig, "accepted nothing since"), 1);
        atomic_store(&world.all, 0);
        all_delivered();
        for (unsigned i = 1; k < N_REFUSALS && i < rig.added; i++)
            ck_assert_uint_eq(rig.order[i], i);
        end(h);
    }
}
END_TEST

/* Whatever the moment from which it refuses everything, beside events that are bad. */
START_TEST(it_breaks_at_any_moment)
{
    for (unsigned k = 0; k < 36; k++) {
        struct httpd *h = begin(k % 3 ? CONF_RECEIVER_NDJSON : CONF_RECEIVER_SINGLE, 1 + k % 4);

        rig.conf.batch_events = 1 + k % 7;
        atomic_store(&world.from, 2 + k);
        atomic_store(&world.then, refusals[k % N_REFUSALS]);
        rig_start(&rig);
        for (unsigned i = 0; i < 60 || httpd_count(h) < 2 + k + 10; i++) {
            while (rig.added < 200 && rig_add(&rig, rig.added % 11 == 5 ? "BAD" : "x"))
                ;
            deliver_flush(rig.d);
            rig_turn(&rig);
        }
        for (unsigned i = 0; i < rig.added; i++)
            ck_assert(!rig.done[i] || (rig.how[i] == DELIVER_REJECTED) == (i % 11 == 5));
        ck_assert(!deliver_receiver_up(rig.d));
        atomic_store(&world.then, 0);
        while (!rig_add(&rig, "x"))
            rig_turn(&rig);
        rig_finish(&rig);
        for (unsigned i = 0; i + 1 < rig.added; i++)
            ck_assert_uint_eq(rig.how[i], i % 11 == 5 ? DELIVER_REJECTED : DELIVER_DELIVERED);
        end(h);
    }
}
END_TEST

START_TEST(poison_may_come_first)
{
    for (unsigned in_flight = 1; in_flight <= 4; in_flight += 3)
        for (unsigned bad = 1; bad < 30; bad += 9) {
            struct httpd *h = begin(CONF_RECEIVER_SINGLE, in_flight);

            rig_start(&rig);
            while (rig.added < bad)
                if (!rig_add(&rig, "BAD"))
                    rig_turn(&rig);
            while (bad >= 8 && rig_logged(&rig, "accepted nothing") == 0)
                rig_turn(&rig);
            for (unsigned i = 0; i < 3; i++)
                while (!rig_add(&rig, "x"))
                    rig_turn(&rig);
            rig_finish(&rig);
            for (unsigned i = 0; i < rig.added; i++)
                ck_assert_uint_eq(rig.how[i], i < bad ? DELIVER_REJECTED : DELIVER_DELIVERED);
            /* More in a row than can be told from a receiver that refuses all. */
            ck_assert_uint_eq(rig_logged(&rig, "accepted nothing"), bad >= 8);
            end(h);
        }
}
END_TEST

/* Nothing else is there to try: it waits, and is judged as soon as there is, back-off or not. */
START_TEST(a_lonely_one_waits_for_another)
{
    struct httpd *h = begin(CONF_RECEIVER_SINGLE, 1);
    int64_t now;

    rig_start(&rig);
    rig_add(&rig, "BAD");
    until_requests(h, 4);
    ck_assert_uint_eq(rig.n_done, 0);
    ck_assert(!deliver_receiver_up(rig.d));
    ck_assert_uint_eq(rig_logged(&rig, "accepted nothing"), 1);
    now = rig_now(&rig);
    rig_add(&rig, "x");
    for (unsigned i = 0; rig.n_done < 2; i++) { /* the clock stands still */
        ck_assert_uint_lt(i, 10000);
        deliver_run(rig.d, now);
        ck_assert_int_eq(deliver_poll(rig.d, NULL, 0, 5), 0);
    }
    ck_assert_uint_eq(rig.how[0], DELIVER_REJECTED);
    ck_assert_uint_eq(rig.how[1], DELIVER_DELIVERED);
    ck_assert_uint_le(httpd_count(h), 7);
    ck_assert_uint_eq(rig_logged(&rig, "up again; it was held"), 1);
    end(h);
}
END_TEST

START_TEST(bad_ones_may_come_in_a_run)
{
    for (unsigned in_flight = 1; in_flight <= 4; in_flight += 3) {
        struct httpd *h = begin(CONF_RECEIVER_NDJSON, in_flight);

        rig.conf.batch_events = 16;
        rig_start(&rig);
        while (rig.added < 200)
            if (!rig_add(&rig, rig.added == 0 || rig.added > 150 ? "x"
                               : rig.added == 100                ? "LARGE"
                                                                 : "BAD"))
                rig_turn(&rig);
        rig_finish(&rig);
        for (unsigned i = 0; i < 200; i++)
            ck_assert_uint_eq(rig.how[i], i == 0 || i > 150 ? DELIVER_DELIVERED : DELIVER_REJECTED);
        ck_assert_ptr_nonnull(
            strstr(rig_dead(&rig), "\"too large for the receiver\",\"id\":\"e100\""));
        ck_assert_uint_eq(rig_logged(&rig, "accepted nothing"), 0);
        ck_assert(deliver_receiver_up(rig.d));
        end(h);
    }
}
END_TEST

/* One refusal is none: the receiver may have been corrected since. */
START_TEST(refused_once_and_then_taken)
{
    for (unsigned k = 1; k <= 12; k++) {
        struct httpd *h = begin(CONF_RECEIVER_SINGLE, k % 2 ? 1 : 3);

        atomic_store(&world.whim, k);
        rig_start(&rig);
        while (rig.added < 14)
            if (!rig_add(&rig, "x"))
                rig_turn(&rig);
        all_delivered();
        end(h);
    }
}
END_TEST

/* A receiver that knows the canary's id and says so takes events. */
START_TEST(a_conflict_is_an_acceptance)
{
    struct httpd *h = begin(CONF_RECEIVER_SINGLE, 1);

    atomic_store(&world.again, 409);
    rig_start(&rig);
    rig_add(&rig, "x");
    rig_finish(&rig);
    rig_add(&rig, "BAD");
    rig_finish(&rig);
    ck_assert_uint_eq(rig.how[1], DELIVER_REJECTED);
    ck_assert_uint_eq(httpd_count(h), 4);
    ck_assert_uint_eq(httpd_request(h, 2)->status, 409);
    ck_assert_str_eq(httpd_request(h, 2)->body, httpd_request(h, 0)->body);
    ck_assert_str_eq(httpd_request(h, 2)->key, httpd_request(h, 0)->key);
    ck_assert(deliver_receiver_up(rig.d));
    ck_assert_uint_eq(deliver_counts(rig.d).delivered, 1);
    end(h);
}
END_TEST

/* What another receiver takes says nothing of this one. */
START_TEST(each_endpoint_has_its_own_evidence)
{
    struct httpd *h = begin(CONF_RECEIVER_SINGLE, 1),
                 *second = httpd_new(serve, &other_world, NULL, NULL);

    rig_url(&rig, httpd_port(second), "/second");
    atomic_store(&world.all, 400);
    rig_start(&rig);
    while (rig.added < 30)
        if (!rig_add(&rig, "x"))
            rig_turn(&rig);
    rig_until_done(&rig, 25);
    ck_assert_uint_gt(httpd_count(h), 2);
    ck_assert(deliver_receiver_up(rig.d)); /* the second one */
    ck_assert_uint_eq(rig_logged(&rig, "/events has accepted nothing"), 1);
    atomic_store(&other_world.all, 503);
    until_requests(h, httpd_count(h) + 20);
    ck_assert_uint_eq(deliver_counts(rig.d).rejected, 0);
    atomic_store(&other_world.all, 422);
    until_requests(h, httpd_count(h) + 20);
    ck_assert(!deliver_receiver_up(rig.d));
    ck_assert_uint_eq(deliver_counts(rig.d).rejected, 0);
    atomic_store(&world.all, 0);
    all_delivered();
    httpd_free(second);
    end(h);
}
END_TEST

START_TEST(a_new_configuration_is_tried_at_once)
{
    struct httpd *h = begin(CONF_RECEIVER_SINGLE, 1);
    int64_t now;

    rig_start(&rig);
    rig_add(&rig, "x");
    rig_finish(&rig);
    atomic_store(&world.all, 415);
    rig_add(&rig, "x");
    until_requests(h, 8);
    now = rig_now(&rig);
    do {
        deliver_run(rig.d, now);
        ck_assert_int_eq(deliver_poll(rig.d, NULL, 0, 5), 0);
    } while (rig.d->n_sent);
    ck_assert_int_gt(deliver_next_ms(rig.d), now);
    ck_assert_ptr_nonnull(rig.d->canary);
    deliver_reconfigure(rig.d, &rig.conf);
    ck_assert_ptr_null(rig.d->canary); /* nothing is known any more */
    deliver_run(rig.d, now);
    ck_assert_uint_eq(rig.d->n_sent, 1);
    until_requests(h, 12);
    ck_assert_uint_eq(rig.n_done, 1);
    /* In the middle of the canary's request, too. */
    atomic_store(&world.all, 0);
    all_delivered();
    atomic_store(&world.all, 400);
    rig_add(&rig, "x");
    while (!(rig.d->canary && rig.d->canary->state == BATCH_SENT))
        rig_turn(&rig);
    deliver_reconfigure(rig.d, &rig.conf);
    while (rig.d->canary)
        rig_turn(&rig);
    atomic_store(&world.all, 0);
    all_delivered();
    end(h);
}
END_TEST

START_TEST(what_holds_is_said_again)
{
    static const unsigned statuses[] = {400, 401};

    for (unsigned k = 0; k < 2; k++) {
        struct httpd *h = begin(CONF_RECEIVER_SINGLE, 1);
        int64_t from;

        rig.conf.retry_max = 3600000; /* longer than that: a timer of its own */
        atomic_store(&world.all, statuses[k]);
        rig_start(&rig);
        rig_add(&rig, "x");
        while (!rig_logged(&rig, "accepted nothing"))
            rig_turn(&rig);
        from = rig.skew;
        while (rig_logged(&rig, "accepted nothing") < 4)
            rig_turn(&rig);
        ck_assert_int_ge(rig.skew - from, 3 * 600000 - 10000);
        ck_assert_int_le(rig.skew - from, 3 * 600000 + 10000);
        end(h);
    }
}
END_TEST

/* Memory has its bound while everything is refused, and the loop does not spin. */
START_TEST(ambiguity_has_a_bound)
{
    struct httpd *h = begin(CONF_RECEIVER_NDJSON, 4);
    size_t bytes = 0;

    rig.conf.batch_events = 1000;
    rig.conf.batch_bytes = 1000;
    atomic_store(&world.all, 413);
    rig_start(&rig);
    for (unsigned i = 0; i < 300; i++) {
        fill("0123456789012345678901234567890123456789012345678901234567890123456789");
        until_requests(h, httpd_count(h) + 1);
    }
    for (const struct batch *b = rig.d->first; b; b = b->next)
        bytes += b->bytes;
    ck_assert_uint_le(bytes, (4 + 2 + 8 + 1) * 1000);
    deliver_run(rig.d, rig_now(&rig));
    ck_assert_int_gt(deliver_next_ms(rig.d), rig_now(&rig));
    atomic_store(&world.all, 0);
    all_delivered();
    end(h);
}
END_TEST

UNIT_MAIN("deliver_blame", who_refuses_everything_is_held, the_canary_tells,
          it_breaks_at_any_moment, poison_may_come_first, a_lonely_one_waits_for_another,
          bad_ones_may_come_in_a_run, refused_once_and_then_taken, a_conflict_is_an_acceptance,
          each_endpoint_has_its_own_evidence, a_new_configuration_is_tried_at_once,
          what_holds_is_said_again, ambiguity_has_a_bound)
