/* SPDX-License-Identifier: Apache-2.0 */
/* A line that lies whole in the chunk is handed out where it lies. Only a line that crosses chunks
 * is copied, piece by piece, into `held`, so each byte is looked at and copied at most once and a
 * line of n bytes costs O(n). Beyond max_line pieces are counted and dropped. */
#include "config.h"
#include "input/lineio.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

void lineio_init(struct lineio *l, size_t max_line)
{
    *l = (struct lineio){.max_line = max_line ? max_line : 1};
    l->chunk = mem_alloc(LINEIO_CHUNK);
    buf_init(&l->held, l->max_line);
}

void lineio_done(struct lineio *l)
{
    if (!l)
        return;
    free(l->chunk);
    buf_done(&l->held);
    *l = (struct lineio){0};
}

/* A held line that the caller has had is forgotten, with its memory if it was a giant. */
static void forget_held(struct lineio *l)
{
    if (!l->handed_out)
        return;
    buf_reset(&l->held, LINEIO_CHUNK);
    l->skipped = 0;
    l->handed_out = false;
}

/* Put n bytes behind the start of the open line, as far as max_line allows. */
static void hold(struct lineio *l, const char *p, size_t n)
{
    size_t room = l->max_line - l->held.len;
    size_t take = n < room ? n : room;

    (void)buf_append(&l->held, p, take); /* can't pass the buffer's maximum: it is max_line */
    l->skipped += n - take;
}

static bool give_held(struct lineio *l, struct line *ret)
{
    /* An empty held line has no memory; nobody shall have to ask whether data is NULL. */
    *ret = (struct line){
        .data = l->held.data ? l->held.data : "", .len = l->held.len, .cut = l->skipped};
    l->handed_out = true;
    return true;
}

ssize_t lineio_read(struct lineio *l, int fd)
{
    ssize_t n;

    if (l->pos < l->end)
        return -EBUSY;
    forget_held(l);
    n = read(fd, l->chunk, LINEIO_CHUNK);
    if (n < 0)
        return errno == EINTR || errno == EWOULDBLOCK ? -EAGAIN : -errno;
    l->pos = 0;
    l->end = (size_t)n;
    return n;
}

bool lineio_next(struct lineio *l, struct line *ret)
{
    const char *start = l->chunk + l->pos;
    size_t left = l->end - l->pos;
    const char *lf;
    size_t len;

    forget_held(l);
    if (left == 0)
        return false;
    lf = memchr(start, '\n', left);
    len = lf ? (size_t)(lf - start) : left;
    l->pos += len + (lf ? 1 : 0);
    if (!lf) {
        hold(l, start, len);
        return false;
    }
    if (l->held.len || l->skipped) {
        hold(l, start, len);
        return give_held(l, ret);
    }
    *ret = (struct line){.data = start, .len = len};
    if (len > l->max_line) {
        ret->len = l->max_line;
        ret->cut = len - l->max_line;
    }
    return true;
}

bool lineio_rest(struct lineio *l, struct line *ret)
{
    forget_held(l);
    if (l->held.len == 0 && l->skipped == 0)
        return false;
    return give_held(l, ret);
}
