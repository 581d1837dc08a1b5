/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "journal/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "journal/crc32c.h"

#define SEGMENT_MAGIC "OAJSEG\r\n"
#define SEGMENT_VERSION 1u
#define SEGMENT_BYTE_ORDER 0x01020304u
#define READ_CHUNK (128u << 10)

struct header {
    char magic[8];
    uint32_t version;
    uint32_t byte_order;
    uint64_t number;
    uint64_t first_seq;
    uint32_t size;
    uint32_t seed;
    uint32_t reserved[5];
    uint32_t crc; /* over all before it */
};
_Static_assert(sizeof(struct header) == SEGMENT_HEADER, "the header is 64 bytes");

struct head {
    uint32_t len;
    uint32_t crc; /* from the segment's seed, over the head behind it, len and the payload */
    uint64_t number;
    int64_t arrival_ms;
    uint32_t type;
    uint32_t extra;
};
_Static_assert(sizeof(struct head) == SEGMENT_ENTRY_HEAD, "an entry's head is 32 bytes");

static uint32_t head_crc(uint32_t seed, const struct head *h)
{
    uint32_t crc = crc32c(seed, &h->len, sizeof(h->len));

    return crc32c(crc, &h->number, sizeof(*h) - offsetof(struct head, number));
}

static int write_all(int fd, const void *data, size_t len, off_t offset)
{
    const char *p = data;

    while (len) {
        ssize_t n = pwrite(fd, p, len, offset);

        if (n < 0) {
            if (errno == EINTR)
                continue;
            return -errno;
        }
        if (n == 0)
            return -EIO;
        p += n;
        offset += n;
        len -= (size_t)n;
    }
    return 0;
}

/* Bytes read (short only at the end of the file) or -errno. */
static ssize_t read_all(int fd, void *data, size_t len, off_t offset)
{
    size_t got = 0;

    while (got < len) {
        ssize_t n = pread(fd, (char *)data + got, len - got, offset + (off_t)got);

        if (n < 0) {
            if (errno == EINTR)
                continue;
            return -errno;
        }
        if (n == 0)
            break;
        got += (size_t)n;
    }
    return (ssize_t)got;
}

static int write_header(struct segment *s)
{
    struct header h = {.version = SEGMENT_VERSION,
                       .byte_order = SEGMENT_BYTE_ORDER,
                       .number = s->number,
                       .first_seq = s->first_seq,
                       .size = SEGMENT_SIZE};

    memcpy(h.magic, SEGMENT_MAGIC, sizeof(h.magic));
    if (getrandom(&h.seed, sizeof(h.seed), 0) != (ssize_t)sizeof(h.seed))
        h.seed = (uint32_t)s->number * 2654435761u ^ (uint32_t)getpid();
    h.crc = crc32c(0, &h, offsetof(struct header, crc));
    s->seed = h.seed;
    s->used = SEGMENT_HEADER;
    return write_all(s->fd, &h, sizeof(h), 0);
}

/* Allocated blocks mean that an append into them finds no full disk. */
static int zero_range(int fd, size_t from, size_t to)
{
    static const char zeros[64 << 10];
    int r = 0;

    if (from >= to)
        return 0;
#ifdef FALLOC_FL_ZERO_RANGE
    if (fallocate(fd, FALLOC_FL_ZERO_RANGE, (off_t)from, (off_t)(to - from)) == 0)
        return 0;
#endif
    while (from < to && r == 0) {
        size_t n = to - from < sizeof(zeros) ? to - from : sizeof(zeros);

        r = write_all(fd, zeros, n, (off_t)from);
        from += n;
    }
    return r;
}

