/* SPDX-License-Identifier: Apache-2.0 */
/* One file of the journal: a header and entries, preallocated, appended by one write each. Knows
 * the format and nothing of windows, deliveries or audit. An entry that its checksum does not
 * confirm is skipped: a torn tail is normal after a kill.
 *
 * Header, 64 bytes: magic, version, byte order, number, first sequence number, size, seed, CRC.
 * It stands at the beginning and again at the end (version 1: only at the beginning). One of them
 * is enough; without both the seed is found from the entries themselves.
 * Entry: 32 bytes of head (below), the payload, zeros up to a multiple of 8. The checksum starts
 * from the file's random seed, so that no payload can pass for an entry. */
#ifndef OMAUDITJSON_JOURNAL_SEGMENT_H
#define OMAUDITJSON_JOURNAL_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#ifndef SEGMENT_SIZE /* tests/crash builds a program with small ones, to see many of them */
#define SEGMENT_SIZE (4u << 20)
#endif
#define SEGMENT_HEADER 64u
#define SEGMENT_ENTRY_HEAD 32u
#define SEGMENT_PAYLOAD_MAX (SEGMENT_SIZE - 2 * SEGMENT_HEADER - SEGMENT_ENTRY_HEAD)
#define SEGMENT_VERSION 2u

enum entry_type {
    ENTRY_RECORD = 1,  /* payload: the canonical line of one audit record */
    ENTRY_GARBAGE = 2, /* payload: a line that is no record; extra: enum record_fault */
    ENTRY_SEAL = 3,    /* payload: which records make up which events of a batch (marks.h) */
    ENTRY_DONE = 4,    /* payload: sequence numbers that are finished with (marks.h) */
};

struct segment_entry {
    uint32_t type;      /* enum entry_type */
    uint32_t extra;     /* RECORD: what is missing of it (input/cutoff.h); GARBAGE: the fault */
    uint64_t number;    /* RECORD, GARBAGE: sequence number; SEAL: batch number */
    int64_t arrival_ms; /* RECORD, GARBAGE: the input clock (engine/input_clock.h) */
    const char *data;   /* payload, borrowed */
    size_t len;
};

enum segment_header {
    SEGMENT_HEADER_WHOLE,
    SEGMENT_HEADER_REPAIRED, /* one of the two was bad, or one bit of the only one */
    SEGMENT_HEADER_FOUND,    /* none was left: number from the name, the rest from the entries */
};

struct segment {
    int fd; /* open for reading and writing, or -1 */
    uint64_t number;
    uint64_t first_seq; /* sequence number of its first record; 0: unknown (FOUND, no records) */
    uint32_t seed;
    uint32_t version; /* of the layout; only those of SEGMENT_VERSION are appended to */
    size_t end;       /* where entries must end */
    size_t used;      /* bytes with valid entries, header included */
    size_t short_by;  /* bytes that the file lacks when it is opened */
    enum segment_header header;
    bool delivered;  /* what can be read of it was all finished with when it was set aside */
    uint64_t origin; /* of the file that its records were salvaged from; 0: of none */
};

/* Make a new file at path (must not exist) with its blocks allocated. 0 or -errno; on failure
 * nothing is left behind. */
int segment_create(struct segment *s, int dir_fd, const char *name, uint64_t number,
                   uint64_t first_seq);

/* Open an existing one and check its header. 0; -ENODATA: made, never used; ERR_JOURNAL_VERSION: of
 * another version, byte order or size; ERR_JOURNAL_FORMAT; -errno. Changes nothing. used is not
 * known yet: segment_scan(). */
int segment_open(struct segment *s, int dir_fd, const char *name);

/* Tells the file: what it holds and who made it. */
uint64_t segment_identity(const struct segment *s);

/* Write the header anew where a part of it was bad. 0 or -errno. */
int segment_repair(struct segment *s);

/* What can be read of it is finished with: kept in the file, which is set aside. If that fails, its
 * records come again if somebody salvages them. */
void segment_say_delivered(int dir_fd, const char *name);

/* Give a fresh file the header, the seed and the entries of another one. 0 or -errno. */
int segment_copy(struct segment *fresh, const struct segment *from);

/* Give an existing file (a spare) a new life under a new number; its old contents are zeroed. */
int segment_reuse(struct segment *s, int dir_fd, const char *name, uint64_t number,
                  uint64_t first_seq);

/* Have all blocks of a segment's file there. 0 or -errno. */
int segment_allocate(int fd);

void segment_close(struct segment *s);

/* Bytes that an entry with this payload takes. */
static inline size_t segment_entry_size(size_t len)
{
    return SEGMENT_ENTRY_HEAD + ((len + 7) & ~(size_t)7);
}

static inline bool segment_fits(const struct segment *s, size_t len)
{
    return segment_entry_size(len) <= s->end - s->used;
}

/* Append with one write; 0 or -errno (the segment is as before; -ENOSPC when it does not fit). */
int segment_append(struct segment *s, const struct segment_entry *e);

/* The same in two steps, for several entries with one write: what an append would write, behind out
 * (0 or -EMSGSIZE); and the append of such bytes, all or nothing (0 or -errno). */
int segment_encode(const struct segment *s, const struct segment_entry *e, struct buf *out);
int segment_append_encoded(struct segment *s, const char *data, size_t len);

/* Call each() for all valid entries in order; each returns 0 to go on. Sets used to the end of the
 * last valid one; *skipped to the bytes of damage that lie between valid entries; *dirty when bytes
 * behind the end are not zero (torn tail). 0, each()'s non-zero return, or -errno. */
int segment_scan(struct segment *s, int (*each)(void *ctx, const struct segment_entry *e),
                 void *ctx, size_t *skipped, bool *dirty);

/* Zero everything behind used, so that nothing stale can follow the next append. 0 or -errno. */
int segment_clean_tail(struct segment *s);

/* Read the entry at *offset (>= SEGMENT_HEADER, < used); buffer grows as needed and holds the
 * payload. Moves *offset behind it. 1; 0 when nothing valid is left below used; -errno. */
struct segment_reader {
    char *data;
    size_t cap;
    size_t start; /* file offset of data[0] */
    size_t len;
};
void segment_reader_done(struct segment_reader *r);
int segment_read(const struct segment *s, struct segment_reader *r, size_t *offset,
                 struct segment_entry *e);

#endif
