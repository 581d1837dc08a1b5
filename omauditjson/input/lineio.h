/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts what a descriptor gives into lines, in bounded memory however long a line is. Owns one read
 * buffer and the start of a line that is not complete yet. Never blocks more than the one read() it
 * was asked for, never changes a byte, knows nothing of marks or records.
 * Use: lineio_read(), then lineio_next() until it says false; at end of input lineio_rest(). */
#ifndef OMAUDITJSON_INPUT_LINEIO_H
#define OMAUDITJSON_INPUT_LINEIO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"

#define LINEIO_CHUNK ((size_t)64 * 1024) /* a pipe of Linux holds as much by default */

/* A line without its LF. data is borrowed: it dies at the next lineio_read(), lineio_next() or
 * lineio_rest(). */
struct line {
    const char *data;
    size_t len;
    size_t cut; /* bytes that were skipped because the line is longer than max_line */
};

/* Embedded in its owner; the members are lineio's own. */
struct lineio {
    char *chunk;
    size_t pos;      /* first byte of chunk that no line was made of */
    size_t end;      /* bytes in chunk */
    size_t max_line; /* bytes kept of a line */
    struct buf held; /* the start of a line whose LF has not come */
    size_t skipped;  /* bytes of that line beyond max_line */
    bool handed_out; /* held was given to the caller and is to be forgotten */
};

/* max_line of 0 counts as 1. */
void lineio_init(struct lineio *l, size_t max_line);
void lineio_done(struct lineio *l); /* frees; l may be zeroed memory or NULL */

/* One read() of up to LINEIO_CHUNK bytes. The number of bytes, 0 at end of input, -EAGAIN when
 * there is nothing now or a signal came, -EBUSY when lineio_next() has not said false since the
 * last read (nothing is read then), else -errno. */
ssize_t lineio_read(struct lineio *l, int fd);

/* The next complete line, or false: read more. */
bool lineio_next(struct lineio *l, struct line *ret);

/* At end of input, after lineio_next() said false: the last line, if it has no LF. */
bool lineio_rest(struct lineio *l, struct line *ret);

#endif
