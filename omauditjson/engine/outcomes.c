/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/outcomes.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/workitem.h"
#include "engine/numbers.h"
#include "engine/seal.h"

#define SEAL_ENTRY ((size_t)64 << 10) /* a larger make-up is told in several entries */
#define SEAL_KEEP (256u << 10)        /* scratch beyond this is given back */
#define TRIM_AFTER ((size_t)4 << 20)  /* bytes of documents; then a pause is used to tidy up */

struct outcomes {
    struct stores *s;
    struct requeue *requeue;
    struct buf seal;
    uint64_t sealing;  /* the batch whose make-up is being journalled, */
    size_t n_sealed;   /* and how many of its events are */
    size_t done_bytes; /* of documents finished with since memory was given back */
};

struct outcomes *outcomes_new(struct stores *s, struct requeue *q)
{
    struct outcomes *o = mem_calloc(1, sizeof(*o));

    o->s = s;
    o->requeue = q;
    o->seal = BUF_INIT(SEGMENT_PAYLOAD_MAX);
    return o;
}

void outcomes_free(struct outcomes *o)
{
    if (!o)
        return;
    buf_done(&o->seal);
    free(o);
}

static int write_seal(struct outcomes *o, uint64_t batch_no, size_t upto)
{
    int r = o->seal.len ? journal_seal(o->s->journal, batch_no, o->seal.data, o->seal.len) : 0;

    if (r < 0)
        o->s->stats.journal_errors++;
    else
        o->n_sealed = upto;
    o->seal.len = 0;
    return r;
}

/* SEAL marks: what a former life of a batch looked like, so that a repeat is the same bytes. When
 * the journal says no in the middle, the next call goes on where it said so. */
static int on_sealed(void *ctx, uint64_t batch_no, const struct deliver_event *events, size_t n)
{
    struct outcomes *o = ctx;
    struct seal_recent seen = {.n = 0};
    int r = 0;

    if (batch_no != o->sealing) {
        o->sealing = batch_no;
        o->n_sealed = 0;
    }
    o->seal.len = 0;
    for (size_t i = o->n_sealed; i < n && r == 0; i++) {
        size_t before = o->seal.len;

        if (!events[i].n_seqs) /* requeue.c's: kept in a file of their own */
            continue;
        if (before >= SEAL_ENTRY || seal_put(&o->seal, &seen, &events[i]) < 0) {
            buf_truncate(&o->seal, before);
            r = write_seal(o, batch_no, i);
            seen.n = 0;
            /* One that is too scattered for an entry of its own would be batched anew. */
            if (r == 0 && seal_put(&o->seal, &seen, &events[i]) < 0) {
                o->seal.len = 0;
                seen.n = 0;
            }
        }
    }
    if (r == 0)
        r = write_seal(o, batch_no, n);
    buf_reset(&o->seal, SEAL_KEEP);
    return r;
}

static bool on_sending(void *ctx, const struct deliver_event *events, size_t n, bool compress)
{
    struct outcomes *o = ctx;
    struct workitem_batch key;
    size_t len = workitem_batch(events, n, compress, &key);

    if (scoreboard_is_poison(&o->s->scoreboard, SCOREBOARD_BATCH, &key, len)) {
        log_error("the process died twice while %s %zu events from %.*s on; sending them %s",
                  compress ? "compressing" : "sending", n, (int)key.first_len, key.ids,
                  compress ? "uncompressed"
                  : n > 1  ? "one by one"
                           : "to the dead letters");
        return false;
    }
    scoreboard_begin(&o->s->scoreboard, SCOREBOARD_BATCH, &key, len);
    return true;
}

static void on_sent(void *ctx)
{
    struct outcomes *o = ctx;

    scoreboard_end(&o->s->scoreboard);
}

/* What it died of is of no use any more; requeued, it is judged anew. */
static void forget_batch(struct outcomes *o, const struct deliver_event *events, size_t n,
                         enum deliver_how how)
{
    struct workitem_batch key;
    size_t len = workitem_batch(events, n, false, &key);

    o->s->stats.poison += how == DELIVER_REJECTED &&
                          scoreboard_was_poison(&o->s->scoreboard, SCOREBOARD_BATCH, &key, len);
    scoreboard_forget(&o->s->scoreboard, SCOREBOARD_BATCH, &key, len);
    len = workitem_batch(events, n, true, &key);
    scoreboard_forget(&o->s->scoreboard, SCOREBOARD_BATCH, &key, len);
}

static void on_done(void *ctx, const struct deliver_event *events, size_t n, enum deliver_how how)
{
    struct outcomes *o = ctx;
    size_t total = 0, at = 0;
    CLEANUP_FREE uint64_t *seqs = NULL;

    for (size_t i = 0; i < n; i++) {
        total += events[i].n_seqs;
        o->done_bytes += events[i].doc_len;
    }
    seqs = mem_alloc(total * sizeof(*seqs));
    for (size_t i = 0; i < n; i++) {
        memcpy(seqs + at, events[i].seqs, events[i].n_seqs * sizeof(*seqs));
        at += events[i].n_seqs;
    }
    if (how == DELIVER_DELIVERED)
        o->s->stats.delivered += n;
    else
        o->s->stats.rejected += n;
    if (o->s->scoreboard.n_suspects)
        forget_batch(o, events, n, how);
    numbers_sort(seqs, total);
    requeue_done(o->requeue, events, n);
    if (total)
        stores_done_with(o->s, seqs, total);
}

struct deliver_ops outcomes_ops(struct outcomes *o)
{
    return (struct deliver_ops){
        .sealed = on_sealed, .done = on_done, .sending = on_sending, .sent = on_sent, .ctx = o};
}

bool outcomes_may_tidy(const struct outcomes *o)
{
    return o->done_bytes > TRIM_AFTER;
}

void outcomes_tidy(struct outcomes *o)
{
    mem_trim();
    o->done_bytes = 0;
}
