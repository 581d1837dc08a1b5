/* SPDX-License-Identifier: Apache-2.0 */
/* The journal: holds acknowledged records until they are delivered. A bounded window of
 * preallocated segments in state_dir/journal; every record has a sequence number (from 1, without
 * gaps). A record leaves by journal_done(); a segment is removed when it is the oldest and all its
 * records are done. An append survives a crash of the process when it returns, and of the machine
 * after journal_sync(). Never blocks on anything but the disk, never logs, knows nothing of audit.
 */
#ifndef OMAUDITJSON_JOURNAL_JOURNAL_H
#define OMAUDITJSON_JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal/segment.h"
#include "journal/tally.h"

struct journal;

struct journal_conf {
    int state_fd;    /* the state directory; borrowed for journal_open() */
    uint64_t window; /* bytes of segments that records may fill */
    /* Called before segments are removed: this one and those before it. All their records are done,
     * durably. The owner saves what it still needs of them; it has seen them when they were
     * appended or in journal_scan(), before which none is removed. NULL: none. */
    void (*removing)(void *ctx, uint64_t segment);
    /* Called before a whole segment is read, in journal_open() and journal_scan(), so that the
     * owner can keep rsyslog waiting. NULL: none. */
    void (*reading)(void *ctx);
    /* What the previous process knew, continued by this one; borrowed until journal_close(). NULL:
     * none. */
    struct journal_tally *tally;
    void *ctx;
};

/* What journal_open() found. */
struct journal_report {
    size_t segments;
    size_t records;       /* valid ones */
    size_t undone;        /* of these, not finished with */
    size_t set_aside;     /* files that are no segment of ours, renamed to NAME.bad */
    char bad_name[32];    /* the first of them; or of another version */
    size_t aside;         /* all files *.bad there are */
    size_t repaired;      /* headers that were damaged in part and were repaired */
    size_t found;         /* segments whose header was found from their entries */
    size_t short_files;   /* shorter than a segment is, */
    uint64_t short_bytes; /* by so many bytes */
    /* Records that should be there, are not, and are not known to be finished with: at most lost,
     * lost_surely of them for certain. A loss is reported once. */
    uint64_t lost, lost_surely;
    size_t damaged_bytes; /* skipped between valid entries */
    bool same_boot;       /* the machine is known to have run since the former life */
    bool torn;            /* the last append was cut off by a kill: normal */
};

/* Is there a segment of another version, byte order or size? 0 or ERR_JOURNAL_VERSION, with its
 * name in report->bad_name. Changes nothing. */
int journal_foreign(int state_fd, struct journal_report *report);

/* Make state_dir/journal if needed and read what is there. 0, ERR_JOURNAL_VERSION (nothing was
 * touched) or -errno. A full disk is no error: the first append will say so. */
int journal_open(const struct journal_conf *conf, struct journal **ret,
                 struct journal_report *report);

/* Sync, and when everything is done remove all files but the reserve. */
void journal_close(struct journal *j);

/* Are the folder and all segments still there under their names? */
bool journal_is_there(const struct journal *j, int state_fd);

/* Append a record (ENTRY_RECORD) or a line that is none (ENTRY_GARBAGE); *seq gets its number.
 * 0; ERR_JOURNAL_FULL: the window is full; ERR_JOURNAL_ASIDE: more than JOURNAL_ASIDE_FILES damaged
 * files are kept, or more bytes than so many segments; -errno: the disk said no, or has no room for
 * the whole reserve: try again later. */
#define JOURNAL_ASIDE_FILES 16
int journal_append(struct journal *j, const struct segment_entry *e, uint64_t *seq);

/* While no reply is due, records need not be written one by one: they are buffered until the next
 * journal_flush(), or until a mark, a sync or reading requires their order on disk. Off at the
 * start. */
void journal_set_holding(struct journal *j, bool holding);

/* Write what is held, with one write. 0, or -errno: it stays held. */
int journal_flush(struct journal *j);

/* Append a SEAL mark: what makes up a batch. May use a reserve beyond the window. */
int journal_seal(struct journal *j, uint64_t batch_no, const char *payload, size_t len);

