/* SPDX-License-Identifier: Apache-2.0 */
/* A property under random answers: every event is finished with exactly once, what is said to be
 * delivered was received, what is refused is in the dead letters, and with one request in flight
 * the receiver took the events in order. OAJ_SEED repeats a run. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rig.h"
#include "unit.h"

#define EVENTS 150

struct world {
    uint64_t rng;
    unsigned trouble;   /* of 100 answers, how many are no plain 200 */
    bool ambiguous_500; /* the row's */
    bool break_500;     /* 500 for POISON */
    unsigned most;      /* events in a request; 0: any number */
    bool taken[RIG_EVENTS];
    unsigned order[RIG_EVENTS], n_order; /* as they were taken first */
};

static struct rig rig;
static struct world world;

static bool acceptable(const struct world *w, const struct httpd_request *r, struct httpd_answer *a)
{
    if (w->most && rig_count_events(r) > w->most)
        a->status = 413;
    else if (strstr(r->body, "BAD"))
        a->status = r->len % 2 ? 400 : 422;
    else if (w->break_500 && strstr(r->body, "POISON"))
        a->status = 500;
    return a->status == 200;
}

static void take(struct world *w, const struct httpd_request *r)
{
    for (const char *p = r->body; (p = strstr(p, "{\"n\":")); p++) {
        unsigned n = (unsigned)strtoul(p + 5, NULL, 10);

        if (n >= RIG_EVENTS)
            abort();
        if (!w->taken[n])
            w->order[w->n_order++] = n;
        w->taken[n] = true;
    }
}

static void whim(void *ctx, size_t index, const struct httpd_request *r, struct httpd_answer *a)
{
    static const unsigned statuses[] = {502, 503, 504, 429, 408, 425, 401, 403, 404, 302, 500};
    struct world *w = ctx;
    uint64_t n = retry_random(&w->rng);
    bool ok = acceptable(w, r, a);

    (void)index;
    if (n % 100 < w->trouble) {
        n /= 100;
        if (n % 4 == 0) /* before or after it was taken: we cannot know */
            a->reset = true;
        else
            /* A MozDef that says 500 by chance may cost an event: that is another test's. */
            a->status = statuses[n / 4 % (w->ambiguous_500 ? 10 : 11)];
        if (n / 64 % 3 == 0)
            a->retry_after = n / 256 % 2 ? "3" : "Sun, 06 Nov 1994 08:49:37 GMT";
        ok = ok && a->reset && n / 4 % 2;
    }
    if (ok)
        take(w, r);
}

static bool all_done(unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (!rig.done[i])
            return false;
    return true;
}

static void run(uint64_t seed)
{
    static const int rows[] = {CONF_RECEIVER_MOZDEF, CONF_RECEIVER_MOZDEF_BULK,
                               CONF_RECEIVER_SINGLE, CONF_RECEIVER_JSON_ARRAY,
                               CONF_RECEIVER_NDJSON};
    uint64_t rng = seed;
    struct httpd *h[2];
    unsigned in_flight;
    bool ordered;

    memset(&world, 0, sizeof(world));
    world.rng = seed + 1;
    world.trouble = (unsigned)(retry_random(&rng) % 60);
    world.most = retry_random(&rng) % 2 ? (unsigned)(retry_random(&rng) % 8) + 1 : 0;
    h[0] = rig_serve(&rig, rows[retry_random(&rng) % 5], whim, &world);
    h[1] = httpd_new(whim, &world, NULL, NULL);
    in_flight = retry_random(&rng) % 2 ? 1 : (unsigned)(retry_random(&rng) % 6) + 1;
    if (in_flight == 1 && retry_random(&rng) % 2) /* one thread of a server touches the world */
        rig_url(&rig, httpd_port(h[1]), "/second");
    rig.conf.in_flight = in_flight;
    rig.conf.batch_events = retry_random(&rng) % 20 + 1;
    rig.conf.batch_bytes = retry_random(&rng) % 400 + 1;
    rig.conf.batch_age = (int64_t)(retry_random(&rng) % 3000);
    rig_start(&rig);
    rig.d->rng = seed;
    world.ambiguous_500 = rig.d->row->ambiguous_500;
    world.break_500 = world.ambiguous_500 && retry_random(&rng) % 2;

    while (!all_done(EVENTS)) {
        uint64_t n = retry_random(&rng);

        if (n % 4 == 0)
            deliver_flush(rig.d);
        for (n = n / 4 % 30; n > 0; n--) {
            uint64_t kind = retry_random(&rng) % 40;

            /* Traffic goes on, for the sake of ambiguous events; the last ones are good. */
            if (!rig_add(&rig, rig.added < EVENTS && kind == 0   ? "BAD"
                               : rig.added < EVENTS && kind == 1 ? "POISON"
                                                                 : "x"))
                break;
            ck_assert_uint_lt(rig.added, RIG_EVENTS - 1);
        }
        rig_turn(&rig);
    }
    rig_finish(&rig);

    ck_assert_uint_eq(rig.n_done, rig.added);
    for (unsigned i = 0; i < rig.added; i++) {
        char id[30];

        if (rig.how[i] == DELIVER_DELIVERED) {
            ck_assert(world.taken[i]);
            continue;
        }
        snprintf(id, sizeof(id), "\"id\":\"e%u\",", i);
        ck_assert_ptr_nonnull(strstr(rig_dead(&rig), id));
        ck_assert(!world.taken[i]);
    }
    /* A probe may go before an ambiguous event, as long as nothing was accepted that could be sent
     * again instead: that is the one exception to the order. */
    ordered = in_flight == 1 && !world.break_500 && rig.how[0] == DELIVER_DELIVERED;
    for (unsigned i = 1; ordered && i < world.n_order; i++)
        ck_assert_uint_gt(world.order[i], world.order[i - 1]);
    for (unsigned i = 1; ordered && i < rig.n_done; i++)
        ck_assert_uint_eq(rig.order[i], i);
    rig_done(&rig);
    httpd_free(h[1]);
    httpd_free(h[0]);
}

START_TEST(every_event_once)
{
    const char *given = getenv("OAJ_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);

    fprintf(stderr, "# OAJ_SEED=%llu\n", (unsigned long long)seed);
    for (unsigned i = 0; i < 40; i++)
        run(seed + 1000003 * i);
}
END_TEST

UNIT_MAIN("deliver_random", every_event_once)
