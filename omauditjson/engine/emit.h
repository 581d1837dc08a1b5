/* SPDX-License-Identifier: Apache-2.0 */
/* An event out of the index, or of a former life's batch, into a document, and that to deliver.
 * Owns the parser, the format, the table of processes and the buffers for one event at a time. The
 * event is in process meanwhile. Part of the engine. */
#ifndef OMAUDITJSON_ENGINE_EMIT_H
#define OMAUDITJSON_ENGINE_EMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/setaside.h"
#include "engine/stores.h"
#include "event/event.h"
#include "event/group.h"

struct emitter;

struct emitter *emit_new(struct stores *s, struct setaside *sa); /* both are borrowed */
void emit_free(struct emitter *em);
/* The stores have a new configuration. */
void emit_reconfigure(struct emitter *em);

/* Hand one settled event over. False: not now, the dead letters can't be written. Precondition:
 * deliver_has_room(). */
bool emit_event(struct emitter *em, const struct group_event *ev, int64_t now_ms);

/* An event of a batch that a former life sealed, with the lineage that its mark has, between
 * deliver_resume_begin() and _end(): the same bytes under the same id. False: it can't be made any
 * more (logged). */
bool emit_resumed(struct emitter *em, const struct event_source *src, const uint64_t *seqs);

#endif
