/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "event/ring.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

void ring_init(struct ring *g, size_t size)
{
    assert(size && size <= (size_t)UINT16_MAX + 1 && (size & (size - 1)) == 0);
    *g = (struct ring){.size = size};
    g->items = mem_calloc(size, sizeof(*g->items));
    g->bucket = mem_calloc(size, sizeof(*g->bucket));
    g->next = mem_calloc(size, sizeof(*g->next));
}

void ring_done(struct ring *g)
{
    free(g->items);
    free(g->bucket);
    free(g->next);
}

static size_t bucket_of(const struct ring *g, uint64_t digest)
{
    return digest & (g->size - 1);
}

/* Nobody empties a bucket: what it names is then an item of another one. */
static bool has_items(const struct ring *g, size_t bucket)
{
    size_t place = g->bucket[bucket];

    return place < g->head && bucket_of(g, ring_digest(&g->items[place])) == bucket;
}

/* How many items are younger than the one in this place. */
static size_t age(const struct ring *g, size_t place)
{
    return (g->head - 1 - place) & (g->size - 1);
}

/* From this place on, down its bucket. Nobody takes the oldest item out of its bucket: a place that
 * was used again since holds an item that is younger than what points to it. */
static struct ring_item *find_from(const struct ring *g, size_t place, uint64_t digest)
{
    while (ring_digest(&g->items[place]) != digest) {
        size_t older = g->next[place];

        if (age(g, older) <= age(g, place))
            return NULL;
        place = older;
    }
    return &g->items[place];
}

struct ring_item *ring_find(const struct ring *g, uint64_t digest)
{
    size_t bucket = bucket_of(g, digest);

    return has_items(g, bucket) ? find_from(g, g->bucket[bucket], digest) : NULL;
}

struct ring_item *ring_find_older(const struct ring *g, const struct ring_item *it)
{
    size_t place = (size_t)(it - g->items), older = g->next[place];

    return age(g, older) > age(g, place) ? find_from(g, older, ring_digest(it)) : NULL;
}

size_t ring_number(const struct ring *g, const struct ring_item *it)
{
    return g->head - 1 - age(g, (size_t)(it - g->items));
}

struct ring_item *ring_add(struct ring *g, uint64_t digest, uint64_t segment)
{
    size_t bucket = bucket_of(g, digest), place = g->head & (g->size - 1);
    struct ring_item *it = &g->items[place];

    g->next[place] = has_items(g, bucket) ? g->bucket[bucket] : (uint16_t)place;
    g->bucket[bucket] = (uint16_t)place;
    g->head++;
    *it = (struct ring_item){.digest = {(uint32_t)digest, (uint32_t)(digest >> 32)},
                             .segment = (uint16_t)segment};
    return it;
}

struct ring_item *ring_get(struct ring *g, uint64_t digest, uint64_t segment)
{
    struct ring_item *it = ring_find(g, digest);

    return it ? it : ring_add(g, digest, segment);
}
