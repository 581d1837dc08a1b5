/* SPDX-License-Identifier: Apache-2.0 */
/* Option values: from text into struct conf. */
#include "config.h"
#include "conf/conf_table.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "conf/conf_added.h"

#define LIST_MAX 256 /* items of one list */

struct unit {
    const char *name;
    uint64_t factor;
};

/* The first unit is the one of a plain number. */
static const struct unit duration_units[] = {
    {"s", 1000}, {"ms", 1}, {"m", UINT64_C(60000)}, {"h", UINT64_C(3600000)}, {NULL, 0}};
static const struct unit size_units[] = {
    {"B", 1},         {"K", 1 << 10},           {"KiB", 1 << 10},
    {"M", 1 << 20},   {"MiB", 1 << 20},         {"G", 1 << 30},
    {"GiB", 1 << 30}, {"T", UINT64_C(1) << 40}, {"TiB", UINT64_C(1) << 40},
    {NULL, 0}};
static const struct unit count_units[] = {{"", 1}, {NULL, 0}};

static const struct unit *units_of(const struct conf_option *o)
{
    return o->type == CONF_TYPE_DURATION ? duration_units
           : o->type == CONF_TYPE_SIZE   ? size_units
                                         : count_units;
}

/* "64MiB" "1.5 s" "500": digits, perhaps a fraction, perhaps a unit. Integers only: a float would
 * make 0.1s 99 ms. */
static int parse_number(const char *s, const struct unit *units, uint64_t *ret)
{
    uint64_t whole = 0, part = 0, scale = 1;
    const struct unit *u = units;

    if (!isdigit((unsigned char)*s))
        return -EINVAL;
    for (; isdigit((unsigned char)*s); s++)
        if (__builtin_mul_overflow(whole, 10, &whole) ||
            __builtin_add_overflow(whole, (uint64_t)(*s - '0'), &whole))
            return -ERANGE;
    if (*s == '.' && units != count_units) {
        if (!isdigit((unsigned char)*++s))
            return -EINVAL;
        for (; isdigit((unsigned char)*s); s++) {
            if (scale < 1000000) {
                part = part * 10 + (uint64_t)(*s - '0');
                scale *= 10;
            }
        }
    }
    while (*s == ' ' || *s == '\t')
        s++;
    if (*s) {
        bool any_case = units == size_units;

        while (u->name && (any_case ? strcasecmp(u->name, s) : strcmp(u->name, s)) != 0)
            u++;
        if (!u->name)
            return -EINVAL;
    }
    if (__builtin_mul_overflow(whole, u->factor, &whole) ||
        __builtin_add_overflow(whole, part * u->factor / scale, &whole) || whole > INT64_MAX)
        return -ERANGE;
    *ret = whole;
    return 0;
}

static const char *number_kind(const struct conf_option *o)
{
    return o->type == CONF_TYPE_DURATION ? "a time such as 500ms, 2s, 5m or 1h"
           : o->type == CONF_TYPE_SIZE   ? "a size such as 65536, 64KiB, 1MiB or 2GiB"
                                         : "a whole number";
}

static int set_number(void *member, const struct conf_option *o, const char *text, struct buf *why)
{
    uint64_t value, bound;
    int r = parse_number(text, units_of(o), &value);

    if (r == -EINVAL) {
        char shown[CONF_SHOWN_SIZE];

        buf_printf(why, "'%s' is not %s", conf_shown(text, shown), number_kind(o));
        return r;
    }
    if (r == 0 && o->min && parse_number(o->min, units_of(o), &bound) == 0 && value < bound)
        r = -ERANGE;
    if (r == 0 && o->max && parse_number(o->max, units_of(o), &bound) == 0 && value > bound)
        r = -ERANGE;
    if (r < 0) {
        char shown[CONF_SHOWN_SIZE];

        buf_printf(why, "'%s' is out of range, expected %s to %s", conf_shown(text, shown), o->min,
                   o->max);
        return -EINVAL;
    }
    if (o->type == CONF_TYPE_DURATION)
        *(int64_t *)member = (int64_t)value;
    else
        *(uint64_t *)member = value;
    return 0;
}

static int set_bool(bool *member, const char *text, struct buf *why)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"yes", true}, {"no", false},  {"true", true}, {"false", false},
                 {"on", true},  {"off", false}, {"1", true},    {"0", false}};
    char shown[CONF_SHOWN_SIZE];

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasecmp(text, words[i].word) == 0) {
            *member = words[i].value;
            return 0;
        }
    }
    buf_printf(why, "'%s' is not yes or no", conf_shown(text, shown));
    return -EINVAL;
}

