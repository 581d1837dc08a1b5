/* SPDX-License-Identifier: Apache-2.0 */
/* The process tree as the records show it: a bounded table of processes by node and pid, from which
 * an event gets its process and its ancestors. Never reads /proc, which may show a later process or
 * another machine's. Gives no answer rather than one that may be another process's: a pid that
 * clone reuses or that exit_group ends is dropped. Owns its entries and evicts the one unused for
 * longest. */
#ifndef OMAUDITJSON_EVENT_LINEAGE_H
#define OMAUDITJSON_EVENT_LINEAGE_H

#include <stddef.h>

#include "event/event.h"

#define LINEAGE_COMM_MAX 32  /* bytes; the kernel's TASK_COMM_LEN is 16 with its NUL */
#define LINEAGE_EXE_MAX 1024 /* a longer path is not remembered */

struct lineage;

/* processes: how many are remembered; 0: none, and every answer is empty. */
struct lineage *lineage_new(size_t processes);
void lineage_free(struct lineage *l);
size_t lineage_size(const struct lineage *l); /* what it was made with */

/* Update the table from ev and return its process and ancestors; the strings in *ret are valid
 * until the next call. Call it in the order in which events are written. */
void lineage_take(struct lineage *l, const struct event *ev, struct event_lineage *ret);

#endif
