/* SPDX-License-Identifier: Apache-2.0 */
/* The files spare, spare.1 ...: segments whose blocks are allocated. They are there before a record
 * is taken and stay when the program ends, since rsyslogd 8.2302 forgets the batch in its hands
 * when it is stopped: by then it is too late to look for room. The first one is for marks alone. */
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

/* Have all of them there. 0 or -errno. */
int spares_fill(struct spares *s);

/* Make one the segment with that name and number. For marks the last one, too. 0, or -ENOSPC. */
int spares_take(struct spares *s, const char *name, bool mark, uint64_t number, uint64_t first_seq,
                struct segment *ret);

/* A segment that is done with becomes one, if one is missing: true. */
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
