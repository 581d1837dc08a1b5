/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/conclude.h"

#include <inttypes.h>

#include "base/log.h"
#include "base/mem.h"
#include "deliver/blame.h"
#include "deliver/transport/http.h"

#define REJECTS_SILENCE_MS 60000 /* between two lines about refused events */
#define DEAD_ANSWER_MAX 4096     /* of an answer, kept with an event */

/* Once a minute, with a count: a receiver that refuses all must not flood the log. */
static void log_reject(struct deliver *d, const struct batch *b, const char *reason,
                       const struct answer *a, int64_t now_ms)
{
    char text[300];

    if (d->rejects_ms && now_ms - d->rejects_ms < REJECTS_SILENCE_MS) {
        d->rejects_unsaid++;
        return;
    }
    endpoint_describe(a, text, sizeof(text));
    log_warning("event %s %s: %s; written to the dead letters (and %" PRIu64
                " others since the last message)",
                b->events[0].id, reason, text, d->rejects_unsaid);
    d->rejects_ms = now_ms ? now_ms : 1;
    d->rejects_unsaid = 0;
}

void conclude_settle(struct deliver *d, struct batch *b, enum outcome outcome, const char *reason,
                     const struct answer *a, int64_t now_ms)
{
    struct batch *second;

    b->state = BATCH_READY;
    switch (outcome) {
    case OUTCOME_DELIVERED:
        d->accepted++;
        d->counts.delivered += b->n;
        d->ops.done(d->ops.ctx, b->events, b->n, DELIVER_DELIVERED);
        queue_drop(d, b);
        break;
    case OUTCOME_RETRY:
    case OUTCOME_HOLD:
        d->counts.retries++;
        break;
    case OUTCOME_SPLIT:
        /* One refusal of a half will do, once its neighbour or another batch was taken. */
        b->refusals = b->refusals >= QUEUE_REFUSALS ? QUEUE_REFUSALS - 1 : 0;
        b->accepted = d->accepted;
        b->last_500 = false;
        queue_split(d, b);
        d->counts.splits++;
        break;
    case OUTCOME_REJECT:
        while (b->n > 1) { /* where each item was judged: every event has a grave of its own */
            second = queue_split(d, b);
            conclude_settle(d, second, OUTCOME_REJECT, reason, a, now_ms);
        }
        log_reject(d, b, reason, a, now_ms);
        b->state = BATCH_DEAD;
        b->reason = reason;
        b->status = a->status;
        b->answer = BUF_INIT(DEAD_ANSWER_MAX);
        if (a->body_len)
            buf_append(&b->answer, a->body,
                       a->body_len < DEAD_ANSWER_MAX ? a->body_len : DEAD_ANSWER_MAX);
        break;
    }
}

/* Events that were refused one by one: accused, each for itself, and tried again alone. */
static enum blame accuse_each(struct deliver *d, struct endpoint *ep, struct batch *b,
                              const struct answer *a, int64_t now_ms)
{
    enum blame blame = BLAME_NOBODY, one;

    while (b->n > 1) {
        one = accuse_each(d, ep, queue_split(d, b), a, now_ms);
        blame = one == BLAME_RECEIVER ? one : blame;
    }
    one = blame_refused(d, ep, b);
    conclude_settle(d, b, one == BLAME_EVENT ? OUTCOME_REJECT : OUTCOME_RETRY,
                    "refused by the receiver", a, now_ms);
    return one == BLAME_RECEIVER ? one : blame;
}

/* Each event by itself; what is neither delivered nor refused stays in b for another time. Those
 * that were refused are accused before those that were taken count as evidence. */
static enum blame settle_items(struct deliver *d, struct endpoint *ep, struct batch *b,
                               const struct answer *a, int64_t now_ms)
{
    static const enum outcome kinds[] = {OUTCOME_REJECT, OUTCOME_DELIVERED};
    enum blame blame = BLAME_NOBODY;
    size_t n = b->n;

    for (size_t k = 0; k < 2; k++) {
        struct batch *part = batch_take(b, d->items, kinds[k]);
        size_t left = 0;

        if (!part)
            continue;
        for (size_t i = 0; i < n; i++) /* as batch_take() closed the gaps */
            if (d->items[i] != kinds[k])
                d->items[left++] = d->items[i];
        n = left;
        queue_insert(d, b, part);
        if (kinds[k] == OUTCOME_REJECT) {
            blame = accuse_each(d, ep, part, a, now_ms);
        } else {
            if (ep)
                (void)blame_accepted(d, ep, part, now_ms);
            blame = BLAME_NOBODY;
            conclude_settle(d, part, kinds[k], NULL, a, now_ms);
        }
    }
    if (b->n == 0)
        queue_drop(d, b);
    else
        conclude_settle(d, b, OUTCOME_RETRY, NULL, a, now_ms);
    return blame;
}

/* A 500 of some receivers can also mean that they cannot read the event. It is the event's fault
 * when it was refused again and again while others were taken, and never without such evidence. */
