/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of ecs_syscalls.def and ecs_records.def, found by syscall and record type, and the words
 * of ecs_values.def. The rows were taken from what libauparse's normalizer says of every syscall
 * and every record type. Owns its index; the rows are static. */
#ifndef OMAUDITJSON_FORMAT_ECS_ECS_TABLE_H
#define OMAUDITJSON_FORMAT_ECS_ECS_TABLE_H

#include "event/event.h"

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

struct ecs_table;

struct ecs_table *ecs_table_new(void);
void ecs_table_free(struct ecs_table *a);

/* The row of a syscall's name, or NULL; of a record type, by name where the number is not known. */
const struct ecs_row *ecs_table_syscall(const struct ecs_table *a, const char *name, size_t len);
const struct ecs_row *ecs_table_record(const struct ecs_table *a, const struct event_record *rec);

/* The row of a type that has none of its own. */
const struct ecs_row *ecs_table_range(int type);

const char *ecs_type_word(unsigned number);
const char *ecs_category_word(unsigned number);
const char *ecs_outcome_word(enum ecs_outcome outcome);
const char *ecs_kind_word(enum ecs_kind kind);
unsigned ecs_category_types(unsigned number); /* the types that ECS expects in the category */

#endif
