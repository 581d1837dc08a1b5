/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine itself puts into the dead letters: lines that are no record, and events that
 * can't be made into a document. Owns the list of lines that are there and not synced yet. Says in
 * the log, once and every ten minutes, that the dead letters can't be written. Part of the engine.
 */
#ifndef OMAUDITJSON_ENGINE_SETASIDE_H
#define OMAUDITJSON_ENGINE_SETASIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/stores.h"
#include "event/group.h"
#include "input/record.h"

struct setaside;

struct setaside *setaside_new(struct stores *s); /* s is borrowed */
void setaside_free(struct setaside *sa);

/* Why a journalled line is not consumed; a record's header is not read here. */
enum record_fault setaside_fault(const struct setaside *sa, const struct segment_entry *entry);

/* A line out of the journal; it is done with after the next setaside_sync(). 0 or -errno. */
int setaside_line(struct setaside *sa, const struct segment_entry *entry, enum record_fault fault,
                  int64_t now_ms);
/* 0: these lines are on the disk and done with in the journal. -errno: try again later. */
int setaside_sync(struct setaside *sa, int64_t now_ms);
/* There are none that wait for it. */
bool setaside_is_synced(const struct setaside *sa);

/* All lines of an event, synced; they are not done with. 0 or -errno: nothing counts as added. */
int setaside_event(struct setaside *sa, const struct group_event *ev, const char *reason,
                   int64_t now_ms);

#endif
