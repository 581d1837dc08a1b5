/* SPDX-License-Identifier: Apache-2.0 */
/* The input clock. An event's age is counted in time during which we were ready for its next
 * record: it stands still while we hold a reply, while a disk keeps us waiting, while we are not
 * running, and while we still read older records from the journal. So neither an outage nor a
 * restart cuts an event in two, and what the index sees is the same whether a record came this
 * moment or out of the journal. Only when nothing else can move (nothing to deliver, everything
 * read) does it run during a hold, because then it is the events' age alone that can make room. */
#ifndef OMAUDITJSON_ENGINE_INPUT_CLOCK_H
#define OMAUDITJSON_ENGINE_INPUT_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed memory is one that has not begun. */
struct input_clock {
    int64_t time_ms;   /* what it says; each record is journalled with it */
    int64_t ticked_ms; /* when it was looked at last, as clock_mono_ms() */
};

/* A former life's records came as late as that: it goes on from there. */
void input_clock_resume(struct input_clock *c, int64_t time_ms);

/* From now on time passes. */
void input_clock_start(struct input_clock *c, int64_t now_ms);

/* The time since the last tick, as far as we were ready in it: none where runs is false, and at
 * most so many milliseconds. */
void input_clock_tick(struct input_clock *c, int64_t now_ms, int64_t most_ms, bool runs);

#endif