int segment_reuse(struct segment *s, int dir_fd, const char *name, uint64_t number,
                  uint64_t first_seq)
{
    int r;

    *s = (struct segment){.number = number, .first_seq = first_seq};
    s->fd = openat(dir_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (s->fd < 0)
        return -errno;
    r = zero_range(s->fd, 0, SEGMENT_SIZE);
    if (r == 0)
        r = write_header(s);
    if (r < 0)
        segment_close(s);
    return r;
}

static bool all_zero(const char *p, size_t len)
{
    return len == 0 || (p[0] == 0 && memcmp(p, p + 1, len - 1) == 0);
}

/* -ENODATA: there is nothing behind the header, so nothing was ever in it. ERR_JOURNAL_FORMAT. */
static int never_used(int fd)
{
    CLEANUP_FREE char *data = mem_alloc(SEGMENT_SIZE);
    ssize_t n = read_all(fd, data, SEGMENT_SIZE - SEGMENT_HEADER, SEGMENT_HEADER);

    return n < 0 ? (int)n : all_zero(data, (size_t)n) ? -ENODATA : ERR_JOURNAL_FORMAT;
}

int segment_open(struct segment *s, int dir_fd, const char *name)
{
    static const struct header zeros;
    struct header h;
    struct stat st;
    ssize_t n;
    int r;

    *s = (struct segment){.fd = openat(dir_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
    if (s->fd < 0)
        return -errno;
    if (fstat(s->fd, &st) < 0) {
        r = -errno;
        goto fail;
    }
    n = S_ISREG(st.st_mode) ? read_all(s->fd, &h, sizeof(h), 0) : ERR_JOURNAL_FORMAT;
    if (n < 0) {
        r = (int)n;
        goto fail;
    }
    r = -ENODATA;
    if (n == 0 || (n == sizeof(h) && memcmp(&h, &zeros, sizeof(h)) == 0))
        goto fail;
    if (n != sizeof(h) || memcmp(h.magic, SEGMENT_MAGIC, sizeof(h.magic)) != 0 ||
        h.version != SEGMENT_VERSION || h.byte_order != SEGMENT_BYTE_ORDER ||
        h.size != SEGMENT_SIZE || h.crc != crc32c(0, &h, offsetof(struct header, crc))) {
        r = never_used(s->fd); /* half a header: its maker was killed */
        goto fail;
    }
    s->number = h.number;
    s->first_seq = h.first_seq;
    s->seed = h.seed;
    s->used = SEGMENT_HEADER;
    return 0;
fail:
    segment_close(s);
    return r;
}

/* A file of that name that was never used is what is left of a try that failed and could not even
 * be taken back: it would be in the way for ever. A descriptor or -errno. */
static int open_new(int dir_fd, const char *name)
{
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    int fd = openat(dir_fd, name, flags, 0600), error = fd < 0 ? -errno : 0;
    struct segment old = {.fd = -1};

    if (error == -EEXIST && segment_open(&old, dir_fd, name) == -ENODATA &&
        unlinkat(dir_fd, name, 0) == 0)
        fd = openat(dir_fd, name, flags, 0600);
    segment_close(&old);
    return fd < 0 ? error : fd;
}

int segment_create(struct segment *s, int dir_fd, const char *name, uint64_t number,
                   uint64_t first_seq)
{
    int r;

    *s = (struct segment){.number = number, .first_seq = first_seq};
    s->fd = open_new(dir_fd, name);
    if (s->fd < 0)
        return s->fd;
    do {
        r = -posix_fallocate(s->fd, 0, SEGMENT_SIZE);
    } while (r == -EINTR);
    if (r == 0)
        r = write_header(s);
    if (r == 0 && fsync(dir_fd) < 0)
        r = -errno;
    if (r < 0) {
        segment_close(s);
        unlinkat(dir_fd, name, 0);
    }
    return r;
}

void segment_close(struct segment *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
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

    if (len > SEGMENT_SIZE - s->used)
        return -ENOSPC;
    do {
        n = pwrite(s->fd, data, len, (off_t)s->used);
    } while (n < 0 && errno == EINTR);
    return wrote(s, n, len);
}

/* Is there a valid entry at data[off..len)? Its size, or 0. */
static size_t entry_at(const struct segment *s, const char *data, size_t off, size_t len,
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
    if (h.crc != crc32c(head_crc(s->seed, &h), data + off + sizeof(h), h.len))
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
    ssize_t n = read_all(s->fd, data, SEGMENT_SIZE, 0);
    int r;

    *skipped = 0;
    *dirty = false;
    if (n < 0)
        return (int)n;
    len = (size_t)n & ~(size_t)7;
    while (off < len) {
        size = entry_at(s, data, off, len, &e);
        if (!size) {
            /* The common end: nothing but zeros. Otherwise look further, 8 bytes at a time. */
            if (off == end && all_zero(data + off, len - off))
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
    *dirty = end < len && !all_zero(data + end, len - end);
    return 0;
}

int segment_clean_tail(struct segment *s)
{
    int r = zero_range(s->fd, s->used, SEGMENT_SIZE);

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
    n = read_all(s->fd, r->data, len, (off_t)offset);
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
        if (h.len <= SEGMENT_PAYLOAD_MAX)
            size = segment_entry_size(h.len);
        if (size > s->used - *offset)
            size = s->used - *offset;
        err = reader_fill(s, r, *offset, size);
        if (err < 0)
            return err;
        size = entry_at(s, r->data, *offset - r->start, *offset - r->start + size, e);
        if (size) {
            *offset += size;
            return 1;
        }
        *offset += 8; /* damage that segment_scan() has counted */
    }
    return 0;
}
