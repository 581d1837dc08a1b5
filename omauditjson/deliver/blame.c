/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/blame.h"

#include "conf/conf.h"

#define REFUSALS_MAX 8                 /* different events in a row, before all of them are */
#define CANARY_MAX ((size_t)16 * 1024) /* bytes of its document */
#define CANARY_AGE_MS 60000            /* a younger one takes its place */

bool blame_is_suspect(const struct batch *b)
{
    return b->state == BATCH_READY && b->accuser != SIZE_MAX;
}

/* Refused by ep, and nothing that was sent to it since has been accepted. */
static bool is_unproven(const struct deliver *d, const struct endpoint *ep, const struct batch *b)
{
    return blame_is_suspect(b) && b->accuser == (size_t)(ep - d->endpoints) &&
           ep->accepted <= b->accused;
}

/* One whose answer would be news; an ambiguous one (500s) only if there is no other. The first;
 * after several refusals with nothing that was accepted before, the last: bad ones come in runs. */
static struct batch *find_other(const struct deliver *d, const struct endpoint *ep)
{
    struct batch *ambiguous = NULL, *last = NULL;
    bool first = d->canary || ep->refusals < REFUSALS_MAX / 2;

    for (struct batch *b = d->first; b; b = b->next) {
        if (b->state != BATCH_READY || is_unproven(d, ep, b))
            continue;
        if (queue_is_ambiguous(d, b)) {
            if (!ambiguous)
                ambiguous = b;
        } else {
            last = b;
            if (first)
                return b;
        }
    }
    return last ? last : ambiguous;
}

/* The unproven ones in turn; NULL: there is none. */
static struct batch *find_unproven(const struct deliver *d, const struct endpoint *ep)
{
    struct batch *oldest = NULL;

    for (struct batch *b = d->first; b; b = b->next)
        if (is_unproven(d, ep, b) && (!oldest || b->started < oldest->started))
            oldest = b;
    return oldest;
}

static unsigned count_unproven(const struct deliver *d, const struct endpoint *ep)
{
    unsigned n = 0;

    for (const struct batch *b = d->first; b && n < REFUSALS_MAX; b = b->next)
        n += is_unproven(d, ep, b);
    return n;
}

static struct batch *ready_canary(const struct deliver *d)
{
    return d->canary && d->canary->state == BATCH_READY ? d->canary : NULL;
}

static bool is_waiting(const struct endpoint *ep, int64_t now_ms)
{
    return !retry_may_start(&ep->retry, ep->in_flight, now_ms);
}

bool blame_may_ask(const struct deliver *d, const struct endpoint *ep)
{
    return ep->refusing && (ep->refusals < REFUSALS_MAX || ep->ask_other) && ep->in_flight == 0 &&
           find_other(d, ep);
}

bool blame_choose(const struct deliver *d, const struct endpoint *ep, int64_t now_ms,
                  struct batch **ret)
{
    struct batch *unproven = find_unproven(d, ep), *other, *canary = ready_canary(d);

    if (!unproven && !ep->refusing)
        return false;
    other = find_other(d, ep);
    *ret = other;
    if (ep->refusing && is_waiting(ep, now_ms)) /* blame_may_ask() */
        return true;
    if (ep->refusing) { /* at the slowest pace, each in turn, for any of them may be bad */
        struct batch *first = canary ? canary : other;

        *ret = first && (ep->turn % 2 == 0 || !unproven) ? first : unproven;
        return true;
    }
    if (ep->canary_sent)
        canary = NULL;
    /* With the canary nothing overtakes; without it, nothing goes twice. */
    if (other && ep->refusals < REFUSALS_MAX &&
        (!canary || (queue_width(d) > 1 && ep->refusals <= 1 && !queue_is_ambiguous(d, other))))
        return true;
    *ret = canary ? canary : ep->in_flight == 0 ? unproven : NULL;
    return true;
}

