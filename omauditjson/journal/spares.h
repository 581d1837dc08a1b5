/* SPDX-License-Identifier: Apache-2.0 */
/* The files spare, spare.1 ...: segments with allocated blocks, the journal's reserve. They exist
 * before the first record is taken and remain when the program ends: rsyslogd 8.2302 forgets the
 * batch in flight when it is stopped, and at that time it is too late to allocate space. The first
 * one is for marks only. */
#ifndef OMAUDITJSON_JOURNAL_SPARES_H
#define OMAUDITJSON_JOURNAL_SPARES_H

#include <stdbool.h>
#include <stddef.h>

#include "journal/segment.h"

#define SPARES_MAX 8

struct spares {
    int dir_fd;
    unsigned wanted; /* how many there should be, at most SPARES_MAX */
    unsigned have;   /* a bit for each that is there */
};

/* Create those that are missing. 0 or -errno. */
int spares_fill(struct spares *s);

/* Turn one into the segment with that name and number; for marks also the last one. 0, or
 * -ENOSPC. */
int spares_take(struct spares *s, const char *name, bool mark, uint64_t number, uint64_t first_seq,
                struct segment *ret);

/* Turn a finished segment into a spare if one is missing: true. */
bool spares_give(struct spares *s, const char *name);

static inline bool spares_whole(const struct spares *s)
{
    return (s->have & ((1u << s->wanted) - 1)) == (1u << s->wanted) - 1;
}

/* Bytes in them for records. */
static inline size_t spares_bytes(const struct spares *s)
{
    return (size_t)__builtin_popcount(s->have & ~1u) * SEGMENT_SIZE;
}

#endif
