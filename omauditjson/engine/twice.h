/* SPDX-License-Identifier: Apache-2.0 */
/* The line that rsyslog itself sends twice. When its child has died between two transactions, it
 * finds out by a BEGIN that fails: it starts another child, sends the batch, and puts the first of
 * its lines at the end of its queue as well [omprog.md 2.2; 8.2302 and 8.2608 do, always]. So
 * where the former life of the same rsyslogd died between two transactions (the shared page says
 * so; an orderly end is no death), one record that equals the first line of this life is a repeat,
 * after the first transaction or in a later life: what is still to come stands in the page, too.
 * With another rsyslogd nothing is certain any more. Part of the engine. */
#ifndef OMAUDITJSON_ENGINE_TWICE_H
#define OMAUDITJSON_ENGINE_TWICE_H

#include <stdbool.h>
#include <stdint.h>

#include "input/omprog.h"

struct scoreboard;

struct twice {
    struct scoreboard *scoreboard; /* not owned */
    bool expected;                 /* for the first line of this life */
    unsigned transactions;         /* begun in this life: 0, 1, 2 or more */
    unsigned lines;                /* 0, 1, 2 or more */
    uint64_t first;                /* digest of the first line */
};

/* At the start: is it to be expected? The scoreboard is open, and outlives t. */
void twice_start(struct twice *t, struct scoreboard *scoreboard, bool same_sender);

/* Each line, before it is handled. mixed: two transactions at a time are under way. */
void twice_line(struct twice *t, enum omprog_action action, bool mixed);
/* A transaction's end was answered, and no other one is open. */
void twice_committed(struct twice *t);
/* The end of input. */
void twice_ended(struct twice *t);

/* Is this record one that comes once more? Says so once. */
bool twice_is_repeat(struct twice *t, uint64_t digest);

#endif
