/* SPDX-License-Identifier: Apache-2.0 */
/* What the journal's sources share: journal.c (appends, marks, removal), journal_open.c (what a
 * former life left), journal_read.c (cursor and scan). Nobody else includes this. */
#ifndef OMAUDITJSON_JOURNAL_JOURNAL_INTERNAL_H
#define OMAUDITJSON_JOURNAL_JOURNAL_INTERNAL_H

#include "base/buf.h"
#include "journal/journal.h"

#define JOURNAL_NAME_SIZE 32
#define JOURNAL_SPARE "spare"
#define JOURNAL_REWRITE "rewrite"
#define JOURNAL_HELD_MAX ((size_t)128 << 10)
/* A record whose number is further from its segment's first is none of ours when it is read. */
#define JOURNAL_PART_RECORDS (SEGMENT_SIZE / SEGMENT_ENTRY_HEAD)

struct part {
    struct segment seg; /* fd is open in the last one only */
    size_t n_records;
    size_t n_done;
    uint64_t *done; /* a bit a record */
    size_t done_words;
    bool damaged;
};

struct journal {
    int dir_fd;
    struct part *parts; /* oldest first */
    size_t n_parts, parts_cap;
    bool appending; /* the last part takes appends */
    uint64_t next_seq, next_number;
    size_t max_parts, reserve_parts;
    size_t parts_then; /* how many there were when the window was set */
    bool have_spare;   /* for marks on a full disk; records wait while it is in use */
    bool reserve_open;
    bool unsynced;
    uint64_t rewrites; /* a cursor's descriptor may be of a file that was replaced */
    bool rewrite; /* a sync failed: the kernel may have dropped pages and will not say so again */
    uint64_t undone;
    uint64_t removed;
    struct buf mark;
    bool holding;    /* records are written several at a time, */
    struct buf held; /* and these are not yet; they come behind the last part's */
    bool scanned;    /* or empty at the start */
    void (*removing)(void *ctx, uint64_t segment);
    void (*reading)(void *ctx);
    void (*dropped)(void *ctx, const char *name, uint64_t bytes, int error);
    void *ctx;
};

/* The file name of a segment, into JOURNAL_NAME_SIZE bytes. */
void journal_part_name(char *out, uint64_t number);

static inline bool journal_part_is_done(const struct part *p, size_t i)
{
    return p->done[i / 64] >> (i % 64) & 1;
}

/* Where there is one for sure. */
static inline struct part *journal_tail(struct journal *j)
{
    return &j->parts[j->n_parts - 1];
}

struct part *journal_add_part(struct journal *j, const struct segment *seg);
void journal_part_grow(struct part *p, size_t n_records);
void journal_part_set_done(struct journal *j, struct part *p, size_t i);

/* A range of a DONE mark; ctx is the journal. Returns 0. */
int journal_done_range(void *ctx, uint64_t first, uint64_t count);

/* Is it the name of a segment? */
bool journal_is_part_name(const char *name, size_t len);

/* Rename a file to NAME.bad, or NAME.bad.N, and drop what is too much of those. 0 or -errno. */
int journal_set_aside(struct journal *j, const char *name);
void journal_bound_aside(struct journal *j);

/* Have the spare segment there. 0 or -errno. */
int journal_make_spare(struct journal *j);

#endif
