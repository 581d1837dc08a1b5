/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer that has a maximum from its birth. It owns its memory; it never holds
 * more than max bytes; it does not end in NUL unless buf_cstr() was called. */
#ifndef OMAUDITJSON_BASE_BUF_H
#define OMAUDITJSON_BASE_BUF_H

#include <stddef.h>
#include <string.h>

struct buf {
    char *data; /* may be NULL while cap is 0 */
    size_t len; /* bytes in use */
    size_t cap; /* bytes allocated */
    size_t max; /* len never passes this */
};

#define BUF_INIT(maximum) ((struct buf){.max = (maximum)})

void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b); /* frees; b may be zeroed memory or NULL */

/* Make room for n more bytes. 0, or -EMSGSIZE when that would pass max (b is unchanged). */
int buf_reserve(struct buf *b, size_t n);

/* Append; 0 or -EMSGSIZE (nothing was appended then). */
int buf_append(struct buf *b, const void *p, size_t n);
int buf_append_char(struct buf *b, char c);
int buf_append_str(struct buf *b, const char *s);
int buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Forget the first n bytes (n <= len). */
void buf_consume(struct buf *b, size_t n);

/* Cut to len bytes (len <= b->len). */
static inline void buf_truncate(struct buf *b, size_t len)
{
    b->len = len;
}

/* Forget the contents; give memory beyond keep bytes back. */
void buf_reset(struct buf *b, size_t keep);

/* The contents with a NUL behind them that does not count. The pointer dies at the next change. */
const char *buf_cstr(struct buf *b);

#endif
