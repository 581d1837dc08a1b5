/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/json/json_writer.h"

#include <stdint.h>

#include "format/json/json_copy.h"
#include "format/json/utf8.h"

/* What a byte below 0x80 needs: 0 nothing, 'u' \u00XX, else the letter behind the backslash. */
static const char escape[128] = {
    'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'b',         't',           'n', 'u',
    'f', 'r', 'u', 'u', 'u', 'u', 'u', 'u', 'u',         'u',           'u', 'u',
    'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', ['"'] = '"', ['\\'] = '\\',
};

void json_init(struct json_writer *w, struct buf *out, size_t limit)
{
    *w = (struct json_writer){.out = out, .start = out->len, .limit = limit, .first = true};
}

/* Is there room for n more bytes? */
static bool make_room(struct json_writer *w, size_t n)
{
    struct buf *b = w->out;
    size_t end = w->limit > SIZE_MAX - w->start ? SIZE_MAX : w->start + w->limit;

    if (w->over || b->len > end || n > end - b->len || buf_reserve(b, n) < 0)
        return false;
    w->fast = b->cap < end ? b->cap : end;
    if (w->fast > b->max)
        w->fast = b->max;
    return true;
}

static inline bool has_room(struct json_writer *w, size_t n)
{
    return w->out->len + n <= w->fast || make_room(w, n);
}

/* Room for n more bytes, or NULL and over. */
static inline char *take(struct json_writer *w, size_t n)
{
    char *at;

    if (!has_room(w, n)) {
        w->over = true;
        w->fast = 0;
        return NULL;
    }
    at = w->out->data + w->out->len;
    w->out->len += n;
    return at;
}

void json_char(struct json_writer *w, char c)
{
    char *at = take(w, 1);

    if (at)
        *at = c;
}

void json_raw(struct json_writer *w, const char *p, size_t n)
{
    char *at = take(w, n);

    if (at)
        memcpy(at, p, n);
}

void json_key(struct json_writer *w, const char *key, size_t len)
{
    size_t comma = w->first ? 0 : 1;
    char *at = take(w, len + 3 + comma);

    w->first = false;
    if (!at)
        return;
    *at = ',';
    at += comma;
    *at++ = '"';
    json_copy_few(at, key, len);
    at[len] = '"';
    at[len + 1] = ':';
}

static inline bool clean1(char c)
{
    return json_is_plain[(unsigned char)c];
}

/* Copy up to the first byte that needs an escape; returns the count. There is room for n bytes, and
 * bytes beyond the count may be overwritten. */
static size_t copy_clean(char *to, const char *p, size_t n)
{
    size_t i = 0;

#ifdef __SSE2__
    for (; n - i >= 16; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        unsigned bad = json_unplain16(v);

        _mm_storeu_si128((__m128i *)(void *)(to + i), v);
        if (bad)
            return i + (size_t)__builtin_ctz(bad);
    }
#else
    for (; n - i >= 8; i += 8) {
        uint64_t v;

        memcpy(&v, p + i, sizeof(v));
        if (!json_plain8(v))
            break;
        memcpy(to + i, &v, sizeof(v));
    }
#endif
    for (; i < n && clean1(p[i]); i++)
        to[i] = p[i];
    return i;
}

static void add_escaped(struct json_writer *w, char c)
{
    static const char hex[] = "0123456789abcdef";
    char how = escape[(unsigned char)c];
    char text[6] = {'\\', how, '0', '0'};

    text[4] = hex[(unsigned char)c >> 4];
    text[5] = hex[(unsigned char)c & 15];
    json_raw(w, text, how == 'u' ? 6 : 2);
}

/* The bytes from p on that need no escape, as many as the string may take. */
static size_t add_clean(struct json_writer *w, struct json_string *s, const char *p, size_t n)
{
    size_t most = n < s->left ? n : s->left, len = 0;
    char *at;

    if (has_room(w, most)) {
        at = w->out->data + w->out->len;
        len = copy_clean(at, p, most);
        w->out->len += len;
    } else { /* not all of it may be needed */
        while (len < most && clean1(p[len]))
            len++;
        json_raw(w, p, len);
    }
    s->left -= len;
    if (len == most && most < n && clean1(p[len]))
        s->cut = true;
    return len;
}

/* The fast path for a piece of a string. */
static inline bool add_plain(struct json_writer *w, struct json_string *s, const char *p, size_t n)
{
    struct buf *b = w->out;

    /* not <=: with fast 0 there may be no memory */
    if (b->len + n >= w->fast || n > s->left || s->cut || !json_copy_plain(b->data + b->len, p, n))
        return false;
    b->len += n;
    s->left -= n;
    s->full += n;
    return true;
}

void json_string_add(struct json_writer *w, struct json_string *s, const char *p, size_t n)
{
    if (add_plain(w, s, p, n))
        return;
    s->full += n;
    while (n > 0 && !s->cut && !w->over) {
        size_t len;

        if (clean1(*p)) {
            len = add_clean(w, s, p, n);
            p += len;
            n -= len;
            continue;
        }
        len = utf8_sequence(p, n);
        if ((len ? len : UTF8_REPLACEMENT_LEN) > s->left) {
            s->cut = true;
        } else if (len == 0) {
            json_literal(w, UTF8_REPLACEMENT);
            s->left -= UTF8_REPLACEMENT_LEN;
            s->invalid = true;
            len = 1;
        } else {
            if ((*p == '\0' && s->nul_blank) || (*p == '\n' && s->line_blank))
                json_put(w, ' ');
            else if (len == 1)
                add_escaped(w, *p);
            else
                json_raw(w, p, len);
            s->left -= len;
        }
        p += len;
        n -= len;
    }
}

void json_member(struct json_writer *w, const char *key, size_t key_len, struct json_string *s,
                 const char *p, size_t n)
{
    size_t comma = w->first ? 0 : 1;
    char *at;

    /* the common case: it fits and needs no escape */
    if (n <= s->left && has_room(w, comma + key_len + n + sizeof("\"\":\"\"") - 1)) {
        at = w->out->data + w->out->len;
        *at = ',';
        at += comma;
        *at++ = '"';
        json_copy_few(at, key, key_len);
        at += key_len;
        memcpy(at, "\":\"", 3);
        at += 3;
        if (json_copy_plain(at, p, n)) {
            at[n] = '"';
            w->out->len = (size_t)(at + n + 1 - w->out->data);
            w->first = false;
            s->left -= n;
            s->full += n;
            return;
        }
    }
    json_key(w, key, key_len);
    json_string(w, s, p, n);
}
