/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/jsontext.h"

#include <stdint.h>
#include <string.h>

#include "base/hex.h"
#include "deliver/transport/text.h"

struct scan {
    const char *p;
    const char *end;
    uint64_t objects; /* the bit of a level is set: an object, not an array */
    unsigned depth;
};

static bool at(const struct scan *s, char c)
{
    return s->p < s->end && *s->p == c;
}

static bool take(struct scan *s, char c)
{
    if (!at(s, c))
        return false;
    s->p++;
    return true;
}

static void skip_blanks(struct scan *s)
{
    while (at(s, ' ') || at(s, '\t') || at(s, '\n') || at(s, '\r'))
        s->p++;
}

static bool take_word(struct scan *s, const char *word)
{
    size_t n = strlen(word);

    if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
        return false;
    s->p += n;
    return true;
}

static bool take_digits(struct scan *s)
{
    const char *from = s->p;

    while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
        s->p++;
    return s->p > from;
}

static bool take_number(struct scan *s)
{
    take(s, '-');
    if (!take(s, '0') && !take_digits(s))
        return false;
    if (take(s, '.') && !take_digits(s))
        return false;
    if (!take(s, 'e') && !take(s, 'E'))
        return true;
    if (!take(s, '+'))
        take(s, '-');
    return take_digits(s);
}

static bool take_hex4(struct scan *s, unsigned *ret)
{
    *ret = 0;
    for (int i = 0; i < 4; i++, s->p++) {
        int digit = s->p < s->end ? hex_digit(*s->p) : -1;

        if (digit < 0)
            return false;
        *ret = *ret << 4 | (unsigned)digit;
    }
    return true;
}

/* After the backslash. */
static bool take_escape(struct scan *s)
{
    unsigned first, second;

    if (s->p == s->end)
        return false;
    if (!take(s, 'u')) {
        char c = *s->p++;

        return c != '\0' && strchr("\"\\/bfnrt", c) != NULL;
    }
    if (!take_hex4(s, &first))
        return false;
    if (first < 0xd800 || first > 0xdfff)
        return true;
    return first < 0xdc00 && take(s, '\\') && take(s, 'u') && take_hex4(s, &second) &&
           second >= 0xdc00 && second <= 0xdfff;
}

static bool take_string(struct scan *s)
{
    if (!take(s, '"'))
        return false;
    while (s->p < s->end && *s->p != '"') {
        size_t n;

        if (take(s, '\\')) {
            if (!take_escape(s))
                return false;
            continue;
        }
        if ((unsigned char)*s->p < 0x20)
            return false;
        n = text_utf8_len(s->p, (size_t)(s->end - s->p));
        if (n == 0)
            return false;
        s->p += n;
    }
    return take(s, '"');
}

static bool take_key(struct scan *s)
{
    skip_blanks(s);
    if (!take_string(s))
        return false;
    skip_blanks(s);
    return take(s, ':');
}

static bool in_object(const struct scan *s)
{
    return s->objects >> (s->depth - 1) & 1;
}

/* What begins a value: a whole scalar, or the bracket of a container. *opened: a container with a
 * member, whose first value comes next. */
static bool take_value(struct scan *s, bool *opened)
{
    bool object;

    *opened = false;
    skip_blanks(s);
    if (s->p == s->end)
        return false;
    switch (*s->p) {
    case '"':
        return take_string(s);
    case 't':
        return take_word(s, "true");
    case 'f':
        return take_word(s, "false");
    case 'n':
        return take_word(s, "null");
    case '{':
    case '[':
        break;
    default:
        return take_number(s);
    }
    object = *s->p++ == '{';
    skip_blanks(s);
    if (s->depth == JSONTEXT_DEPTH)
        return false;
    if (take(s, object ? '}' : ']'))
        return true;
    s->depth++;
    s->objects &= ~(UINT64_C(1) << (s->depth - 1));
    s->objects |= (uint64_t)object << (s->depth - 1);
    *opened = true;
    return !object || take_key(s);
}

bool jsontext_is_valid(const char *text, size_t len)
{
    struct scan s = {.p = text};
    bool opened;

    if (len == 0)
        return false; /* text may be NULL */
    s.end = text + len;
    for (;;) {
        if (!take_value(&s, &opened))
            return false;
        if (opened)
            continue;
        skip_blanks(&s);
        while (s.depth > 0 && take(&s, in_object(&s) ? '}' : ']')) {
            s.depth--;
            skip_blanks(&s);
        }
        if (s.depth == 0)
            return s.p == s.end;
        if (!take(&s, ',') || (in_object(&s) && !take_key(&s)))
            return false;
    }
}
