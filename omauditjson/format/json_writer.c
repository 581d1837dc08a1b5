/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/json_writer.h"

#include <stdint.h>

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

/* Room for n more bytes, or NULL and over. */
static inline char *take(struct json_writer *w, size_t n)
{
    struct buf *b = w->out;
    char *at;

    if (w->over || n > w->limit || b->len - w->start > w->limit - n)
        goto over;
    if (b->cap - b->len < n && buf_reserve(b, n) < 0)
        goto over;
    if (b->len + n > b->max)
        goto over;
    at = b->data + b->len;
    b->len += n;
    return at;
over:
    w->over = true;
    return NULL;
}

void json_raw(struct json_writer *w, const char *p, size_t n)
{
    char *at = take(w, n);

    if (at)
        memcpy(at, p, n);
}

void json_open(struct json_writer *w, char c)
{
    json_raw(w, &c, 1);
    w->first = true;
}

void json_close(struct json_writer *w, char c)
{
    json_raw(w, &c, 1);
    w->first = false;
}

void json_element(struct json_writer *w)
{
    if (!w->first)
        json_literal(w, ",");
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
    memcpy(at, key, len);
    at[len] = '"';
    at[len + 1] = ':';
}

void json_string_begin(struct json_writer *w)
{
    json_literal(w, "\"");
}

void json_string_end(struct json_writer *w)
{
    json_literal(w, "\"");
}

/* Is none of these eight bytes a control character, a quote, a backslash or beyond ASCII? */
static inline bool clean8(const char *p)
{
    const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    uint64_t v, quote, slash;

    memcpy(&v, p, sizeof(v));
    quote = v ^ (ones * '"');
    slash = v ^ (ones * '\\');
    return (((v - ones * 0x20) | (quote - ones) | (slash - ones) | v) & high) == 0;
}

/* How many bytes from p on can be copied as they are. */
static size_t clean_run(const char *p, size_t n)
{
    size_t i = 0;

    while (n - i >= 8 && clean8(p + i))
        i += 8;
    while (i < n && !((unsigned char)p[i] & 0x80) && !escape[(unsigned char)p[i]])
        i++;
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

void json_string_add(struct json_writer *w, struct json_string *s, const char *p, size_t n)
{
    s->full += n;
    while (n > 0 && !s->cut && !w->over) {
        size_t take_n = clean_run(p, n), len;

        if (take_n > 0) {
            if (take_n > s->left) {
                take_n = s->left;
                s->cut = true;
            }
            json_raw(w, p, take_n);
            s->left -= take_n;
            p += take_n;
            n -= take_n;
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
                json_literal(w, " ");
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
