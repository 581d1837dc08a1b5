/* SPDX-License-Identifier: Apache-2.0 */
/* Right of the journal: records to events, and those that have settled to the emitter. A record
 * goes on from memory while the receiver keeps up; when it does not, the pipeline stops and later
 * reads on from the journal, so that memory stays flat. A start is the same thing from the
 * journal's beginning. Owns the index of open events and the cursor. Part of the engine. */
#ifndef OMAUDITJSON_ENGINE_PIPELINE_H
#define OMAUDITJSON_ENGINE_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/emit.h"
#include "engine/input_clock.h"
#include "engine/setaside.h"
#include "engine/stores.h"
#include "input/record.h"

struct pipeline;

/* Its cursor stands at the journal's beginning. All four are borrowed. */
struct pipeline *pipeline_new(struct stores *s, struct emitter *em, struct setaside *sa,
                              const struct input_clock *clock);
void pipeline_free(struct pipeline *p);
/* The stores have a new configuration. */
void pipeline_reconfigure(struct pipeline *p);
/* Records in batches that a former life made; ascending; taken over. */
void pipeline_skip(struct pipeline *p, uint64_t *seqs, size_t n);

/* Can a new record go on from memory? Otherwise it is read from the journal later. */
bool pipeline_direct(const struct pipeline *p);
/* Before a record is appended that will not be consumed directly. */
void pipeline_fall_behind(struct pipeline *p);
/* The record is in process (SCOREBOARD_RECORD) and no longer afterwards. */
void pipeline_consume(struct pipeline *p, const struct record *rec, uint64_t seq, uint32_t cut);
/* These turned out to be repeats, or parts of another record: those that are in no event that has
 * gone on are done with. Returns how many. */
size_t pipeline_take_back(struct pipeline *p, const uint64_t *seqs, size_t n);
/* No further record comes. */
void pipeline_end_input(struct pipeline *p);

/* The clock has moved: hand over what has settled by now, before further records come. */
void pipeline_settle(struct pipeline *p, int64_t now_ms);
/* Move what can move from the journal to deliver. */
void pipeline_run(struct pipeline *p, int64_t now_ms);

/* There is more to do at once: pipeline_run() left some, or deliver has made room since. */
bool pipeline_can_go_on(const struct pipeline *p, int64_t now_ms);
/* When pipeline_run() must be called next because of time alone; CLOCK_NEVER: never. */
int64_t pipeline_next_ms(const struct pipeline *p, int64_t now_ms, bool clock_runs);
/* Nothing unread in the journal, nothing that has settled: only time and records bring more. */
bool pipeline_waits(const struct pipeline *p);
size_t pipeline_open_events(const struct pipeline *p);
/* It waits, and no event is open. */
bool pipeline_is_empty(const struct pipeline *p);

#endif
