/* SPDX-License-Identifier: Apache-2.0 */
/* What recent.c (what is a repeat) and recent_file.c (what is kept on disk) share. Nobody else's.
 */
#ifndef OMAUDITJSON_EVENT_RECENT_INTERNAL_H
#define OMAUDITJSON_EVENT_RECENT_INTERNAL_H

#include "event/recent.h"
#include "event/ring.h"

#define PART_MASK UINT64_C(0xff) /* events in the file: parts in the low bits */

#define SAVE_DIGESTS 512u /* written at a time */

/* ring_item.count of a record */
enum {
    RECENT_UNANSWERED = 1, /* stored, and not known to be answered: it may come once more */
    RECENT_VOID = 2,       /* a stored candidate, and proven to be a repeat: it is not there */
};

/* The file: this header, then the two rings as digests. */
struct file_header {
    uint64_t magic;
    uint64_t seed;
    uint64_t size[2];
    uint64_t head[2]; /* digests ever written */
};

#define STRETCHES 8
#define STRETCH_ENDS 6
#define STRETCH_CANDIDATES 256

struct candidate {
    uint64_t seq; /* in the journal */
    size_t place; /* in the ring of records */
};

/* Lines that follow a stretch of memory. Places are numbers as in ring_at(). */
struct stretch {
    size_t next; /* place whose record comes next */
    size_t end;  /* there it ends; next == end: not in use */
    uint64_t at; /* recent.lines when it last went on */
    unsigned records;
    unsigned n_ends, n_candidates;
    bool proven;
    bool unequal;                /* memory has one of each */
    bool from_start;             /* it began with the first line of a new rsyslogd */
    uint64_t ends[STRETCH_ENDS]; /* events whose last record was among them */
    struct candidate candidates[STRETCH_CANDIDATES];
};

struct recent {
    struct ring records, events;
    uint64_t seed;
    uint64_t lines; /* records seen in this life */
    bool new_sender;
    size_t run_from, run_end; /* places of candidates, up to now */
    struct stretch stretches[STRETCHES];
    size_t unanswered_from, unanswered_end,
        n_unanswered; /* those that are unanswered lie in between */
    struct {
        size_t from, n;
    } open[RECENT_UNITS]; /* recent_open() */
    uint64_t back[STRETCH_CANDIDATES];
    size_t n_back;
    size_t saved; /* of records.head: the file has them */
    int fd;
    struct file_header file;
};

/* The slots of the event ring are probed from the high bits, as the low ones are all zero. What it
 * makes of a digest it makes into that digest again. */
static inline uint64_t recent_event_key(uint64_t event_digest)
{
    return event_digest ^ event_digest >> 32;
}

static inline void recent_raise_parts(struct ring_item *it, unsigned part)
{
    if (part > it->count)
        it->count = (part < RING_COUNT_MAX ? part : RING_COUNT_MAX) & RING_COUNT_MAX;
}

#endif
