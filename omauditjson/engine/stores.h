/* SPDX-License-Identifier: Apache-2.0 */
/* What several parts of the engine call functions of: the configuration, the statistics, and the
 * modules that keep records (journal, memory of repeats, dead letters) or send them (deliver).
 * Opens and closes them and says in the log what they find. The parts call the modules' functions
 * and count in stats; they set nothing else here. Part of the engine. */
#ifndef OMAUDITJSON_ENGINE_STORES_H
#define OMAUDITJSON_ENGINE_STORES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stats.h"
#include "conf/conf.h"
#include "deliver/deadletter.h"
#include "deliver/deliver.h"
#include "engine/replies.h"
#include "event/recent.h"
#include "journal/scoreboard.h"
#include "journal/journal.h"

#define STORES_RETRY_MS 1000 /* between two tries of a disk that said no */

struct stores {
    struct conf *conf;            /* owned; SIGHUP brings another */
    int state_fd;                 /* not owned */
    struct stats stats;           /* each part adds to its own rows */
    struct scoreboard scoreboard; /* what is being handled, should we die of it */
    struct journal *journal;
    struct recent *recent;
    struct deadletter *dead;
    struct deliver *deliver;
    struct replies *waiting; /* gets dots while the journal is read; NULL: not now */
    bool window_logged;      /* that it is full */
};

/* First the scoreboard and the memory of repeats. 0 or -errno (logged): a newer version's,
 * untouched. */
int stores_open(struct stores *s);
/* Then dead letters and journal. waiting: whom a long reading must keep waiting. marks_whole: no
 * loss of power can have taken a SEAL of the former life's. 0 or -errno (logged). */
int stores_open_journal(struct stores *s, struct replies *waiting, bool *marks_whole);
/* Then deliver. recall: something of a former life goes on, in whatever folder. doc_fd: where
 * receiver stdout writes, -1: nowhere. 0 or -errno (logged). */
int stores_open_deliver(struct stores *s, bool recall, const struct deliver_ops *ops, int doc_fd);
/* The start is over: nobody waits for the journal. */
void stores_started(struct stores *s);
void stores_close(struct stores *s); /* s may be half open */

/* conf is taken over; the caller frees the old one when no part uses it any more. */
void stores_reconfigure(struct stores *s, struct conf *conf);

/* So long can a canonical line be. */
size_t stores_line_max(const struct stores *s);

/* The journal has no room; said once. */
void stores_say_full(struct stores *s);
/* These records are finished with. */
void stores_done_with(struct stores *s, const uint64_t *seqs, size_t n);

/* What names a record's entry among the dead letters. */
struct deadletter_key stores_dead_key(const struct stores *s, uint64_t seq, const char *line,
                                      size_t len);

/* Fill the gauges, but for open_events. */
void stores_gauges(struct stores *s);

#endif
