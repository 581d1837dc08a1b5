/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

#define BUF_FIRST 256

void buf_init(struct buf *b, size_t max)
{
    *b = BUF_INIT(max);
}

void buf_done(struct buf *b)
{
    if (!b)
        return;
    free(b->data);
    *b = BUF_INIT(b->max);
}

/* cap doubles, so that n appends cost O(n); one byte more than asked is kept for buf_cstr(). */
static void grow(struct buf *b, size_t need)
{
    size_t cap = b->cap ? b->cap : BUF_FIRST;

    while (cap < need) {
        if (cap > b->max / 2) {
            cap = need > b->max ? need : b->max;
            break;
        }
        cap *= 2;
    }
    if (cap < need)
        cap = need;
    b->data = mem_realloc(b->data, cap);
    b->cap = cap;
}

int buf_reserve(struct buf *b, size_t n)
{
    if (n > b->max || b->len > b->max - n)
        return -EMSGSIZE;
    if (b->len + n > b->cap)
        grow(b, b->len + n);
    return 0;
}

int buf_append(struct buf *b, const void *p, size_t n)
{
    int r;

    if (n == 0)
        return 0;
    r = buf_reserve(b, n);
    if (r < 0)
        return r;
    memcpy(b->data + b->len, p, n);
    b->len += n;
    return 0;
}

int buf_append_char(struct buf *b, char c)
{
    return buf_append(b, &c, 1);
}

int buf_append_str(struct buf *b, const char *s)
{
    return buf_append(b, s, strlen(s));
}

int buf_printf(struct buf *b, const char *fmt, ...)
{
    char small[512];
    va_list ap;
    int n, r;

    va_start(ap, fmt);
    n = vsnprintf(small, sizeof(small), fmt, ap);
    va_end(ap);
    if (n < 0)
        return -EINVAL;
    if ((size_t)n < sizeof(small))
        return buf_append(b, small, (size_t)n);

    r = buf_reserve(b, (size_t)n);
    if (r < 0)
        return r;
    if (b->len + (size_t)n + 1 > b->cap)
        grow(b, b->len + (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)n;
    return 0;
}

void buf_consume(struct buf *b, size_t n)
{
    b->len -= n;
    if (n && b->len)
        memmove(b->data, b->data + n, b->len);
}

void buf_reset(struct buf *b, size_t keep)
{
    b->len = 0;
    if (b->cap > keep) {
        free(b->data);
        b->data = NULL;
        b->cap = 0;
    }
}

const char *buf_cstr(struct buf *b)
{
    if (b->len + 1 > b->cap)
        grow(b, b->len + 1);
    b->data[b->len] = '\0';
    return b->data;
}
