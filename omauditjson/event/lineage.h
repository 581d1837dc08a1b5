/* SPDX-License-Identifier: Apache-2.0 */
/* Who started whom, as far as the stream itself has told: a bounded memory of processes by node and
 * pid, from which an event gets its process, parent, parent's parent ... Never asks /proc: its
 * processes may be others by now, or on another machine. Rather says nothing than something that
 * may be another process's: a pid that a clone has given anew, or that exit_group has given back,
 * is forgotten. Owns its entries; the one that was silent longest makes room. */
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

/* Learn from ev, and say what is known of its process. The strings in *ret live until the next
 * call. Events are to be given in the order in which they are written. */
void lineage_take(struct lineage *l, const struct event *ev, struct event_lineage *ret);

#endif
