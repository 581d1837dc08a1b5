/* SPDX-License-Identifier: Apache-2.0 */
/* A look-up is a hash and a compare, a tenth of libaudit's binary search over strings, which
 * matters because it is done for each line. */
#include "config.h"
#include "input/rectype.h"

#include <libaudit.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#define SLOTS 1024u /* libaudit 4 has about 210 names */
#define FIRST_TYPE 1000
#define LAST_TYPE 2999 /* AUDIT_LAST_USER_MSG2 */

/* The first and the last 8 bytes of a name, which may overlap: up to 16 they are all of it. Of a
 * name shorter than that what there is, so that its length and these tell it from all others. */
struct ends {
    uint64_t head, tail;
};

/* Our own, for where libaudit has none. */
static const struct {
    const char *name;
    int number;
} younger[] = {
#define RECTYPE(number, name) {name, number},
#include "input/rectypes.def"
#undef RECTYPE
};

#define YOUNGER (sizeof(younger) / sizeof(younger[0]))

static struct slot {
    const char *name; /* a string constant, libaudit's or ours */
    struct ends ends;
    uint8_t len;
    int number;
} table[SLOTS];
static bool table_made;

static inline struct ends ends_of(const char *text, size_t len)
{
    struct ends e = {0};
    uint32_t head, tail;

    if (len >= sizeof(e.head)) {
        memcpy(&e.head, text, sizeof(e.head));
        memcpy(&e.tail, text + len - sizeof(e.tail), sizeof(e.tail));
    } else if (len >= sizeof(head)) {
        memcpy(&head, text, sizeof(head));
        memcpy(&tail, text + len - sizeof(tail), sizeof(tail));
        e.head = head;
        e.tail = tail;
    } else if (len > 0) {
        e.head = (unsigned char)text[0];
        e.tail = (uint64_t)(unsigned char)text[len / 2] << 8 | (unsigned char)text[len - 1];
    }
    return e;
}

static inline uint32_t hash(const struct ends *e, size_t len)
{
    uint64_t h = (e->head ^ len) * UINT64_C(0x9e3779b97f4a7c15);

    h = (h ^ e->tail) * UINT64_C(0xc2b2ae3d27d4eb4f);
    return (uint32_t)(h >> 32);
}

/* The slot that has the text, or the empty one where it belongs. The table is never full. */
static inline struct slot *find(const char *text, size_t len)
{
    const struct ends e = ends_of(text, len);
    struct slot *s;

    for (uint32_t i = hash(&e, len);; i++) {
        s = &table[i % SLOTS];
        if (!s->name)
            break;
        if (s->len == len && s->ends.head == e.head && s->ends.tail == e.tail &&
            (len <= 16 || memcmp(s->name, text, len) == 0))
            break;
    }
    return s;
}

static bool put_name(const char *name, int number)
{
    struct slot *slot;

    if (!name || strlen(name) > RECTYPE_NAME_MAX)
        return false;
    slot = find(name, strlen(name));
    if (slot->name)
        return false;
    *slot = (struct slot){.name = name,
                          .ends = ends_of(name, strlen(name)),
                          .len = (uint8_t)strlen(name),
                          .number = number};
    return true;
}

static void make_table(void)
{
    unsigned used = 0;

    for (size_t i = 0; i < YOUNGER; i++)
        used += put_name(younger[i].name, younger[i].number);
    for (int number = FIRST_TYPE; number <= LAST_TYPE && used < SLOTS / 2; number++)
        used += put_name(audit_msg_type_to_name(number), number);
    table_made = true;
}

const char *rectype_name(int number)
{
    for (size_t i = 0; i < YOUNGER; i++) {
        if (younger[i].number == number)
            return younger[i].name;
    }
    return audit_msg_type_to_name(number);
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

/* What is none of the names, byte for byte. */
static enum rectype other_form(const char *text, size_t len, int *number)
{
    char name[RECTYPE_NAME_MAX + 1];

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
    for (size_t i = 0; i < YOUNGER; i++) {
        if (strcasecmp(younger[i].name, name) == 0) {
            *number = younger[i].number;
            return RECTYPE_NUMBER;
        }
    }
    *number = audit_name_to_msg_type(name);
    if (*number > 0)
        return RECTYPE_NUMBER;
    *number = -1;
    return RECTYPE_FOREIGN;
}

enum rectype rectype_lookup(const char *text, size_t len, int *number)
{
    const struct slot *slot;

    if (len == 0 || len > RECTYPE_NAME_MAX)
        return RECTYPE_BAD;
    if (!table_made)
        make_table();
    slot = find(text, len);
    if (!slot->name)
        return other_form(text, len, number);
    *number = slot->number;
    return RECTYPE_NAME;
}
