/* SPDX-License-Identifier: Apache-2.0 */
/* A look-up is a hash and a compare, a tenth of libaudit's binary search over strings, which
 * matters because it is done for each line. */
#include "config.h"
#include "input/rectype.h"

#include <libaudit.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define SLOTS 1024u /* libaudit 4 has about 210 names */
#define FIRST_TYPE 1000
#define LAST_TYPE 2999 /* AUDIT_LAST_USER_MSG2 */

static struct slot {
    const char *name; /* libaudit's own string constant */
    uint8_t len;
    int number;
} table[SLOTS];
static bool table_made;

static uint32_t hash(const char *text, size_t len)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)text[i]) * 16777619u;
    return h ^ h >> 15;
}

/* The slot that has the text, or the empty one where it belongs. The table is never full. */
static struct slot *find(const char *text, size_t len)
{
    uint32_t i = hash(text, len) % SLOTS;

    while (table[i].name && (table[i].len != len || memcmp(table[i].name, text, len) != 0))
        i = (i + 1) % SLOTS;
    return &table[i];
}

static void make_table(void)
{
    unsigned used = 0;

    for (int number = FIRST_TYPE; number <= LAST_TYPE && used < SLOTS / 2; number++) {
        const char *name = audit_msg_type_to_name(number);
        struct slot *slot;

        if (!name || strlen(name) > RECTYPE_NAME_MAX)
            continue;
        slot = find(name, strlen(name));
        if (slot->name)
            continue;
        *slot = (struct slot){.name = name, .len = (uint8_t)strlen(name), .number = number};
        used++;
    }
    table_made = true;
}

/* PREFIX DIGITS SUFFIX, and nothing else. */
static bool is_number(const char *text, size_t len, const char *prefix, const char *suffix,
                      int *number)
{
    size_t before = strlen(prefix), after = strlen(suffix);
    int v = 0;

    if (len <= before + after || memcmp(text, prefix, before) != 0 ||
        memcmp(text + len - after, suffix, after) != 0)
        return false;
    for (size_t i = before; i < len - after; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        v = v * 10 + (text[i] - '0');
        if (v > RECTYPE_NUMBER_MAX)
            return false;
    }
    *number = v;
    return true;
}

static bool is_name_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

enum rectype rectype_lookup(const char *text, size_t len, int *number)
{
    char name[RECTYPE_NAME_MAX + 1];
    const struct slot *slot;

    if (len == 0 || len > RECTYPE_NAME_MAX)
        return RECTYPE_BAD;
    if (!table_made)
        make_table();
    slot = find(text, len);
    if (slot->name) {
        *number = slot->number;
        return RECTYPE_NAME;
    }
    if (is_number(text, len, "", "", number) || is_number(text, len, "UNKNOWN[", "]", number) ||
        is_number(text, len, "AUDIT", "", number) || is_number(text, len, "<audit-", ">", number))
        return RECTYPE_NUMBER;
    for (size_t i = 0; i < len; i++) {
        if (!is_name_char(text[i]))
            return RECTYPE_BAD;
    }
    /* 99999 is no type, and no name either. */
    if (text[0] >= '0' && text[0] <= '9')
        return RECTYPE_BAD;
    /* libaudit does not mind lower case, so libauparse would know Syscall. */
    memcpy(name, text, len);
    name[len] = '\0';
    *number = audit_name_to_msg_type(name);
    if (*number > 0)
        return RECTYPE_NUMBER;
    *number = -1;
    return RECTYPE_FOREIGN;
}
