/* SPDX-License-Identifier: Apache-2.0 */
/* What happened in an event, to what, and how it ended: the rows of ecs_syscalls.def and
 * ecs_records.def applied. libauparse's normalizer is not asked: it costs more than all the rest,
 * is only usable while libauparse holds the event, and is wrong in places (a kill's object, a
 * rename's new name, two records without a SYSCALL). The rows were taken from what it says of every
 * syscall and every record type; tests/unit/test_ecs_normalize asks it for every event of the
 * samples and fails on a difference that tests/unit/ecs_differences.txt does not give a reason for.
 * Borrows everything; owns its index. */
#ifndef OMAUDITJSON_FORMAT_ECS_ECS_ACTION_H
#define OMAUDITJSON_FORMAT_ECS_ECS_ACTION_H

#include "format/view.h"

enum ecs_type_number {
#define ECS_TYPE(id, word) ECS_TYPE_NUMBER_##id,
#include "format/ecs/ecs_values.def"
    ECS_TYPES
};

enum ecs_category_number {
#define ECS_CATEGORY(id, word, types) ECS_CATEGORY_NUMBER_##id,
#include "format/ecs/ecs_values.def"
    ECS_CATEGORIES
};

enum ecs_outcome {
#define ECS_OUTCOME(id, word) ECS_OUTCOME_##id,
#include "format/ecs/ecs_values.def"
};

enum ecs_kind {
#define ECS_KIND(id, word) ECS_KIND_##id,
#include "format/ecs/ecs_values.def"
    ECS_KINDS
};

#define ECS_TYPE_BIT(id) (1u << ECS_TYPE_NUMBER_##id)
#define ECS_CATEGORY_BIT(id) (1u << ECS_CATEGORY_NUMBER_##id)

/* How the object of an event is found. */
enum ecs_find {
    ECS_FIND_NONE,
    ECS_FIND_FIELDS,    /* fields of the record, named in the row */
    ECS_FIND_ACCOUNT,   /* acct, else the name of id, else id */
    ECS_FIND_AVC,       /* path or name of the decision's record, else its context */
    ECS_FIND_PATH,      /* the PATH record that the event is about */
    ECS_FIND_OPEN,      /* likewise; it may have been created or opened for writing */
    ECS_FIND_RENAME,    /* the old name and the new one */
    ECS_FIND_LINK,      /* the new name and what it leads to */
    ECS_FIND_EXEC,      /* the program */
    ECS_FIND_ADDRESS,   /* address and port */
    ECS_FIND_CHILD,     /* the new process: the syscall's result */
    ECS_FIND_TARGET,    /* the process of the OBJ_PID record */
    ECS_FIND_TRACED,    /* likewise, else the pid in a1 */
    ECS_FIND_SIGNAL_A1, /* likewise, else the pid in a0; the signal is in a1 */
    ECS_FIND_SIGNAL_A2, /* likewise; in a2 */
    ECS_FIND_SELF,      /* the process itself */
    ECS_FIND_COMM,      /* likewise, by its name */
    ECS_FIND_MODULE,    /* the kernel module */
    ECS_FIND_KEY,       /* the key of the audit rule */
};

struct ecs_row {
    const char *name; /* of the syscall or the record type */
    int number;       /* of the record type */
    bool leads;
    const char *action;
    enum ecs_kind kind;
    enum ecs_find find;
    const char *primary, *secondary; /* fields, NULL: none */
    unsigned categories, types;      /* ECS_..._BIT */
};

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

struct ecs_actions;

struct ecs_actions *ecs_actions_new(void);
void ecs_actions_free(struct ecs_actions *a);

/* The row of a syscall's name, or NULL; of a record type, by name where the number is not known. */
const struct ecs_row *ecs_action_syscall(const struct ecs_actions *a, const char *name, size_t len);
const struct ecs_row *ecs_action_record(const struct ecs_actions *a,
                                        const struct event_record *rec);

/* The row of a type that has none of its own. */
const struct ecs_row *ecs_action_range(int type);

/* Everything about the event but the object. */
void ecs_action_resolve(const struct ecs_actions *a, const struct view *v, struct ecs_what *ret);

/* kind, primary, secondary, file, other; in ecs_object.c. */
void ecs_object_find(const struct view *v, struct ecs_what *what);

const char *ecs_type_word(unsigned number);
const char *ecs_category_word(unsigned number);
const char *ecs_outcome_word(enum ecs_outcome outcome);
const char *ecs_kind_word(enum ecs_kind kind);
unsigned ecs_category_types(unsigned number); /* the types that ECS expects in the category */

/* The first field of the record with one of the names "a|b|c", of msg='...' before its own; NULL:
 * none, or it says "?". */
const struct event_field *ecs_field(const struct event_record *rec, const char *names);

#endif
