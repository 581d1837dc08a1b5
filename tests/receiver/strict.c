/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "strict.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define DEPTH 64

struct scan {
    const char *p;
    size_t len;
    size_t at;
    const char *fault;
    const char *repeated;
    size_t repeated_len;
};

struct key {
    const char *text;
    size_t len;
};

static bool fault(struct scan *s, const char *why)
{
    if (s->fault == NULL)
        s->fault = why;
    return false;
}

static int peek(const struct scan *s)
{
    return s->at < s->len ? (unsigned char)s->p[s->at] : -1;
}

static void blanks(struct scan *s)
{
    while (peek(s) == ' ' || peek(s) == '\t' || peek(s) == '\n' || peek(s) == '\r')
        s->at++;
}

static bool literal(struct scan *s, const char *word)
{
    size_t n = strlen(word);
    if (s->len - s->at < n || memcmp(s->p + s->at, word, n) != 0)
        return fault(s, "no JSON value");
    s->at += n;
    return true;
}

static bool digits(struct scan *s)
{
    size_t from = s->at;
    while (peek(s) >= '0' && peek(s) <= '9')
        s->at++;
    return s->at > from || fault(s, "bad number");
}

static bool number(struct scan *s)
{
    if (peek(s) == '-')
        s->at++;
    if (peek(s) == '0')
        s->at++;
    else if (!digits(s))
        return false;
    if (peek(s) == '.') {
        s->at++;
        if (!digits(s))
            return false;
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->at++;
        if (peek(s) == '+' || peek(s) == '-')
            s->at++;
        return digits(s);
    }
    return true;
}

static bool four_hex(struct scan *s, unsigned *ret)
{
    unsigned v = 0;
    for (int i = 0; i < 4; i++, s->at++) {
        int c = peek(s);
        if (c >= '0' && c <= '9')
            v = v * 16 + (unsigned)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            v = v * 16 + (unsigned)((c | 32) - 'a' + 10);
        else
            return fault(s, "bad \\u escape");
    }
    *ret = v;
    return true;
}

static bool escape(struct scan *s)
{
    unsigned high;
    unsigned low;
    int c = peek(s);
    if (c < 0 || strchr("\"\\/bfnrtu", c) == NULL || c == 0)
        return fault(s, "bad escape");
    s->at++;
    if (c != 'u')
        return true;
    if (!four_hex(s, &high))
        return false;
    if (high >= 0xdc00 && high <= 0xdfff)
        return fault(s, "lone surrogate");
    if (high < 0xd800 || high > 0xdbff)
        return true;
    if (peek(s) != '\\' || s->at + 1 >= s->len || s->p[s->at + 1] != 'u')
        return fault(s, "lone surrogate");
    s->at += 2;
    if (!four_hex(s, &low))
        return false;
    return (low >= 0xdc00 && low <= 0xdfff) || fault(s, "lone surrogate");
}

/* One character beyond ASCII (Unicode 15, table 3-7). */
static bool utf8(struct scan *s)
{
    static const struct {
        unsigned char first, last, low, high;
        size_t more;
    } rows[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 1}, {0xe0, 0xe0, 0xa0, 0xbf, 2}, {0xe1, 0xec, 0x80, 0xbf, 2},
        {0xed, 0xed, 0x80, 0x9f, 2}, {0xee, 0xef, 0x80, 0xbf, 2}, {0xf0, 0xf0, 0x90, 0xbf, 3},
        {0xf1, 0xf3, 0x80, 0xbf, 3}, {0xf4, 0xf4, 0x80, 0x8f, 3},
    };
    int c = peek(s);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (c < rows[i].first || c > rows[i].last)
            continue;
        for (size_t k = 1; k <= rows[i].more; k++) {
            int b = s->at + k < s->len ? (unsigned char)s->p[s->at + k] : -1;
            if (b < (k == 1 ? rows[i].low : 0x80) || b > (k == 1 ? rows[i].high : 0xbf))
                return fault(s, "invalid UTF-8");
        }
        s->at += rows[i].more + 1;
        return true;
    }
    return fault(s, "invalid UTF-8");
}

static bool string(struct scan *s, struct key *ret)
{
    if (peek(s) != '"')
        return fault(s, "no string");
    size_t from = ++s->at;
    for (int c; (c = peek(s)) != '"';) {
        if (c < 0)
            return fault(s, "string without an end");
        if (c < 0x20)
            return fault(s, "control character in a string");
        if (c == '\\') {
            s->at++;
            if (!escape(s))
                return false;
        } else if (c < 0x80) {
            s->at++;
        } else if (!utf8(s)) {
            return false;
        }
    }
    *ret = (struct key){s->p + from, s->at - from};
    s->at++;
    return true;
}

static int compare_keys(const void *a, const void *b)
{
    const struct key *x = a;
    const struct key *y = b;
    size_t n = x->len < y->len ? x->len : y->len;
    int r = memcmp(x->text, y->text, n);
    return r != 0 ? r : (x->len > y->len) - (x->len < y->len);
}

static void find_repeated(struct scan *s, struct key *keys, size_t n)
{
    if (n < 2 || s->repeated != NULL)
        return;
    qsort(keys, n, sizeof *keys, compare_keys);
    for (size_t i = 1; i < n; i++)
        if (compare_keys(&keys[i - 1], &keys[i]) == 0) {
            s->repeated = keys[i].text;
            s->repeated_len = keys[i].len;
            return;
        }
}

static bool value(struct scan *s, unsigned depth);

/* An object or an array, after its opening bracket. */
static bool members(struct scan *s, unsigned depth, char close)
{
    struct key *keys = NULL;
    size_t n = 0;
    size_t room = 0;
    bool good = false;
    s->at++;
    blanks(s);
    if (peek(s) == close) {
        s->at++;
        return true;
    }
    for (;;) {
        blanks(s);
        if (close == '}') {
            if (n == room) {
                room = room == 0 ? 32 : room * 2;
                keys = mem_realloc_array(keys, room, sizeof *keys);
            }
            if (!string(s, &keys[n++]))
                break;
            blanks(s);
            if (peek(s) != ':') {
                (void)fault(s, "no colon");
                break;
            }
            s->at++;
        }
        if (!value(s, depth + 1))
            break;
        blanks(s);
        if (peek(s) == close) {
            s->at++;
            good = true;
            break;
        }
        if (peek(s) != ',') {
            (void)fault(s, "no comma");
            break;
        }
        s->at++;
    }
    if (good && close == '}')
        find_repeated(s, keys, n);
    free(keys);
    return good;
}

static bool value(struct scan *s, unsigned depth)
{
    struct key ignored;
    if (depth > DEPTH)
        return fault(s, "too deep");
    blanks(s);
    switch (peek(s)) {
    case '{':
        return members(s, depth, '}');
    case '[':
        return members(s, depth, ']');
    case '"':
        return string(s, &ignored);
    case 't':
        return literal(s, "true");
    case 'f':
        return literal(s, "false");
    case 'n':
        return literal(s, "null");
    default:
        return number(s);
    }
}

const char *strict_json_object(const char *p, size_t len, size_t *at, const char **repeated,
                               size_t *repeated_len)
{
    struct scan s = {.p = p, .len = len};
    blanks(&s);
    if (peek(&s) != '{')
        (void)fault(&s, "no object");
    else if (value(&s, 0)) {
        blanks(&s);
        if (s.at != len)
            (void)fault(&s, "more behind it");
    }
    *at = s.at;
    *repeated = s.repeated;
    *repeated_len = s.repeated_len;
    return s.fault;
}
