/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "event/event.h"

#include <string.h>

const char *event_complete_text(enum event_complete c)
{
    switch (c) {
    case EVENT_BY_EOE:
        return "eoe";
    case EVENT_BY_TYPE:
        return "type";
    case EVENT_BY_TIMEOUT:
        return "timeout";
    case EVENT_BY_SHUTDOWN:
        return "shutdown";
    case EVENT_BY_LIMIT:
        return "limit";
    }
    return "unknown";
}

const struct event_field *event_search_field(const struct event_record *rec, enum event_name name)
{
    for (size_t i = 0; i < rec->n_fields; i++) {
        const struct event_field *f = &rec->fields[i];

        if (f->id == name && !(f->flags & EVENT_FIELD_NESTED))
            return event_field_is_missing(f) ? NULL : f;
    }
    return NULL;
}

const struct event_field *event_nested_field(const struct event_record *rec, enum event_name name)
{
    for (size_t i = rec->n_fields; i-- > 0;) {
        const struct event_field *f = &rec->fields[i];

        if (f->id == name && (f->flags & EVENT_FIELD_NESTED))
            return event_field_is_missing(f) ? NULL : f;
    }
    return NULL;
}

/* auditd writes NAME="value" or NAME=value (ARCH, SYSCALL) or NAME={ a b } (SADDR), one blank
 * between them [audit-userspace, src/auditd-event.c]. */
bool event_enriched(const struct event_record *rec, const char *name, const char **ret,
                    size_t *ret_len)
{
    const char *p = rec->enriched, *end;
    size_t want = strlen(name);

    if (!p)
        return false;
    end = p + rec->enriched_len;
    while (p < end) {
        const char *eq = memchr(p, '=', (size_t)(end - p)), *value, *stop;

        if (!eq)
            return false;
        value = eq + 1;
        if (value < end && *value == '"') {
            value++;
            stop = memchr(value, '"', (size_t)(end - value));
        } else if (value < end && *value == '{') {
            stop = memchr(value, '}', (size_t)(end - value));
        } else {
            stop = memchr(value, ' ', (size_t)(end - value));
        }
        if (!stop)
            stop = end;
        if ((size_t)(eq - p) == want && memcmp(p, name, want) == 0) {
            *ret = value;
            *ret_len = (size_t)(stop - value);
            return true;
        }
        p = stop < end ? stop + 1 : end;
        while (p < end && *p == ' ')
            p++;
    }
    return false;
}

/* Value + 1 of a digit, 0 of anything else. */
static const uint8_t digit_value[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
    ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

bool event_field_number(const struct event_field *f, int base, uint64_t *ret)
{
    const unsigned b = (unsigned)base;
    const char *p, *end, *fits;
    uint64_t n = 0;

    if (!f || f->value_len == 0)
        return false;
    p = f->value;
    end = p + f->value_len;
    fits = f->value_len > 15 ? p + 15 : end; /* so many fit, whatever the base */
    for (; p < fits; p++) {
        unsigned d = digit_value[(unsigned char)*p] - 1u;

        if (d >= b)
            return false;
        n = n * b + d;
    }
    for (; p < end; p++) {
        unsigned d = digit_value[(unsigned char)*p] - 1u;

        if (d >= b || n > (UINT64_MAX - d) / b)
            return false;
        n = n * b + d;
    }
    *ret = n;
    return true;
}

bool event_field_0x(const struct event_field *f, uint64_t *ret)
{
    struct event_field digits;

    if (!f || f->value_len < 3 || memcmp(f->value, "0x", 2) != 0)
        return false;
    digits = *f;
    digits.value += 2;
    digits.value_len -= 2;
    return event_field_number(&digits, 16, ret);
}

bool event_field_is(const struct event_field *f, const char *text)
{
    return f && f->value_len == strlen(text) && memcmp(f->value, text, f->value_len) == 0;
}
