/* SPDX-License-Identifier: Apache-2.0 */
/* What happened in an event and how it ended, by its row of the table. libauparse's normalizer is
 * not asked: it costs more than all the rest, is only usable while libauparse holds the event, and
 * is wrong in places (a kill's object, a rename's new name, two records without a SYSCALL).
 * tests/unit/test_ecs_normalize compares every event of the samples with it and fails on a
 * difference that tests/unit/ecs_differences.txt does not give a reason for. Borrows everything. */
#ifndef OMAUDITJSON_FORMAT_ECS_ECS_ACTION_H
#define OMAUDITJSON_FORMAT_ECS_ECS_ACTION_H

#include "format/ecs/ecs_table.h"
#include "format/view.h"

struct ecs_text {
    const char *p; /* NULL: none */
    size_t len;
};

struct ecs_what {
    const struct event_record *lead; /* the record that says what happened */
    const struct ecs_row *row;
    struct ecs_text action;
    char action_word[64];
    const char *kind;
    unsigned categories, types;
    enum ecs_outcome outcome;
    struct ecs_text primary, secondary; /* the object */
    const struct event_record *file;    /* PATH record of the object, view_no_record: none */
    const struct event_record *other;   /* of a rename the new name, of a link what it leads to */
    char number[24];
};

/* Everything about the event but the object. */
void ecs_action_resolve(const struct ecs_table *t, const struct view *v, struct ecs_what *ret);

/* The first field of the record with one of the names "a|b|c", of msg='...' before its own; NULL:
 * none, or it says "?". */
const struct event_field *ecs_field(const struct event_record *rec, const char *names);

#endif
