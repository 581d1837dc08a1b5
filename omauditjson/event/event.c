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

const struct event_field *event_field(const struct event_record *rec, enum event_name name)
{
    if (rec->by_name) {
        size_t i = rec->by_name[name];

        return i == 0 || event_field_is_missing(&rec->fields[i - 1]) ? NULL : &rec->fields[i - 1];
    }
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

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 99;
}

bool event_field_number(const struct event_field *f, int base, uint64_t *ret)
{
    const uint64_t most = UINT64_MAX / 16 - 1; /* times any base, plus a digit: it still fits */
    uint64_t n = 0;

    if (!f || f->value_len == 0)
        return false;
    for (size_t i = 0; i < f->value_len; i++) {
        int d = digit_value(f->value[i]);

        if (d >= base || (n > most && n > (UINT64_MAX - (uint64_t)d) / (uint64_t)base))
            return false;
        n = n * (uint64_t)base + (uint64_t)d;
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
