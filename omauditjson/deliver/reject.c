/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/reject.h"

#include <errno.h>

#include "base/err.h"
#include "base/log.h"
#include "deliver/deadletter.h"

#define DEAD_SAY_MS 600000 /* between two lines about dead letters that wait */

static int add(struct deliver *d, struct batch *b)
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

void reject_write(struct deliver *d, int64_t now_ms)
{
    struct retry_pace pace = queue_pace(d);
    uint64_t losses = deadletter_losses(d->dead);
    bool any = false;
    int r = 0, synced;

    if (now_ms < d->dead_retry.next_ms)
        return;
    for (struct batch *b = d->first; b && r == 0; b = b->next)
        if (b->state == BATCH_DEAD) {
            any = true;
            r = add(d, b);
            b->in_dead_letters = r == 0;
        }
    if (!any)
        return;
    synced = deadletter_sync(d->dead);
    if (synced == 0 && deadletter_losses(d->dead) != losses)
        synced = -EIO;
    for (struct batch *b = d->first, *next; b; b = next) {
        next = b->next;
        if (b->state == BATCH_DEAD && b->in_dead_letters && synced == 0) {
            d->counts.rejected++;
            d->ops.done(d->ops.ctx, b->events, 1, DELIVER_REJECTED);
            queue_drop(d, b);
        } else {
            b->in_dead_letters = false; /* what could not be synced is to be added again */
        }
    }
    r = r ? r : synced;
    if (r < 0) {
        if (!d->dead_failing || now_ms >= d->dead_said_ms + DEAD_SAY_MS) {
            log_error("dead letters: cannot be written: %s; keeping rejected events in the "
                      "journal, retrying",
                      err_text(r));
            d->dead_said_ms = now_ms;
        }
        retry_failed(&d->dead_retry, &pace, d->dead_retry.epoch, RETRY_NO_WISH, now_ms, &d->rng);
    } else {
        if (d->dead_failing)
            log_notice("dead letters: writable again");
        retry_succeeded(&d->dead_retry, d->dead_retry.epoch, 1);
    }
    d->dead_failing = r < 0;
}
