/* SPDX-License-Identifier: Apache-2.0 */
/* What the journal's sources share: journal.c (appends, marks, removal), journal_open.c (what a
 * former life left), journal_read.c (cursor and scan). Nobody else includes this. */
#ifndef OMAUDITJSON_JOURNAL_JOURNAL_INTERNAL_H
#define OMAUDITJSON_JOURNAL_JOURNAL_INTERNAL_H

#include "base/buf.h"
#include "journal/journal.h"
#include "journal/spares.h"

#define JOURNAL_NAME_SIZE 32
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
    struct spares spares;
    bool aside_over; /* too many damaged files, when they were last counted */
    size_t aside;
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
    struct journal_tally *tally;
    uint64_t boot;
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

/* Rename a file to NAME.bad, or NAME.bad.N. 0 or -errno. */
int journal_set_aside(struct journal *j, const char *name);
void journal_count_aside(struct journal *j);

/* ---- journal_missing.c: numbers that should be there */

struct missing {
    struct missing_range {
        uint64_t first, end;
    } * at; /* in order, apart */
    size_t n, cap;
};
void missing_done(struct missing *m);
void missing_add(struct missing *m, uint64_t first, uint64_t end); /* behind all others */
int missing_take_out(void *m, uint64_t first, uint64_t count);     /* returns 0 */
uint64_t missing_count(const struct missing *m);
bool missing_has(const struct missing *m, uint64_t seq);

/* The tally is written. */
static inline void journal_note(struct journal *j)
{
    if (j->tally) {
        j->tally->next = j->next_seq;
        j->tally->undone = j->undone;
    }
}

/* What is missing of what the files and the tally say: into m, where the gaps between and in the
 * segments are already, and into the report. Then, when marks can be appended: it is marked as
 * finished with, and the tally goes on from here. */
void journal_find_missing(struct journal *j, struct missing *m, struct journal_report *report);
void journal_settle_missing(struct journal *j, const struct missing *m);

/* Append a mark. */
int journal_append_mark(struct journal *j, const struct segment_entry *e);

#endif
