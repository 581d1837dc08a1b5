/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "input/message.h"

#include <stdint.h>
#include <string.h>

#include "base/hex.h"
#include "input/cutoff.h"

#define ESCAPE_MAX 12 /* \uXXXX\uXXXX */

/* Where a record ends in the text. */
struct extent {
    const char *end;
    bool last;  /* of the message */
    bool whole; /* a border is behind it, and no quote in it */
};

void message_init(struct message *m, size_t max_record)
{
    *m = (struct message){.text = BUF_INIT(max_record)};
}

void message_done(struct message *m)
{
    buf_done(&m->text);
}

void message_begin(struct message *m, const struct line *line)
{
    m->at = line->data + 1;
    m->end = line->data + line->len;
    m->cut = line->cut;
    m->total = 0;
    m->more = true;
}

bool message_is_full(const struct message *m)
{
    return m->total == CUTOFF_GATHERED || m->total == CUTOFF_STANZA || m->total == CUTOFF_DEFAULT;
}

/* The next quote or backslash, or end. */
static const char *special(const char *p, const char *end)
{
    const char *slash = memchr(p, '\\', (size_t)(end - p));
    const char *quote;

    if (!slash)
        slash = end;
    quote = memchr(p, '"', (size_t)(slash - p));
    return quote ? quote : slash;
}

static struct extent extent_of(const struct message *m)
{
    struct extent e = {.whole = true};
    const char *p = m->at;

    for (;;) {
        p = special(p, m->end);
        if (m->end - p < 2)
            break;
        if (*p == '\\' && p[1] == 'n') {
            e.end = p;
            return e;
        }
        e.whole &= *p == '\\';
        p += *p == '\\' ? 2 : 1;
    }
    /* The quote at the end; or, where bytes are missing, half an escape. */
    e.last = true;
    e.end = p;
    if (!m->cut)
        e.whole &= p < m->end && *p == '"';
    return e;
}

/* Four digits; -1: they are not. */
static int32_t hex4(const char *p, const char *end)
{
    int32_t value = 0;

    if (end - p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(p[i]);

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* \uXXXX, a pair of surrogates included; p: behind the u. What it takes; 0: it is none. */
static size_t unicode(const char *p, const char *end, char *out, size_t *n)
{
    int32_t c = hex4(p, end), low;

    if (c < 0 || (c >= 0xdc00 && c <= 0xdfff))
        return 0;
    if (c < 0xd800 || c > 0xdbff) {
        *n = put_utf8(out, (uint32_t)c);
        return 4;
    }
    if (end - p < 10 || p[4] != '\\' || p[5] != 'u')
        return 0;
    low = hex4(p + 6, end);
    if (low < 0xdc00 || low > 0xdfff)
        return 0;
    *n = put_utf8(out, 0x10000 + ((uint32_t)(c - 0xd800) << 10) + (uint32_t)(low - 0xdc00));
    return 10;
}

/* The escape behind a backslash. What it takes; 0: there is no such escape. */
static size_t escape(const char *p, const char *end, char *out, size_t *n)
{
    static const char names[] = "\"\\/bfrt", values[] = "\"\\/\b\f\r\t";
    const char *name;
    size_t taken;

    if (p == end)
        return 0;
    if (*p == 'u') {
        taken = unicode(p + 1, end, out, n);
        return taken ? taken + 1 : 0;
    }
    name = memchr(names, *p, sizeof(names) - 1);
    if (!name)
        return 0;
    out[0] = values[name - names];
    *n = 1;
    return 1;
}

/* Beyond the maximum bytes are counted and dropped. */
static void put(struct message *m, const char *p, size_t n, size_t *cut)
{
    size_t room = m->text.max - m->text.len, take = n < room ? n : room;

    (void)buf_append(&m->text, p, take);
    *cut += n - take;
}

/* Into m->text. False: an escape is broken. */
static bool decode(struct message *m, const char *p, const char *end, size_t *cut)
{
    for (;;) {
        const char *slash = memchr(p, '\\', (size_t)(end - p));
        char out[4];
        size_t n = 0, taken;

        put(m, p, (size_t)((slash ? slash : end) - p), cut);
        if (!slash)
            return true;
        taken = escape(slash + 1, end, out, &n);
        if (taken == 0) {
            *cut += (size_t)(end - slash);
            return m->cut && end == m->end && end - slash < ESCAPE_MAX; /* it was cut itself */
        }
        put(m, out, n, cut);
        p = slash + 1 + taken;
    }
}

bool message_next(struct message *m, struct line *ret)
{
    struct extent e = extent_of(m);
    const char *from = m->at;
    size_t cut = 0, len = (size_t)(e.end - from);

    m->more = !e.last;
    m->at = e.last ? m->end : e.end + 2;
    buf_reset(&m->text, LINEIO_CHUNK);
    if (e.whole && decode(m, from, e.end, &cut)) {
        m->total += m->text.len + cut + !e.last;
        if (e.last)
            cut += m->cut;
        *ret =
            (struct line){.data = m->text.data ? m->text.data : "", .len = m->text.len, .cut = cut};
        return true;
    }
    cut = e.last ? m->cut : 0;
    if (len > m->text.max) {
        cut += len - m->text.max;
        len = m->text.max;
    }
    *ret = (struct line){.data = from, .len = len, .cut = cut};
    return false;
}
