/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "conf/conf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "deliver/deadletter.h"
#include "deliver/deliver_internal.h"
#include "deliver/transport/http.h"
#include "deliver/transport/output.h"

#define REFUSALS_MAX 5           /* answers 500 to the same events before they are doubted */
#define REJECTS_SILENCE_MS 60000 /* between two lines about refused events */
#define DEAD_ANSWER_MAX 4096     /* of an answer, kept with an event */

/* -- what an answer does to a batch ------------------------------------------------------------ */

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
    log_warning("event %s %s: %s; it goes to the dead letters (and %" PRIu64
                " others since the last such line)",
                b->events[0].id, reason, text, d->rejects_unsaid);
    d->rejects_ms = now_ms ? now_ms : 1;
    d->rejects_unsaid = 0;
}

/* The one place that maps an outcome to what happens to a batch. reason goes with REJECT. */
static void settle(struct deliver *d, struct batch *b, enum outcome outcome, const char *reason,
                   const struct answer *a, int64_t now_ms)
{
    struct batch *second;

    b->state = BATCH_READY;
    switch (outcome) {
    case OUTCOME_DELIVERED:
        d->accepted++;
        d->counts.delivered += b->n;
        d->ops.done(d->ops.ctx, b->events, b->n, DELIVER_DELIVERED);
        deliver_drop(d, b);
        break;
    case OUTCOME_RETRY:
    case OUTCOME_HOLD:
        d->counts.retries++;
        break;
    case OUTCOME_SPLIT:
        /* One refusal of a half will do, once its neighbour or another batch was taken. */
        b->refusals = b->refusals >= REFUSALS_MAX ? REFUSALS_MAX - 1 : 0;
        b->accepted = d->accepted;
        b->last_500 = false;
        batch_split(b);
        d->n_batches++;
        d->counts.splits++;
        break;
    case OUTCOME_REJECT:
        while (b->n > 1) { /* where each item was judged: every event has a grave of its own */
            second = batch_split(b);
            d->n_batches++;
            settle(d, second, OUTCOME_REJECT, reason, a, now_ms);
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

/* Each event by itself; what is neither delivered nor refused stays in b for another time. */
static void settle_items(struct deliver *d, struct batch *b, const struct answer *a, int64_t now_ms)
{
    static const enum outcome kinds[] = {OUTCOME_DELIVERED, OUTCOME_REJECT};
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
        part->next = b->next;
        b->next = part;
        d->n_batches++;
        settle(d, part, kinds[k], "refused by the receiver", a, now_ms);
    }
    if (b->n == 0)
        deliver_drop(d, b);
    else
        settle(d, b, OUTCOME_RETRY, NULL, a, now_ms);
}

/* A 500 of some receivers can also mean that they cannot read the event. It is the event's fault
 * when it was refused again and again while others were taken, and never without such evidence. */
static enum outcome weigh_500(struct deliver *d, struct batch *b, const struct answer *a,
                              enum outcome outcome)
{
    b->last_500 = b->row->doubt_500 && a->kind == ANSWER_STATUS && a->status == 500;
    if (!b->last_500)
        return outcome;
    if (b->refusals == 0)
        b->accepted = d->accepted;
    if (b->refusals < REFUSALS_MAX)
        b->refusals++;
    if (b->refusals < REFUSALS_MAX || d->accepted == b->accepted)
        return outcome;
    return b->n > 1 ? OUTCOME_SPLIT : OUTCOME_REJECT;
}

static void conclude(struct deliver *d, struct batch *b, const struct answer *a, int64_t now_ms)
{
    struct endpoint *ep = b->endpoint < d->n_endpoints ? &d->endpoints[b->endpoint] : NULL;
    struct retry_pace pace = deliver_pace(d);
    const char *reason = "refused by the receiver";
    struct verdict v = {0};
    enum outcome outcome;

    if (b->n > d->cap_items) {
        d->items = mem_realloc_array(d->items, b->n, sizeof(*d->items));
        d->cap_items = b->n;
    }
    v.item = d->items;
    receiver_judge(b->row, a, b->n, &v);
    outcome = weigh_500(d, b, a, v.whole);
    if (outcome == OUTCOME_REJECT && a->status == 413)
        reason = "too large for the receiver";
    if (outcome == OUTCOME_REJECT && b->last_500)
        reason = "refused by the receiver with 500 five times while it took others";

    d->n_sent--;
    d->counts.failures += outcome != OUTCOME_DELIVERED;
    if (ep) {
        ep->in_flight--;
        if (outcome == OUTCOME_RETRY || outcome == OUTCOME_HOLD)
            endpoint_failed(ep, b->epoch, outcome, b->row, a, &pace, now_ms, &d->rng);
        else
            endpoint_succeeded(ep, b->epoch, deliver_width(d));
    }
    if (v.by_item)
        settle_items(d, b, a, now_ms);
    else
        settle(d, b, outcome, reason, a, now_ms);
    if (outcome == OUTCOME_HOLD && d->http)
        http_refresh(d->http); /* a file with a secret may be better by then; a is dead now */
}

void sender_take(struct deliver *d, int64_t now_ms)
{
    struct answer a;
    struct batch *b;

    if (d->http) {
        http_run(d->http);
        while ((b = http_take(d->http, &a)))
            conclude(d, b, &a, now_ms);
    }
    for (b = d->first; b; b = b->next)
        if (b->state == BATCH_SENT && b->row->via == RECEIVER_VIA_DESCRIPTOR)
            break;
    if (b && output_write(d->output_fd, &b->body, &b->written, &a) != 0) {
        d->output_closed = a.kind == ANSWER_SETTINGS;
        conclude(d, b, &a, now_ms);
    }
}

/* -- the dead letters -------------------------------------------------------------------------- */

static int bury(struct deliver *d, struct batch *b)
{
    const struct deliver_event *ev = b->events;
    struct deadletter_entry e = {.key = deadletter_key_of_event(ev->id),
                                 .reason = b->reason,
                                 .id = ev->id,
                                 .status = b->status,
                                 .answer = b->answer.len ? b->answer.data : NULL,
                                 .answer_len = b->answer.len,
                                 .doc = ev->doc,
                                 .doc_len = ev->doc_len};

    return deadletter_add(d->dead, &e);
}

void sender_bury(struct deliver *d, int64_t now_ms)
{
    struct retry_pace pace = deliver_pace(d);
    uint64_t losses = deadletter_losses(d->dead);
    bool any = false;
    int r = 0, synced;

    if (now_ms < d->dead_retry.next_ms)
        return;
    for (struct batch *b = d->first; b && r == 0; b = b->next)
        if (b->state == BATCH_DEAD) {
            any = true;
            r = bury(d, b);
            b->buried = r == 0;
        }
    if (!any)
        return;
    synced = deadletter_sync(d->dead);
    if (synced == 0 && deadletter_losses(d->dead) != losses)
        synced = -EIO;
    for (struct batch *b = d->first, *next; b; b = next) {
        next = b->next;
        if (b->state == BATCH_DEAD && b->buried && synced == 0) {
            d->counts.rejected++;
            d->ops.done(d->ops.ctx, b->events, 1, DELIVER_REJECTED);
            deliver_drop(d, b);
        } else {
            b->buried = false; /* what could not be synced is to be added again */
        }
    }
    r = r ? r : synced;
    if (r < 0) {
        if (!d->dead_failing)
            log_error("the dead letters cannot be written: %s; refused events wait", err_text(r));
        retry_failed(&d->dead_retry, &pace, d->dead_retry.epoch, RETRY_NO_WISH, now_ms, &d->rng);
    } else {
        if (d->dead_failing)
            log_notice("the dead letters can be written again");
        retry_succeeded(&d->dead_retry, d->dead_retry.epoch, 1);
    }
    d->dead_failing = r < 0;
}

/* -- sending ----------------------------------------------------------------------------------- */

static struct endpoint *usable_endpoint(const struct deliver *d, int64_t now_ms)
{
    for (size_t i = 0; i < d->n_endpoints; i++)
        if (retry_may_start(&d->endpoints[i].retry, d->endpoints[i].in_flight, now_ms))
            return &d->endpoints[i];
    return NULL;
}

/* Refused often, and nothing says yet whether it or the receiver is at fault. */
static bool is_doubtful(const struct deliver *d, const struct batch *b)
{
    return b->last_500 && b->refusals >= REFUSALS_MAX && d->accepted == b->accepted;
}

size_t sender_doubtful(const struct deliver *d)
{
    size_t n = 0;

    if (d->row->doubt_500)
        for (const struct batch *b = d->first; b; b = b->next)
            n += is_doubtful(d, b);
    return n;
}

/* The first batch that is ready; but every other time, one that is in doubt lets the next one go
 * before it: if that is taken, we know. */
static struct batch *pick(const struct deliver *d)
{
    struct batch *doubtful = NULL, *b;

    for (b = d->first; b; b = b->next) {
        if (b->state != BATCH_READY)
            continue;
        if (!is_doubtful(d, b) || b->passed)
            break;
        if (!doubtful)
            doubtful = b;
    }
    if (!b)
        return doubtful;
    for (struct batch *p = d->first; p != b; p = p->next)
        p->passed = p->state == BATCH_READY && is_doubtful(d, p);
    return b;
}

/* Each event a batch of its own. */
static void scatter(struct deliver *d, struct batch *b)
{
    while (b->n > 1) {
        struct batch *second = batch_split(b);

        d->n_batches++;
        scatter(d, second);
    }
}

static bool may_send(const struct deliver *d, const struct batch *b, bool compress)
{
    return !d->ops.sending || d->ops.sending(d->ops.ctx, b->events, b->n, compress);
}

/* A batch that we died of goes uncompressed the next time; when that does not help, its events go
 * one by one; one that kills alone goes to the dead letters. False: b is not to be sent. */
static bool take_up(struct deliver *d, struct batch *b, int *compress, int64_t now_ms)
{
    static const struct answer none = {.kind = ANSWER_SETTINGS, .error = "not sent again"};

    *compress = d->row->compress && b->row != d->row ? d->conf->compress : CONF_COMPRESS_NONE;
    if (*compress != CONF_COMPRESS_NONE && may_send(d, b, true))
        return true;
    *compress = CONF_COMPRESS_NONE;
    if (may_send(d, b, false))
        return true;
    if (b->n > 1) {
        scatter(d, b);
        d->counts.splits++;
    } else {
        settle(d, b, OUTCOME_REJECT, "the process died twice while sending this event", &none,
               now_ms);
    }
    return false;
}

static int start_http(struct deliver *d, struct batch *b, const char *url, struct answer *a)
{
    char id[BATCH_ID_SIZE];
    struct http_request request = {.url = url,
                                   .user = b,
                                   .content_type = b->row->content_type,
                                   .encoding = b->encoding,
                                   .headers = &b->headers,
                                   .body = &b->body};

    batch_id(b, id);
    request.key = b->row->idempotency ? id : NULL;
    return http_start(d->http, &request, a);
}

static void start(struct deliver *d, struct batch *b, struct endpoint *ep, int compress,
                  int64_t now_ms)
{
    struct answer a = {.kind = ANSWER_SETTINGS, .error = "the batch cannot be framed"};
    int r = batch_frame(b, d->row, compress);
    bool framed = r == 0;

    if (framed && b->row->via == RECEIVER_VIA_HTTP)
        r = start_http(d, b, ep->url, &a);
    if (d->ops.sent)
        d->ops.sent(d->ops.ctx);
    b->state = BATCH_SENT;
    b->endpoint = (size_t)(ep - d->endpoints);
    b->epoch = ep->retry.epoch;
    b->passed = false;
    ep->in_flight++;
    d->n_sent++;
    d->counts.requests++;
    if (!framed) {
        b->row = d->row;
        conclude(d, b, &a, now_ms);
        b->row = NULL;
        return;
    }
    switch (b->row->via) {
    case RECEIVER_VIA_HTTP:
        if (r < 0)
            conclude(d, b, &a, now_ms);
        break;
    case RECEIVER_VIA_FILE:
        output_append(ep->url, &b->body, &a);
        conclude(d, b, &a, now_ms);
        break;
    case RECEIVER_VIA_DESCRIPTOR:
        if (output_write(d->output_fd, &b->body, &b->written, &a) != 0) {
            d->output_closed = a.kind == ANSWER_SETTINGS;
            conclude(d, b, &a, now_ms);
        }
        break;
    }
}

void sender_start(struct deliver *d, int64_t now_ms)
{
    struct endpoint *ep;
    struct batch *b;
    int compress;

    while (d->n_sent < deliver_width(d) && (ep = usable_endpoint(d, now_ms)) && (b = pick(d))) {
        if (d->row->single && b->n > 1) { /* sealed for another receiver */
            batch_split(b);
            d->n_batches++;
            continue;
        }
        if (take_up(d, b, &compress, now_ms))
            start(d, b, ep, compress, now_ms);
    }
}

int64_t sender_next_ms(const struct deliver *d)
{
    int64_t next = CLOCK_NEVER;
    bool ready = false, dead = false;

    for (const struct batch *b = d->first; b; b = b->next) {
        ready |= b->state == BATCH_READY;
        dead |= b->state == BATCH_DEAD;
    }
    if (dead)
        next = d->dead_retry.next_ms;
    if (!ready || d->stopped || d->n_sent >= deliver_width(d))
        return next;
    for (size_t i = 0; i < d->n_endpoints; i++) {
        const struct endpoint *ep = &d->endpoints[i];

        if (ep->in_flight < ep->retry.window && ep->retry.next_ms < next)
            next = ep->retry.next_ms;
    }
    return next;
}