static enum outcome weigh_500(struct deliver *d, struct batch *b, const struct answer *a,
                              enum outcome outcome)
{
    b->last_500 = b->row->ambiguous_500 && a->kind == ANSWER_STATUS && a->status == 500;
    if (!b->last_500)
        return outcome;
    if (b->refusals == 0)
        b->accepted = d->accepted;
    if (b->refusals < QUEUE_REFUSALS)
        b->refusals++;
    if (b->refusals < QUEUE_REFUSALS || d->accepted == b->accepted)
        return outcome;
    return b->n > 1 ? OUTCOME_SPLIT : OUTCOME_REJECT;
}

/* What the answer says of the endpoint: outcome with blame. */
static void tell_endpoint(struct deliver *d, struct endpoint *ep, const struct batch *b,
                          enum outcome outcome, enum blame blame, const struct answer *a,
                          int64_t now_ms)
{
    struct retry_pace pace = queue_pace(d);
    bool refused = outcome == OUTCOME_REJECT || outcome == OUTCOME_SPLIT;

    if (outcome == OUTCOME_DELIVERED || blame == BLAME_EVENT) {
        endpoint_succeeded(ep, b->epoch, queue_width(d));
    } else if (!refused || blame == BLAME_RECEIVER) {
        endpoint_failed(ep, b->epoch, refused ? OUTCOME_HOLD : outcome, b->row, a, &pace, now_ms,
                        &d->rng);
        if (!refused)
            blame_other_failure(ep);
    }
}

static void canary_came_back(struct deliver *d, struct endpoint *ep, struct batch *b,
                             const struct answer *a, enum outcome outcome, int64_t now_ms)
{
    enum blame blame = BLAME_NOBODY;

    if (ep && !d->canary_stale) {
        if (a->kind == ANSWER_STATUS && a->status == 409)
            outcome = OUTCOME_DELIVERED; /* it has this one already */
        if (outcome == OUTCOME_REJECT)
            blame = blame_refused(d, ep, b);
        if (outcome == OUTCOME_DELIVERED) {
            d->accepted++;
            if (blame_accepted(d, ep, b, now_ms))
                b->epoch = ep->retry.epoch;
        }
        tell_endpoint(d, ep, b, outcome, blame, a, now_ms);
    }
    blame_canary_back(d, ep != NULL);
}

/* Who is to blame, and the books of the endpoint. */
static enum blame weigh(struct deliver *d, struct endpoint *ep, struct batch *b,
                        enum outcome outcome, int64_t now_ms)
{
    if (outcome == OUTCOME_REJECT)
        return blame_refused(d, ep, b);
    if (outcome == OUTCOME_SPLIT)
        return blame_refused_many(ep);
    if (outcome == OUTCOME_DELIVERED && ep && blame_accepted(d, ep, b, now_ms))
        b->epoch = ep->retry.epoch; /* held for refusing all, which it does not */
    return BLAME_NOBODY;
}

void conclude_answer(struct deliver *d, struct batch *b, const struct answer *a, int64_t now_ms)
{
    struct endpoint *ep = b->endpoint < d->n_endpoints ? &d->endpoints[b->endpoint] : NULL;
    const char *reason = "refused by the receiver";
    struct verdict v = {0};
    struct answer shown;
    enum blame blame;
    enum outcome outcome;

    if (b->n > d->cap_items) {
        d->items = mem_realloc_array(d->items, b->n, sizeof(*d->items));
        d->cap_items = b->n;
    }
    v.item = d->items;
    receiver_judge(b->row, a, b->n, &v);
    shown = *a; /* as the operator gets to see it */
    if (v.status)
        shown.status = v.status;
    if (v.advice)
        shown.advice = v.advice;
    if (v.fault) {
        shown.kind = ANSWER_NONE;
        shown.error = v.fault;
    }
    a = &shown;
    d->n_sent--;
    if (ep)
        ep->in_flight--;
    if (b == d->canary) {
        d->counts.failures += v.whole != OUTCOME_DELIVERED;
        canary_came_back(d, ep, b, a, v.by_item ? v.item[0] : v.whole, now_ms);
        return;
    }
    outcome = weigh_500(d, b, a, v.whole);
    if (outcome == OUTCOME_REJECT && a->status == 413)
        reason = "too large for the receiver";
    if (outcome == OUTCOME_REJECT && b->last_500)
        reason = "refused by the receiver with 500 five times while it took others";
    d->counts.failures += outcome != OUTCOME_DELIVERED;
    d->counts.known += v.known;
    if (v.by_item) {
        struct batch told = {.epoch = b->epoch, .row = b->row};

        blame = settle_items(d, ep, b, a, now_ms);
        if (ep)
            tell_endpoint(d, ep, &told, blame == BLAME_RECEIVER ? OUTCOME_REJECT : outcome, blame,
                          a, now_ms);
    } else {
        blame = weigh(d, ep, b, outcome, now_ms);
        if (ep)
            tell_endpoint(d, ep, b, outcome, blame, a, now_ms);
        if (outcome == OUTCOME_REJECT && blame != BLAME_EVENT)
            outcome = OUTCOME_RETRY;
        conclude_settle(d, b, outcome, reason, a, now_ms);
    }
    /* A file with a secret may be better by then. a is dead now. */
    if ((outcome == OUTCOME_HOLD || blame == BLAME_RECEIVER) && d->http)
        http_refresh(d->http);
}
