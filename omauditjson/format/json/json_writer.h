/* SPDX-License-Identifier: Apache-2.0 */
/* Writes JSON (RFC 8259) into a buffer in one pass, without a tree. Any input bytes give valid,
 * escaped UTF-8. Never writes more than its limit; beyond it, only sets `over`. Owns nothing. */
#ifndef OMAUDITJSON_FORMAT_JSON_JSON_WRITER_H
#define OMAUDITJSON_FORMAT_JSON_JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"

struct json_writer {
    struct buf *out;
    size_t start; /* out->len at the beginning */
    size_t limit; /* bytes that may be added to out */
    size_t fast;  /* out may grow to this many bytes without another look; 0: not known */
    bool over;    /* something did not fit: what was written is no JSON */
    bool first;   /* the next member or element needs no comma */
};

/* A string that is being written in pieces. */
struct json_string {
    size_t left;     /* UTF-8 bytes that it may still take */
    size_t full;     /* bytes that were given to it */
    bool nul_blank;  /* NUL becomes a blank and not \u0000 */
    bool line_blank; /* so does LF */
    bool cut;        /* some were left out, at a character's boundary */
    bool invalid;    /* some were no UTF-8 */
};

#define JSON_STRING(maximum) ((struct json_string){.left = (maximum)})

void json_init(struct json_writer *w, struct buf *out, size_t limit);

/* Bytes as they are. */
void json_raw(struct json_writer *w, const char *p, size_t n);
#define json_literal(w, text) json_raw((w), "" text, sizeof(text) - 1)

/* One character as it is, where there may be no room. */
void json_char(struct json_writer *w, char c);

static inline void json_put(struct json_writer *w, char c)
{
    if (w->out->len < w->fast)
        w->out->data[w->out->len++] = c;
    else
        json_char(w, c);
}

/* '{' '[' and their ends; first is set and cleared as it should be. */
static inline void json_open(struct json_writer *w, char c)
{
    json_put(w, c);
    w->first = true;
}

static inline void json_close(struct json_writer *w, char c)
{
    json_put(w, c);
    w->first = false;
}

/* A comma where one is needed, then "KEY": ; the key must be plain ASCII. */
void json_key(struct json_writer *w, const char *key, size_t len);

/* A comma where one is needed, for an array's element. */
static inline void json_element(struct json_writer *w)
{
    if (!w->first)
        json_put(w, ',');
    w->first = false;
}

/* "..." in pieces. After a cut all further pieces are only counted. */
static inline void json_string_begin(struct json_writer *w)
{
    json_put(w, '"');
}

void json_string_add(struct json_writer *w, struct json_string *s, const char *p, size_t n);

static inline void json_string_end(struct json_writer *w)
{
    json_put(w, '"');
}

/* A whole string. */
static inline void json_string(struct json_writer *w, struct json_string *s, const char *p,
                               size_t n)
{
    json_string_begin(w);
    json_string_add(w, s, p, n);
    json_string_end(w);
}

/* json_key() and json_string() in one. */
void json_member(struct json_writer *w, const char *key, size_t key_len, struct json_string *s,
                 const char *p, size_t n);

/* Bytes written so far. */
static inline size_t json_written(const struct json_writer *w)
{
    return w->out->len - w->start;
}

#endif
