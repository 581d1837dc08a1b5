/* SPDX-License-Identifier: Apache-2.0 */
/* What nobody wants, kept: lines that are no record, events that a receiver refuses for good.
 * Owns the folder state_dir/deadletter: files of JSON lines, numbered, rotated at a size, the
 * number of files bounded: when a new one would pass the bound the oldest file goes, which is
 * counted and logged, or nothing is taken any more (deadletter_set_hold()). Never blocks on
 * anything but the disk. */
#ifndef OMAUDITJSON_DELIVER_DEADLETTER_H
#define OMAUDITJSON_DELIVER_DEADLETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "deliver/deadknown.h"

struct deadletter;

/* dir is made if it is not there (0700). file_bytes and max_files bound the folder (a line longer
 * than file_bytes has a file of its own). 0 or -errno. */
int deadletter_new(const char *dir, size_t file_bytes, unsigned max_files, struct deadletter **ret);
void deadletter_free(struct deadletter *dl);

/* At the bound, deadletter_add() answers ERR_DEAD_FULL, and no entry goes to make room. */
void deadletter_set_hold(struct deadletter *dl, bool hold);

/* Why something is here. */
struct deadletter_entry {
    struct deadletter_key key; /* what it is an entry of; zero: unknown */
    const char *reason;        /* "no audit record header", "refused by the receiver" */
    const char *id;            /* event id, or NULL */
    long status;               /* HTTP status, 0: none */
    const char *answer;        /* the receiver's answer, cut; NULL: none; any bytes */
    size_t answer_len;
    const char *line; /* the line that is no record; NULL when doc is given; any bytes */
    size_t line_len;
    const char *doc; /* the event's document; NULL when line is given */
    size_t doc_len;
};

/* Append one JSON line: {"key":...,"time":...,"reason":...,"id":...,"status":...,"answer":...,
 * "line":...}
 * or "event":{...} (a document that is no JSON, as message_before can make it, is kept like a
 * line). Bytes of line that are no UTF-8 are kept: then "line_base64" is written in its
 * place; in answer they become U+FFFD. One write(). An entry whose key stands in the folder already
 * is not written again. 0 or -errno (nothing was added: keep the thing and try again). */
int deadletter_add(struct deadletter *dl, const struct deadletter_entry *e);

/* Find out what a former life has written, and have it on the disk, so that what it was killed
 * amidst is not written twice: before the first deadletter_add() of a start that has something to
 * go on with. 0 or -errno: then what it wrote is not counted on. */
int deadletter_recall(struct deadletter *dl);

/* The line that deadletter_add() would write, LF included, in the place of what b holds. */
void deadletter_write(struct buf *b, const struct deadletter_entry *e);

/* fdatasync what was added since the last call; 0 or -errno: then what was added since the last
 * good call may be lost and must be added again (the kernel forgets a page that it failed to
 * write, and a second fdatasync would say 0). */
int deadletter_sync(struct deadletter *dl);

/* How many syncs have failed, those included by which deadletter_add() ends a full file. Who adds
 * several entries before a sync compares: when it has grown since the first, they may be lost
 * although the sync says 0. */
uint64_t deadletter_losses(const struct deadletter *dl);

struct deadletter_counts {
    uint64_t added;           /* entries written by this process */
    uint64_t dropped_files;   /* oldest files that went to make room */
    uint64_t dropped_entries; /* lines in them */
    uint64_t held;            /* entries that could not be added for the bound; each try counts */
};
struct deadletter_counts deadletter_counts(const struct deadletter *dl);

#endif
