/* SPDX-License-Identifier: Apache-2.0 */
/* A record into the journal, or not: judges a line (no record, empty, a repeat), appends what is to
 * be kept, and says in the shared page what rsyslog has had no answer to. Owns the knowledge of
 * the line that rsyslog sends twice. Never syncs, never waits. Part of the engine. */
#ifndef OMAUDITJSON_ENGINE_ADMIT_H
#define OMAUDITJSON_ENGINE_ADMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/input_clock.h"
#include "engine/pipeline.h"
#include "engine/replies.h"
#include "engine/stores.h"
#include "input/lineio.h"
#include "input/record.h"

struct admit;

/* All are borrowed. */
struct admit *admit_new(struct stores *s, struct pipeline *p, struct replies *r,
                        const struct input_clock *clock);
void admit_free(struct admit *a);

/* The stores' scoreboard is open. same_sender: this rsyslogd may have sent to the former life. */
void admit_start(struct admit *a, bool same_sender);

/* A line of rsyslog's, before it is handled: a mark, a record, or (message) several records. */
void admit_line(struct admit *a, enum omprog_action action, const struct line *line, bool message);

/* What became of a record, for the pipeline to go on with behind the reply. */
struct admitted {
    struct record rec;
    uint64_t seq, digest;
    uint32_t cut;
    bool kept;   /* it is in the journal, or was known: not to be judged again */
    bool stored; /* ... there, under seq */
    bool direct; /* it goes on from memory, with admit_go_on() */
};

/* A record of it. *ret: zeroed. 0, or what journal_append() says: try again later. */
int admit_record(struct admit *a, const struct line *line, struct admitted *ret);
/* One whose escaping is broken: its bytes go into the dead letters. */
int admit_broken(struct admit *a, const struct line *line, struct admitted *ret);

/* That record, the last of a message, may go on in the next message: rsyslog splits a message that
 * is too long. If it does, both together take its place. */
void admit_split(struct admit *a, const struct line *line, const struct admitted *ad);

/* The reply to a line. */
void admit_answer(struct admit *a, enum omprog_action action);

/* Behind the reply: to its event, if it goes on from memory. */
void admit_go_on(struct admit *a, const struct admitted *ad);

/* No further line comes. */
void admit_ended(struct admit *a);

#endif