/* Copy the i-th word of an ENUM's argument into word; false past the last. */
static bool enum_word(const struct conf_option *o, int i, char word[CONF_NAME_MAX])
{
    const char *p = o->arg;
    size_t len;

    for (; i > 0; i--) {
        p = strchr(p, '|');
        if (!p)
            return false;
        p++;
    }
    len = strcspn(p, "|");
    if (len >= CONF_NAME_MAX)
        return false;
    memcpy(word, p, len);
    word[len] = '\0';
    return true;
}

static int set_enum(int *member, const struct conf_option *o, const char *text, struct buf *why)
{
    char word[CONF_NAME_MAX], near_word[CONF_NAME_MAX] = "", shown[CONF_SHOWN_SIZE];
    size_t distance = SIZE_MAX;
    const char *best = NULL;

    for (int i = 0; enum_word(o, i, word); i++) {
        if (strcasecmp(word, text) == 0) {
            *member = i;
            return 0;
        }
        best = NULL;
        conf_near(text, word, &best, &distance);
        if (best)
            memcpy(near_word, word, sizeof(word));
    }
    buf_printf(why, "'%s' is not one of %s", conf_shown(text, shown), o->arg);
    if (near_word[0] && conf_near_enough(text, distance))
        buf_printf(why, " (did you mean '%s'?)", near_word);
    return -EINVAL;
}

static void free_string(const struct conf_option *o, char *s)
{
    if (s && (o->flags & CONF_FLAG_SECRET))
        explicit_bzero(s, strlen(s));
    free(s);
}

static int set_string(char **member, const struct conf_option *o, const char *text, struct buf *why)
{
    char *old = *member;

    if (!*text && o->def) {
        buf_append_str(why, "requires a value");
        return -EINVAL;
    }
    *member = *text ? mem_strdup(text) : NULL;
    free_string(o, old);
    return 0;
}

static int list_add(struct conf_list *list, const char *text, size_t len, struct buf *why)
{
    if (len == 0) {
        buf_append_str(why, "requires a value");
        return -EINVAL;
    }
    if (list->n == LIST_MAX) {
        buf_printf(why, "more than %d values", LIST_MAX);
        return -EINVAL;
    }
    list->item = mem_realloc_array(list->item, list->n + 1, sizeof(list->item[0]));
    list->item[list->n++] = mem_strndup(text, len);
    return 0;
}

static int set_list(struct conf_list *list, const struct conf_option *o, const char *text,
                    struct buf *why)
{
    if (o->offset == offsetof(struct conf, add) && *text && conf_added_check(list, text, why) < 0)
        return -EINVAL;
    if (!(o->flags & CONF_FLAG_COMMAS))
        return list_add(list, text, strlen(text), why);
    for (;;) {
        size_t skip = strspn(text, " \t"), len, end;
        int r;

        text += skip;
        len = end = strcspn(text, ",");
        while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
            len--;
        r = list_add(list, text, len, why);
        if (r < 0 || !text[end])
            return r;
        text += end + 1;
    }
}

int conf_value_set(struct conf *c, const struct conf_option *o, const char *text, struct buf *why)
{
    void *member = (char *)c + o->offset;

    /* A control byte in a header, a mark or a path is never meant and could forge lines. */
    for (const char *p = text; *p; p++) {
        if ((unsigned char)*p < 0x20 && *p != '\t') {
            buf_append_str(why, "value contains a control character");
            return -EINVAL;
        }
    }
    switch (o->type) {
    case CONF_TYPE_STRING:
    case CONF_TYPE_PATH:
        return set_string(member, o, text, why);
    case CONF_TYPE_LIST:
        return set_list(member, o, text, why);
    case CONF_TYPE_DURATION:
    case CONF_TYPE_SIZE:
    case CONF_TYPE_COUNT:
        return set_number(member, o, text, why);
    case CONF_TYPE_BOOL:
        return set_bool(member, text, why);
    case CONF_TYPE_ENUM:
        return set_enum(member, o, text, why);
    case CONF_TYPE_SECTION:
        break;
    }
    return -EINVAL;
}

void conf_value_reset(struct conf *c, const struct conf_option *o)
{
    void *member = (char *)c + o->offset;

    if (o->type == CONF_TYPE_LIST) {
        struct conf_list *list = member;

        for (size_t i = 0; i < list->n; i++)
            free_string(o, list->item[i]);
        free(list->item);
        *list = (struct conf_list){0};
    } else if (o->type == CONF_TYPE_STRING || o->type == CONF_TYPE_PATH) {
        free_string(o, *(char **)member);
        *(char **)member = o->def ? mem_strdup(o->def) : NULL;
    } else if (o->def) {
        struct buf why = BUF_INIT(256);

        conf_value_set(c, o, o->def, &why); /* a test sets every default */
        buf_done(&why);
    }
}
