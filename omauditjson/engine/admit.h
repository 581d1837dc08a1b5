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

/* The stores' hand is open. same_sender: this rsyslogd may have sent to the former life. */
void admit_start(struct admit *a, bool same_sender);

/* Each line, before it is handled. */
void admit_line(struct admit *a, enum omprog_action action);

/* What became of a record, for the pipeline to go on with behind the reply. */
struct admitted {
    struct record rec;
    uint64_t seq, digest;
    uint32_t cut;
    bool kept;   /* it is in the journal, or was known: not to be judged again */
    bool direct; /* it goes on from memory, with admit_go_on() */
};

/* *ret: zeroed. 0, or what journal_append() says: try again later. */
int admit_record(struct admit *a, const struct line *line, struct admitted *ret);

/* The reply to a line. */
void admit_answer(struct admit *a, enum omprog_action action);

/* Behind the reply: to its event, if it goes on from memory. */
void admit_go_on(struct admit *a, const struct admitted *ad);

/* No further line comes. */
void admit_ended(struct admit *a);

#endif
