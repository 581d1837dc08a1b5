/* SPDX-License-Identifier: Apache-2.0 */
/* The log of a schedule: made from its seed, cut into pieces, handed to rsyslog the way the stanza
 * reads it, and compared with what omauditjson answered. Owns the lines; knows nothing of
 * processes. */
#ifndef TESTS_CRASH_TRAIL_H
#define TESTS_CRASH_TRAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "schedule.h"

struct trail;

/* Run gen, make the log of s in dir: dir/fed is what the oracle compares with. NULL: no gen. */
struct trail *trail_new(const struct schedule *s, const char *gen, const char *dir);
void trail_free(struct trail *t);

/* Piece number so is to go out; as much of what is due as rsyslog takes now. */
void trail_feed(struct trail *t, unsigned piece);
void trail_push(struct trail *t);
bool trail_pushed(const struct trail *t); /* nothing is left to push */

/* dir/audit/audit.log is renamed. */
void trail_rotate(struct trail *t);

/* Read what the shim wrote down meanwhile. */
void trail_listen(struct trail *t);
size_t trail_records(const struct trail *t);    /* lines, all pieces */
size_t trail_unanswered(const struct trail *t); /* lines fed and not answered */

/* Of them those with which a file passed the bytes that imfile knows it by: rsyslogd 8.2302 saves
 * its position then, before it has given that line to anybody. */
size_t trail_unanswered_marks(struct trail *t);

/* Lines that were answered and never fed: rsyslogd 8.2302, killed with -9, can put two lines of its
 * queue on disk into one. */
size_t trail_invented(const struct trail *t);

/* dir/seen: those that were answered, as often as they were, as the oracle knows them; what was
 * invented counts as fed. */
void trail_write_seen(struct trail *t);

#endif
