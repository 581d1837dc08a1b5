/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/json_writer.h"

#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "format/utf8.h"

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
static inline bool has_room(struct json_writer *w, size_t n)
{
    struct buf *b = w->out;

    if (w->over || n > w->limit || b->len - w->start > w->limit - n)
        return false;
    if (b->cap - b->len < n && buf_reserve(b, n) < 0)
        return false;
    return b->len + n <= b->max;
}

/* Room for n more bytes, or NULL and over. */
static inline char *take(struct json_writer *w, size_t n)
{
    char *at;

    if (!has_room(w, n)) {
        w->over = true;
        return NULL;
    }
    at = w->out->data + w->out->len;
    w->out->len += n;
    return at;
}

static inline void put_char(struct json_writer *w, char c)
{
    char *at = take(w, 1);

    if (at)
        *at = c;
}

/* memcpy() of what is a few bytes long. */
static inline void copy_key(char *to, const char *p, size_t n)
{
    if (n >= 4 && n <= 16) {
        uint64_t a, b;
        uint32_t c, d;

        if (n >= sizeof(a)) {
            memcpy(&a, p, sizeof(a));
            memcpy(&b, p + n - sizeof(b), sizeof(b));
            memcpy(to, &a, sizeof(a));
            memcpy(to + n - sizeof(b), &b, sizeof(b));
        } else {
            memcpy(&c, p, sizeof(c));
            memcpy(&d, p + n - sizeof(d), sizeof(d));
            memcpy(to, &c, sizeof(c));
            memcpy(to + n - sizeof(d), &d, sizeof(d));
        }
    } else if (n < 4) {
        for (size_t i = 0; i < n; i++)
            to[i] = p[i];
    } else {
        memcpy(to, p, n);
    }
}

void json_raw(struct json_writer *w, const char *p, size_t n)
{
    char *at = take(w, n);

    if (at)
        memcpy(at, p, n);
}

void json_open(struct json_writer *w, char c)
{
    put_char(w, c);
    w->first = true;
}

void json_close(struct json_writer *w, char c)
{
    put_char(w, c);
    w->first = false;
}

void json_element(struct json_writer *w)
{
    if (!w->first)
        put_char(w, ',');
    w->first = false;
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
    copy_key(at, key, len);
    at[len] = '"';
    at[len + 1] = ':';
}

void json_string_begin(struct json_writer *w)
{
    put_char(w, '"');
}

void json_string_end(struct json_writer *w)
{
    put_char(w, '"');
}

/* Is none of these eight bytes a control character, a quote, a backslash or beyond ASCII? */
static inline bool clean8(uint64_t v)
{
    const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    uint64_t quote = v ^ (ones * '"'), slash = v ^ (ones * '\\');

    return (((v - ones * 0x20) | (quote - ones) | (slash - ones) | v) & high) == 0;
}

static inline bool clean1(char c)
{
    return !((unsigned char)c & 0x80) && !escape[(unsigned char)c];
}

/* Up to the first byte that can't be copied as it is, one by one. */
static size_t copy_clean_slowly(char *to, const char *p, size_t n)
{
    size_t i = 0;

    for (; i < n && clean1(p[i]); i++)
        to[i] = p[i];
    return i;
}

/* 16 bytes and more: the last piece overlaps the one before it. */
static inline size_t copy_clean_long(char *to, const char *p, size_t n)
{
    size_t i = 0;

#ifdef __SSE2__
    for (;;) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        /* signed, so that what is beyond ASCII is below a blank too */
        __m128i bad = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20));
        int mask;

        bad = _mm_or_si128(bad, _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
        bad = _mm_or_si128(bad, _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
        mask = _mm_movemask_epi8(bad);
        _mm_storeu_si128((__m128i *)(void *)(to + i), v);
        if (mask)
            return i + (size_t)__builtin_ctz((unsigned)mask);
        if (i + 16 == n)
            return n;
        i = n - i >= 32 ? i + 16 : n - 16;
    }
#else
    uint64_t v;

    for (; n - i >= sizeof(v); i += sizeof(v)) {
        memcpy(&v, p + i, sizeof(v));
        if (!clean8(v))
            break;
        memcpy(to + i, &v, sizeof(v));
    }
    return i + copy_clean_slowly(to + i, p + i, n - i);
#endif
}

/* Copy up to the first byte that can't be copied as it is; how many there were. There is room for
 * n bytes, and what lies behind those counted may be written over. */
static inline size_t copy_clean(char *to, const char *p, size_t n)
{
    uint64_t a, b;
    uint32_t c, d;

    if (n >= 16)
        return copy_clean_long(to, p, n);
    if (n >= sizeof(a)) {
        memcpy(&a, p, sizeof(a));
        memcpy(&b, p + n - sizeof(b), sizeof(b));
        if (!clean8(a) || !clean8(b))
            return copy_clean_slowly(to, p, n);
        memcpy(to, &a, sizeof(a));
        memcpy(to + n - sizeof(b), &b, sizeof(b));
        return n;
    }
    if (n >= sizeof(c)) {
        memcpy(&c, p, sizeof(c));
        memcpy(&d, p + n - sizeof(d), sizeof(d));
        if (!clean8((uint64_t)c << 32 | d))
            return copy_clean_slowly(to, p, n);
        memcpy(to, &c, sizeof(c));
        memcpy(to + n - sizeof(d), &d, sizeof(d));
        return n;
    }
    return copy_clean_slowly(to, p, n);
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

/* The bytes from p on that need nothing, as many as the string may take. */
static size_t add_clean(struct json_writer *w, struct json_string *s, const char *p, size_t n)
{
    size_t most = n < s->left ? n : s->left, len = 0;
    char *at;

    if (has_room(w, most)) {
        at = w->out->data + w->out->len;
        len = copy_clean(at, p, most);
        w->out->len += len;
    } else { /* perhaps it ends before the room does */
        while (len < most && clean1(p[len]))
            len++;
        json_raw(w, p, len);
    }
    s->left -= len;
    if (len == most && most < n && clean1(p[len]))
        s->cut = true;
    return len;
}

void json_string_add(struct json_writer *w, struct json_string *s, const char *p, size_t n)
{
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
                put_char(w, ' ');
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
    size_t comma = w->first ? 0 : 1, done;
    char *at;

    /* nearly all are like this: it fits and nothing needs escaping */
    if (n <= s->left && has_room(w, comma + key_len + n + sizeof("\"\":\"\"") - 1)) {
        at = w->out->data + w->out->len;
        *at = ',';
        at += comma;
        *at++ = '"';
        copy_key(at, key, key_len);
        at += key_len;
        memcpy(at, "\":\"", 3);
        at += 3;
        done = copy_clean(at, p, n);
        at += done;
        w->first = false;
        s->left -= done;
        s->full += done;
        if (done == n) {
            *at++ = '"';
            w->out->len = (size_t)(at - w->out->data);
            return;
        }
        w->out->len = (size_t)(at - w->out->data);
        json_string_add(w, s, p + done, n - done);
        json_string_end(w);
        return;
    }
    json_key(w, key, key_len);
    json_string(w, s, p, n);
}
