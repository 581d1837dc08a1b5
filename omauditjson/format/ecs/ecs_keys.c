/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/ecs/ecs_keys.h"

/* Where the members of struct view come from. */
#define RECORD_subject "SYSCALL, else the first record: "
#define RECORD_syscall "SYSCALL "
#define RECORD_cwd "CWD "
#define RECORD_apparmor "AVC "

/* The lists of words, as regular expressions; the last alternative matches nothing. */
static const char type_pattern[] = "^("
#define ECS_TYPE(id, word) word "|"
#include "format/ecs/ecs_values.def"
                                   "(?!))$";
static const char category_pattern[] = "^("
#define ECS_CATEGORY(id, word, types) word "|"
#include "format/ecs/ecs_values.def"
                                       "(?!))$";
static const char outcome_pattern[] = "^("
#define ECS_OUTCOME(id, word) word "|"
#include "format/ecs/ecs_values.def"
                                      "(?!))$";
static const char kind_pattern[] = "^("
#define ECS_KIND(id, word) word "|"
#include "format/ecs/ecs_values.def"
                                   "(?!))$";

#define ECS_TYPE_PATTERN type_pattern
#define ECS_CATEGORY_PATTERN category_pattern
#define ECS_OUTCOME_PATTERN outcome_pattern
#define ECS_KIND_PATTERN kind_pattern
#define ECS_IP_PATTERN "^([0-9]{1,3}([.][0-9]{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*)$"

/* The types of added.def. */
#define ADDED_STRING FORMAT_KEY_STRING
#define ADDED_STRINGS FORMAT_KEY_STRINGS
#define ADDED_IPS FORMAT_KEY_STRINGS

const struct format_key ecs_keys[] = {
#define ECS_FIELD(path, record, field, example, text) \
    {path, FORMAT_KEY_STRING, false, NULL, RECORD_##record #field, example, text},
#define ECS_LONG(path, record, field, example, text) \
    {path, FORMAT_KEY_INTEGER, false, NULL, RECORD_##record #field, example, text},
#define ECS_LEAD(path, field, example, text) \
    {path, FORMAT_KEY_STRING, false, NULL, "program's record: " #field, example, text},
#define ECS_USER(path, field, enriched, text)                                                    \
    {path ".id", FORMAT_KEY_STRING, false, FORMAT_NUMBER_PATTERN, "SYSCALL " #field, "0", text}, \
        {path ".name", FORMAT_KEY_STRING, false, NULL, "SYSCALL " #field, "root", "its name"},
#define ECS_GROUP(path, field, enriched, text) ECS_USER(path, field, enriched, text)
#define ECS_WRITER(path, function, type, must, pattern, source, example, text) \
    {path, FORMAT_KEY_##type, must, pattern, source, example, text},
#define ECS_ADDED(id, path, type, pattern, example, text) \
    {path, ADDED_##type, false, pattern, "option add", example, text},
#define ECS_MEMBER(path, type, must, pattern, source, example, text) \
    {path, FORMAT_KEY_##type, must, pattern, source, example, text},
#include "format/ecs/ecs_fields.def"
#define PATH_MEMBER(name, example, text) \
    {"auditd.paths." #name, FORMAT_KEY_STRING, false, NULL, "PATH " #name, example, text},
#include "format/paths.def"
#undef PATH_MEMBER
    {.path = NULL},
};