void blame_sending(const struct deliver *d, struct endpoint *ep, const struct batch *b)
{
    if (ep->refusing)
        ep->turn++;
    ep->ask_other = false;
    if (b == d->canary)
        ep->canary_sent = true;
}

enum blame blame_refused(struct deliver *d, struct endpoint *ep, struct batch *b)
{
    size_t index;

    if (!ep)
        return BLAME_NOBODY;
    index = (size_t)(ep - d->endpoints);
    ep->refused = d->requests;
    if (b == d->canary) { /* and so is what was accepted before */
        ep->refusals = REFUSALS_MAX;
        /* Should it be the canary that has become bad: now and then another one, right behind it,
         * so that nothing overtakes when all is well again. */
        ep->ask_other = ep->refusing && ep->turn % 4 == 1;
        ep->refusing = true;
        return BLAME_RECEIVER;
    }
    if (b->accuser == index && ep->accepted > b->accused)
        return BLAME_EVENT;
    if (b->accuser != index && ep->refusals < REFUSALS_MAX)
        ep->refusals++;
    b->accuser = index;
    b->accused = d->requests;
    if (!ep->refusing) {
        if (d->canary && (d->canary->state == BATCH_SENT || !ep->canary_sent))
            return BLAME_NOBODY;
        if (ep->in_flight > 0 || (ep->refusals < REFUSALS_MAX && find_other(d, ep)))
            return BLAME_NOBODY;
    }
    ep->refusing = true;
    return BLAME_RECEIVER;
}

enum blame blame_refused_many(const struct endpoint *ep)
{
    return ep && ep->refusing && ep->refusals >= REFUSALS_MAX ? BLAME_RECEIVER : BLAME_NOBODY;
}

void blame_other_failure(struct endpoint *ep)
{
    ep->refusing = ep->canary_sent = false;
}

static void keep_canary(struct deliver *d, const struct batch *b, int64_t now_ms)
{
    if (d->canary &&
        (d->canary->state == BATCH_SENT || now_ms - d->canary->first_ms < CANARY_AGE_MS))
        return;
    for (size_t i = 0; i < b->n; i++) {
        struct deliver_event ev = b->events[i];

        if (ev.doc_len > CANARY_MAX)
            continue;
        ev.n_seqs = 0; /* it is in nobody's books */
        ev.mark_len = 0;
        batch_free(d->canary);
        d->canary = batch_new(b->no, now_ms);
        batch_add(d->canary, &ev);
        d->canary->state = BATCH_READY;
        return;
    }
}

bool blame_accepted(struct deliver *d, struct endpoint *ep, const struct batch *b, int64_t now_ms)
{
    bool held = ep->refusing;

    if (b != d->canary)
        keep_canary(d, b, now_ms);
    if (b->started > ep->accepted)
        ep->accepted = b->started;
    if (b == d->canary && !held)
        ep->canary_sent = false;
    if (b->started <= ep->refused) { /* it was on its way when the last refusal came: old news */
        ep->refusals = held ? ep->refusals : count_unproven(d, ep);
        return false;
    }
    ep->refusals = 0;
    ep->refusing = ep->canary_sent = false;
    return held;
}

void blame_canary_back(struct deliver *d, bool keep)
{
    if (keep && !d->canary_stale) {
        d->canary->state = BATCH_READY;
        return;
    }
    batch_free(d->canary);
    d->canary = NULL;
    d->canary_stale = false;
}

void blame_forget(struct deliver *d)
{
    for (struct batch *b = d->first; b; b = b->next)
        b->accuser = SIZE_MAX;
    for (size_t i = 0; i < d->n_endpoints; i++)
        endpoint_try_anew(&d->endpoints[i]);
    if (d->canary && d->canary->state == BATCH_SENT)
        d->canary_stale = true; /* goes when its answer has come */
    else if (d->canary)
        blame_canary_back(d, false);
}
