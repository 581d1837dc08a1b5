/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "event/ring.h"

#include <stdlib.h>

#include "base/mem.h"

void ring_init(struct ring *g, size_t size)
{
    *g = (struct ring){.size = size};
    g->items = mem_calloc(size, sizeof(*g->items));
    g->slots = mem_calloc(size * 2, sizeof(*g->slots));
}

void ring_done(struct ring *g)
{
    free(g->items);
    free(g->slots);
}

static size_t slot_mask(const struct ring *g)
{
    return g->size * 2 - 1;
}

/* The slot of a digest, or the empty one where it would go. */
static size_t find_slot(const struct ring *g, uint64_t digest)
{
    size_t s = digest & slot_mask(g);

    while (g->slots[s] && ring_digest(&g->items[g->slots[s] - 1]) != digest)
        s = (s + 1) & slot_mask(g);
    return s;
}

struct ring_item *ring_find(const struct ring *g, uint64_t digest)
{
    size_t s = find_slot(g, digest);

    return g->slots[s] ? &g->items[g->slots[s] - 1] : NULL;
}

/* Linear probing without tombstones: what follows the hole and may move up, moves up. */
static void ring_forget(struct ring *g, uint64_t digest)
{
    size_t hole = find_slot(g, digest), s = hole;

    if (!g->slots[hole])
        return;
    for (;;) {
        size_t home;

        s = (s + 1) & slot_mask(g);
        if (!g->slots[s])
            break;
        home = ring_digest(&g->items[g->slots[s] - 1]) & slot_mask(g);
        if (((s - home) & slot_mask(g)) >= ((s - hole) & slot_mask(g))) {
            g->slots[hole] = g->slots[s];
            hole = s;
        }
    }
    g->slots[hole] = 0;
}

struct ring_item *ring_get(struct ring *g, uint64_t digest, uint64_t segment)
{
    struct ring_item *it = ring_find(g, digest);
    size_t place;

    if (it)
        return it;
    place = g->head & (g->size - 1);
    it = &g->items[place];
    if (g->head >= g->size)
        ring_forget(g, ring_digest(it));
    g->head++;
    *it = (struct ring_item){.digest = {(uint32_t)digest, (uint32_t)(digest >> 32)},
                             .segment = (uint16_t)segment};
    g->slots[find_slot(g, digest)] = (uint32_t)place + 1;
    return it;
}
