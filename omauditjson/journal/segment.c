/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "journal/segment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/mem.h"
#include "journal/crc32c.h"
#include "journal/segment_internal.h"
#include "journal/segment_io.h"

#define READ_CHUNK (128u << 10)

static uint32_t head_crc(uint32_t seed, const struct head *h)
{
    uint32_t crc = crc32c(seed, &h->len, sizeof(h->len));

    return crc32c(crc, &h->number, sizeof(*h) - offsetof(struct head, number));
}

static struct head make_head(const struct segment *s, const struct segment_entry *e)
{
    struct head h = {.len = (uint32_t)e->len,
                     .number = e->number,
                     .arrival_ms = e->arrival_ms,
                     .type = e->type,
                     .extra = e->extra};

    h.crc = crc32c(head_crc(s->seed, &h), e->data, e->len);
    return h;
}

static const char padding[8];

/* What became of an append of so many bytes: errno when n < 0. A short write leaves a torn entry
 * that the next append overwrites. */
static int wrote(struct segment *s, ssize_t n, size_t size)
{
    if (n < 0)
        return -errno;
    if ((size_t)n != size)
        return -ENOSPC;
    s->used += size;
    return 0;
}

int segment_append(struct segment *s, const struct segment_entry *e)
{
    struct head h;
    size_t size = segment_entry_size(e->len);
    struct iovec iov[3];
    ssize_t n;

    if (!segment_fits(s, e->len))
        return -ENOSPC;
    h = make_head(s, e);
    iov[0] = (struct iovec){&h, sizeof(h)};
    iov[1] = (struct iovec){(void *)(uintptr_t)e->data, e->len};
    iov[2] = (struct iovec){(void *)(uintptr_t)padding, size - sizeof(h) - e->len};
    do {
        n = pwritev(s->fd, iov, 3, (off_t)s->used);
    } while (n < 0 && errno == EINTR);
    return wrote(s, n, size);
}

int segment_encode(const struct segment *s, const struct segment_entry *e, struct buf *out)
{
    struct head h = make_head(s, e);
    size_t size = segment_entry_size(e->len);
    int r = buf_reserve(out, size);

    if (r < 0)
        return r;
    buf_append(out, &h, sizeof(h));
    buf_append(out, e->data, e->len);
    return buf_append(out, padding, size - sizeof(h) - e->len);
}

int segment_append_encoded(struct segment *s, const char *data, size_t len)
{
    ssize_t n;

    if (len > s->end - s->used)
        return -ENOSPC;
    do {
        n = pwrite(s->fd, data, len, (off_t)s->used);
    } while (n < 0 && errno == EINTR);
    return wrote(s, n, len);
}

size_t segment_entry_at(uint32_t seed, const char *data, size_t off, size_t len,
                        struct segment_entry *e)
{
    struct head h;
    size_t size;

    if (len - off < sizeof(h))
        return 0;
    memcpy(&h, data + off, sizeof(h));
    if (h.type < ENTRY_RECORD || h.type > ENTRY_DONE || h.len > len - off - sizeof(h))
        return 0;
    size = segment_entry_size(h.len);
    if (size > len - off)
        return 0;
    if (h.crc != crc32c(head_crc(seed, &h), data + off + sizeof(h), h.len))
        return 0;
    *e = (struct segment_entry){.type = h.type,
                                .extra = h.extra,
                                .number = h.number,
                                .arrival_ms = h.arrival_ms,
                                .data = data + off + sizeof(h),
                                .len = h.len};
    return size;
}

int segment_scan(struct segment *s, int (*each)(void *ctx, const struct segment_entry *e),
                 void *ctx, size_t *skipped, bool *dirty)
{
    CLEANUP_FREE char *data = mem_alloc(SEGMENT_SIZE);
    struct segment_entry e;
    size_t off = SEGMENT_HEADER, end = SEGMENT_HEADER, len, size;
    ssize_t n = segment_read_all(s->fd, data, s->end, 0);
    int r;

    *skipped = 0;
    *dirty = false;
    if (n < 0)
        return (int)n;
    len = (size_t)n & ~(size_t)7;
    while (off < len) {
        size = segment_entry_at(s->seed, data, off, len, &e);
        if (!size) {
            /* The common end: nothing but zeros. Otherwise look further, 8 bytes at a time. */
            if (off == end && segment_all_zero(data + off, len - off))
                break;
            off += 8;
            continue;
        }
        *skipped += off - end;
        off += size;
        end = off;
        r = each ? each(ctx, &e) : 0;
        if (r)
            return r;
    }
    s->used = end;
    *dirty = end < len && !segment_all_zero(data + end, len - end);
    return 0;
}

int segment_clean_tail(struct segment *s)
{
    int r = segment_zero(s->fd, s->used, s->end);

    if (r == 0 && fdatasync(s->fd) < 0)
        r = -errno;
    return r;
}

void segment_reader_done(struct segment_reader *r)
{
    free(r->data);
    *r = (struct segment_reader){0};
}

/* Have want bytes from offset on in the reader (fewer only at used). */
static int reader_fill(const struct segment *s, struct segment_reader *r, size_t offset,
                       size_t want)
{
    size_t len;
    ssize_t n;

    if (want > s->used - offset)
        want = s->used - offset;
    if (r->len && offset >= r->start && offset + want <= r->start + r->len)
        return 0;
    len = want > READ_CHUNK ? want : READ_CHUNK;
    if (len > s->used - offset)
        len = s->used - offset;
    if (len > r->cap) {
        r->data = mem_realloc(r->data, len);
        r->cap = len;
    } else if (r->cap > READ_CHUNK && len <= READ_CHUNK) { /* a giant's room is given back */
        r->data = mem_realloc(r->data, READ_CHUNK);
        r->cap = READ_CHUNK;
    }
    r->len = 0;
    n = segment_read_all(s->fd, r->data, len, (off_t)offset);
    if (n < 0)
        return (int)n;
    r->start = offset;
    r->len = (size_t)n;
    return (size_t)n < want ? -EIO : 0;
}

int segment_read(const struct segment *s, struct segment_reader *r, size_t *offset,
                 struct segment_entry *e)
{
    while (*offset + SEGMENT_ENTRY_HEAD <= s->used) {
        struct head h;
        size_t size = SEGMENT_ENTRY_HEAD;
        int err = reader_fill(s, r, *offset, size);

        if (err < 0)
            return err;
        memcpy(&h, r->data + (*offset - r->start), sizeof(h));
        if (h.len <= s->used)
            size = segment_entry_size(h.len);
        if (size > s->used - *offset)
            size = s->used - *offset;
        err = reader_fill(s, r, *offset, size);
        if (err < 0)
            return err;
        size = segment_entry_at(s->seed, r->data, *offset - r->start, *offset - r->start + size, e);
        if (size) {
            *offset += size;
            return 1;
        }
        *offset += 8; /* damage that segment_scan() has counted */
    }
    return 0;
}
