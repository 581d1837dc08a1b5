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

struct ring_item *ring_find(const struct ring *g, uint64_t digest)
{
    size_t bucket = bucket_of(g, digest), place = g->bucket[bucket], older;

    if (!has_items(g, bucket))
        return NULL;
    while (ring_digest(&g->items[place]) != digest) {
        older = g->next[place];
        if (older == place)
            return NULL;
        place = older;
    }
    return &g->items[place];
}

/* The oldest item of all is the last one in its bucket. */
static void forget(struct ring *g, size_t oldest)
{
    size_t place = g->bucket[bucket_of(g, ring_digest(&g->items[oldest]))];

    while (place != oldest && g->next[place] != oldest)
        place = g->next[place];
    g->next[place] = (uint16_t)place;
}

struct ring_item *ring_get(struct ring *g, uint64_t digest, uint64_t segment)
{
    struct ring_item *it = ring_find(g, digest);
    size_t bucket = bucket_of(g, digest), place = g->head & (g->size - 1);

    if (it)
        return it;
    it = &g->items[place];
    if (g->head >= g->size)
        forget(g, place);
    g->next[place] = has_items(g, bucket) ? g->bucket[bucket] : (uint16_t)place;
    g->bucket[bucket] = (uint16_t)place;
    g->head++;
    *it = (struct ring_item){.digest = {(uint32_t)digest, (uint32_t)(digest >> 32)},
                             .segment = (uint16_t)segment};
    return it;
}
