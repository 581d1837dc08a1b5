/* SPDX-License-Identifier: Apache-2.0 */
/* A checksum can be run backwards: if what lies here is an entry, then this is the seed that its
 * segment had. That the entry behind it has the same seed is no accident (1 in 2^32). A payload
 * that imitates entries is shorter than the entry that it lies in, so the seed that covers most
 * wins. */
#include "config.h"
#include "journal/segment_internal.h"

#include <string.h>

#include "journal/crc32c.h"

#define SEEDS_MAX 8
#define WORK_MAX ((size_t)16 * SEGMENT_SIZE) /* bytes: somebody may have made it up */

struct candidate {
    uint32_t seed;
    size_t covers;
};

/* The size of what may be an entry there, or 0. */
static size_t plausible(const char *data, size_t off, size_t len, struct head *h)
{
    if (len - off < sizeof(*h))
        return 0;
    memcpy(h, data + off, sizeof(*h));
    if (h->type < ENTRY_RECORD || h->type > ENTRY_DONE || h->len > len - off - sizeof(*h) ||
        segment_entry_size(h->len) > len - off)
        return 0;
    return segment_entry_size(h->len);
}

static uint32_t seed_of(const struct head *h, const char *payload)
{
    uint32_t crc = crc32c_back(h->crc, payload, h->len);

    crc = crc32c_back(crc, &h->number, sizeof(*h) - offsetof(struct head, number));
    return crc32c_back(crc, &h->len, sizeof(h->len));
}

/* Bytes of entries with this seed from off on. */
static size_t follow(uint32_t seed, const char *data, size_t off, size_t len)
{
    struct segment_entry e;
    size_t at = off, size;

    while (at < len && (size = segment_entry_at(seed, data, at, len, &e)) > 0)
        at += size;
    return at - off;
}

static void vote(struct candidate *seeds, uint32_t seed, size_t covers)
{
    struct candidate *least = &seeds[0];

    for (size_t i = 0; i < SEEDS_MAX; i++) {
        if (seeds[i].covers && seeds[i].seed == seed) {
            seeds[i].covers += covers;
            return;
        }
        if (seeds[i].covers < least->covers)
            least = &seeds[i];
    }
    if (covers > least->covers)
        *least = (struct candidate){seed, covers};
}

bool segment_find_seed(const char *data, size_t from, size_t len, uint32_t *seed)
{
    struct candidate seeds[SEEDS_MAX] = {{0}}, *best = &seeds[0];
    size_t work = 0;

    for (size_t off = from; off < len;) {
        struct head h;
        size_t size = plausible(data, off, len, &h), covers = 0;

        if (size) {
            uint32_t s = seed_of(&h, data + off + sizeof(h));

            covers = follow(s, data, off, len);
            work += size + covers;
            if (work > WORK_MAX)
                break;
            if (covers > size)
                vote(seeds, s, covers);
            else
                covers = 0;
        }
        off += covers ? covers : 8;
    }
    for (size_t i = 1; i < SEEDS_MAX; i++)
        if (seeds[i].covers > best->covers)
            best = &seeds[i];
    *seed = best->seed;
    return best->covers > 0;
}
