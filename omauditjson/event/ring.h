/* SPDX-License-Identifier: Apache-2.0 */
/* Digests in a ring of fixed size, the oldest forgotten first, with an index over them. For
 * recent.c, which says what an item's count and flag mean. */
#ifndef OMAUDITJSON_EVENT_RING_H
#define OMAUDITJSON_EVENT_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Twelve bytes: there are a hundred thousand of them. */
struct ring_item {
    uint32_t digest[2];
    uint16_t segment;    /* low bits of the number of the journal's segment that it belongs to */
    uint16_t count : 15; /* a record: recent.c's states; an event: its parts */
    uint16_t flag : 1;   /* an event: the file does not have it so */
};

#define RING_COUNT_MAX INT16_MAX

struct ring {
    struct ring_item *items;
    uint16_t *bucket; /* the place of its newest item, when that is one of this bucket's */
    uint16_t *next;   /* of each item: the next older one in its bucket, or itself */
    size_t size;      /* power of two, at most 65,536: places are 16 bits wide */
    size_t head;      /* items ever added */
};

void ring_init(struct ring *g, size_t size);
void ring_done(struct ring *g);

static inline uint64_t ring_digest(const struct ring_item *it)
{
    return (uint64_t)it->digest[1] << 32 | it->digest[0];
}

/* The n-th ever added, ring_oldest() <= n < head. */
static inline struct ring_item *ring_at(const struct ring *g, size_t n)
{
    return &g->items[n & (g->size - 1)];
}

static inline size_t ring_oldest(const struct ring *g)
{
    return g->head > g->size ? g->head - g->size : 0;
}

/* The youngest item of that digest, or NULL; and the next older one of the same. */
struct ring_item *ring_find(const struct ring *g, uint64_t digest);
struct ring_item *ring_find_older(const struct ring *g, const struct ring_item *it);

/* Which one it is of all that were ever added: ring_at() of it. */
size_t ring_number(const struct ring *g, const struct ring_item *it);

/* One more, also when there are equal ones. */
struct ring_item *ring_add(struct ring *g, uint64_t digest, uint64_t segment);

/* The item; one that is new belongs to that segment. */
struct ring_item *ring_get(struct ring *g, uint64_t digest, uint64_t segment);

#endif
