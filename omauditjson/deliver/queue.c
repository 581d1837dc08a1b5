/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/queue.h"

#include "conf/conf.h"

size_t queue_width(const struct deliver *d)
{
    return d->conf->in_flight ? d->conf->in_flight : 1;
}

struct retry_pace queue_pace(const struct deliver *d)
{
    return (struct retry_pace){.min_ms = d->conf->retry_min, .max_ms = d->conf->retry_max};
}

void queue_append(struct deliver *d, struct batch *b, enum batch_state state)
{
    struct batch **end = &d->first;

    while (*end)
        end = &(*end)->next;
    *end = b;
    b->state = state;
    d->n_batches++;
    d->next_ms = 0; /* deliver_run() has something to do */
}

void queue_insert(struct deliver *d, struct batch *b, struct batch *part)
{
    part->next = b->next;
    b->next = part;
    d->n_batches++;
}

struct batch *queue_split(struct deliver *d, struct batch *b)
{
    d->n_batches++;
    return batch_split(b);
}

void queue_drop(struct deliver *d, struct batch *b)
{
    struct batch **p = &d->first;

    while (*p != b)
        p = &(*p)->next;
    *p = b->next;
    d->n_batches--;
    batch_free(b);
}

bool queue_is_ambiguous(const struct deliver *d, const struct batch *b)
{
    return b->last_500 && b->refusals >= QUEUE_REFUSALS && d->accepted == b->accepted;
}