/* These records are done. Takes effect at once, and on disk if possible (if not, they may be sent
 * again after a restart, with the same ids). Their order does not matter; one call per batch. */
void journal_done(struct journal *j, const uint64_t *seqs, size_t n);

/* Remove the oldest segments whose records are done. journal_done() does it itself; call it once at
 * the start, after journal_scan(). */
void journal_trim(struct journal *j);

/* All appends so far are durable when this returns 0. -errno: they are not; call again (what the
 * kernel may have dropped is then written again). Does nothing when nothing was appended. */
int journal_sync(struct journal *j);

/* Let records use the reserve too: a quarter of the window, at least one segment. The first
 * JOURNAL_SPARES of these segments, and one for marks, are files whose blocks are allocated before
 * the first record is taken, so that they are available on a full disk. */
#define JOURNAL_SPARES 4
void journal_open_reserve(struct journal *j, bool open);
void journal_set_window(struct journal *j, uint64_t window);

/* Append the records of a segment's file, with new numbers, if there is room for all of them; *n is
 * their number. Atomic if killed at any point; repeated, it does not append records twice while
 * they are in the journal. 0; ERR_JOURNAL_FULL; ERR_JOURNAL_FORMAT: nothing can be read; -errno.
 * The cursor must not stand behind all that is there. */
int journal_salvage(struct journal *j, int dir_fd, const char *name, uint64_t *n);

/* Contents of a file, for display. */
struct journal_look {
    const char *name;
    int error; /* of opening it; the rest is known if that is 0 */
    struct segment segment;
    bool aside;             /* NAME.bad */
    uint64_t records;       /* in it, */
    uint64_t undone;        /* and not finished with as far as this file and the journal say */
    uint64_t first, last;   /* their numbers */
    uint64_t gap;           /* numbers missing before it, not known to be finished with */
    uint64_t other_entries; /* marks */
    size_t damaged_bytes;
    bool torn;
};
/* Call each() for the segments of state_dir/journal in order, then for what was set aside. Changes
 * nothing; beside a running program what it says is of a moment ago. 0 or -errno. */
int journal_look(int state_fd, void (*each)(void *ctx, const struct journal_look *look), void *ctx);

/* Every valid entry in order; done says whether a record is finished with. each() returns 0 to go
 * on. 0, each()'s non-zero, or -errno. */
int journal_scan(struct journal *j,
                 int (*each)(void *ctx, const struct segment_entry *e, bool done), void *ctx);

/* A reading position. Starts at the oldest record. */
struct journal_cursor {
    uint64_t segment; /* number */
    uint64_t rewrites;
    size_t offset;
    struct segment file; /* own descriptor */
    struct segment_reader reader;
};
void journal_cursor_init(struct journal_cursor *c);
void journal_cursor_done(struct journal_cursor *c);

/* The next record or garbage line that is not done. 1; 0 at the end; -errno. */
int journal_cursor_read(struct journal *j, struct journal_cursor *c, struct segment_entry *e);

/* Put the cursor behind everything that is there now. */
void journal_cursor_to_end(struct journal *j, struct journal_cursor *c);

/* Numbers from first to before next can be those of a record here; so many are. */
struct journal_numbers {
    uint64_t first, next, records;
};
struct journal_numbers journal_numbers(const struct journal *j);
uint64_t journal_next_number(const struct journal *j); /* of the next record */

uint64_t journal_undone(const struct journal *j);  /* records not finished with */
uint64_t journal_bytes(const struct journal *j);   /* used in all segments */
uint64_t journal_removed(const struct journal *j); /* segments removed so far */
bool journal_full(const struct journal *j);        /* a record of average size would not fit */
bool journal_reserve_low(const struct journal *j); /* less than half of the reserve is free */
/* Would records fit without the reserve, and is that whole? 0, or what journal_append() says. */
int journal_has_room(struct journal *j);
size_t journal_aside(const struct journal *j); /* damaged files that are kept */
bool journal_unsynced(const struct journal *j);

/* The number of the segment that holds this record, which is there. */
uint64_t journal_segment_of(const struct journal *j, uint64_t seq);
/* That segment's seed: with seq it names the record among all that ever had this number. */
uint32_t journal_seed_of(const struct journal *j, uint64_t seq);

#endif
