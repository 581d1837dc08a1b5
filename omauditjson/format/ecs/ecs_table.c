/* SPDX-License-Identifier: Apache-2.0 */
/* Static rows and words, and the index over the rows. */
#include "config.h"
#include "format/ecs/ecs_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SLOTS 1024u /* a power of two, well above the number of rows */
#define FIRST_TYPE 1000
#define LAST_TYPE 2999
#define ANY_TYPES (LAST_TYPE - FIRST_TYPE + 1)

#define LEADS true
#define ALONE false
/* pasted before expansion, because PACKAGE is a macro of config.h */
#define C(id) (1u << ECS_CATEGORY_NUMBER_##id)
#define T(id) (1u << ECS_TYPE_NUMBER_##id)

static const struct ecs_row syscall_rows[] = {
#define ECS_SYSCALL(name_, action_, kind_, find_, categories_, types_) \
    {.name = #name_,                                                   \
     .action = (action_),                                              \
     .kind = ECS_KIND_##kind_,                                         \
     .find = ECS_FIND_##find_,                                         \
     .categories = (categories_),                                      \
     .types = (types_)},
#include "format/ecs/ecs_syscalls.def"
#undef ECS_SYSCALL
};

static const struct ecs_row record_rows[] = {
#define ECS_RECORD(number_, type, action_, kind_, find_, primary_, secondary_, categories_, \
                   types_, rank)                                                            \
    {.name = #type,                                                                         \
     .number = (number_),                                                                   \
     .leads = (rank),                                                                       \
     .action = (action_),                                                                   \
     .kind = ECS_KIND_##kind_,                                                              \
     .find = ECS_FIND_##find_,                                                              \
     .primary = (primary_),                                                                 \
     .secondary = (secondary_),                                                             \
     .categories = (categories_),                                                           \
     .types = (types_)},
#include "format/ecs/ecs_records.def"
};

/* For types without a row: the action is the type's own name. */
static const struct ecs_row range_rows[] = {
#define ECS_RANGE(first, last, categories_, types_) \
    {.number = (last), .leads = false, .categories = (categories_), .types = (types_)},
#include "format/ecs/ecs_records.def"
    {.number = 65535, .categories = C(PROCESS), .types = T(INFO)},
};

struct ecs_table {
    uint16_t syscall[SLOTS];   /* row + 1, 0: free */
    uint8_t record[ANY_TYPES]; /* row + 1, 0: none */
};

_Static_assert(sizeof(record_rows) / sizeof(record_rows[0]) < 255, "record[] is too narrow");

static uint32_t hash(const char *name, size_t len)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)name[i]) * 16777619u;
    return h ^ h >> 15;
}

struct ecs_table *ecs_table_new(void)
{
    struct ecs_table *a = mem_calloc(1, sizeof(*a));

    for (size_t i = 0; i < sizeof(syscall_rows) / sizeof(syscall_rows[0]); i++) {
        uint32_t h = hash(syscall_rows[i].name, strlen(syscall_rows[i].name)) % SLOTS;

        while (a->syscall[h])
            h = (h + 1) % SLOTS;
        a->syscall[h] = (uint16_t)(i + 1);
    }
    for (size_t i = 0; i < sizeof(record_rows) / sizeof(record_rows[0]); i++)
        a->record[record_rows[i].number - FIRST_TYPE] = (uint8_t)(i + 1);
    return a;
}

void ecs_table_free(struct ecs_table *a)
{
    free(a);
}

static bool is(const char *p, size_t len, const char *text)
{
    return len == strlen(text) && memcmp(p, text, len) == 0;
}

const struct ecs_row *ecs_table_syscall(const struct ecs_table *a, const char *name, size_t len)
{
    for (uint32_t h = hash(name, len) % SLOTS; a->syscall[h]; h = (h + 1) % SLOTS) {
        const struct ecs_row *row = &syscall_rows[a->syscall[h] - 1];

        if (is(name, len, row->name))
            return row;
    }
    return NULL;
}

const struct ecs_row *ecs_table_record(const struct ecs_table *a, const struct event_record *rec)
{
    if (rec->type >= FIRST_TYPE && rec->type <= LAST_TYPE) {
        uint8_t i = a->record[rec->type - FIRST_TYPE];

        return i ? &record_rows[i - 1] : NULL;
    }
    for (size_t i = 0; i < sizeof(record_rows) / sizeof(record_rows[0]) && rec->type < 0; i++) {
        if (is(rec->type_name, rec->type_name_len, record_rows[i].name))
            return &record_rows[i];
    }
    return NULL;
}

const struct ecs_row *ecs_table_range(int type)
{
    const struct ecs_row *row = range_rows;

    while (type < 0 ? row->number != 65535 : row->number < type && row->number != 65535)
        row++;
    return row;
}

/* -- words ------------------------------------------------------------------------------------- */

static const char *const type_words[] = {
#define ECS_TYPE(id, word) word,
#include "format/ecs/ecs_values.def"
};

static const struct {
    const char *word;
    unsigned types;
} categories[] = {
#define ECS_CATEGORY(id, word, types) {word, types},
#include "format/ecs/ecs_values.def"
};

static const char *const outcome_words[] = {
#define ECS_OUTCOME(id, word) word,
#include "format/ecs/ecs_values.def"
};

static const char *const kind_words[] = {
#define ECS_KIND(id, word) word,
#include "format/ecs/ecs_values.def"
};

const char *ecs_type_word(unsigned number)
{
    return type_words[number];
}

const char *ecs_category_word(unsigned number)
{
    return categories[number].word;
}

unsigned ecs_category_types(unsigned number)
{
    return categories[number].types;
}

const char *ecs_outcome_word(enum ecs_outcome outcome)
{
    return outcome_words[outcome];
}

const char *ecs_kind_word(enum ecs_kind kind)
{
    return kind_words[kind];
}
