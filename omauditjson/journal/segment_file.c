/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "journal/segment.h"

#include <byteswap.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "journal/crc32c.h"
#include "journal/segment_internal.h"
#include "journal/segment_io.h"

#define SEGMENT_MAGIC "OAJSEG\r\n"
#define SEGMENT_VERSION_SINGLE 1u /* one header, and entries up to the end of the file */
#define SEGMENT_BYTE_ORDER 0x01020304u

struct header {
    char magic[8];
    uint32_t version;
    uint32_t byte_order;
    uint64_t number;
    uint64_t first_seq;
    uint32_t size;
    uint32_t seed;
    uint64_t origin;
    uint32_t delivered;
    uint32_t reserved[2];
    uint32_t crc; /* over all before it */
};
_Static_assert(sizeof(struct header) == SEGMENT_HEADER, "the header is 64 bytes");

/* One after the other: at any time one is whole, or nothing is behind them yet. */
static int write_header(struct segment *s)
{
    struct header h = {.version = s->version,
                       .byte_order = SEGMENT_BYTE_ORDER,
                       .number = s->number,
                       .first_seq = s->first_seq,
                       .size = SEGMENT_SIZE,
                       .seed = s->seed,
                       .origin = s->origin,
                       .delivered = s->delivered};
    int r;

    memcpy(h.magic, SEGMENT_MAGIC, sizeof(h.magic));
    h.crc = crc32c(0, &h, offsetof(struct header, crc));
    r = segment_write_all(s->fd, &h, sizeof(h), 0);
    if (r == 0 && s->version != SEGMENT_VERSION_SINGLE)
        r = segment_write_all(s->fd, &h, sizeof(h), SEGMENT_SIZE - SEGMENT_HEADER);
    return r;
}

static int write_fresh_header(struct segment *s)
{
    s->version = SEGMENT_VERSION;
    s->end = SEGMENT_SIZE - SEGMENT_HEADER;
    s->used = SEGMENT_HEADER;
    if (getrandom(&s->seed, sizeof(s->seed), 0) != (ssize_t)sizeof(s->seed))
        s->seed = (uint32_t)s->number * 2654435761u ^ (uint32_t)getpid();
    return write_header(s);
}

int segment_reuse(struct segment *s, int dir_fd, const char *name, uint64_t number,
                  uint64_t first_seq)
{
    int r;

    *s = (struct segment){.number = number, .first_seq = first_seq};
    s->fd = openat(dir_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (s->fd < 0)
        return -errno;
    r = segment_zero(s->fd, 0, SEGMENT_SIZE);
    if (r == 0)
        r = write_fresh_header(s);
    if (r < 0)
        segment_close(s);
    return r;
}

/* ---- opening ----------------------------------------------------------------------------------
 */

/* 0; ERR_JOURNAL_VERSION: a good one, but none of ours; ERR_JOURNAL_FORMAT: none. */
static int judge(const struct header *h)
{
    uint32_t crc = crc32c(0, h, offsetof(struct header, crc));

    if (memcmp(h->magic, SEGMENT_MAGIC, sizeof(h->magic)) != 0)
        return ERR_JOURNAL_FORMAT;
    if (h->crc != crc)
        return bswap_32(h->crc) == crc ? ERR_JOURNAL_VERSION : ERR_JOURNAL_FORMAT;
    return h->byte_order == SEGMENT_BYTE_ORDER && h->size == SEGMENT_SIZE &&
                   (h->version == SEGMENT_VERSION || h->version == SEGMENT_VERSION_SINGLE)
               ? 0
               : ERR_JOURNAL_VERSION;
}

/* A checksum of 32 bits over 60 bytes tells any single wrong bit. */
static bool repair_bit(struct header *h)
{
    unsigned char *bytes = (unsigned char *)h;

    for (size_t bit = 0; bit < sizeof(*h) * 8; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        if (judge(h) == 0)
            return true;
        bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    return false;
}

/* Magic, version and byte order stand at the front of every version, whatever follows. */
static bool looks_foreign(const struct header *h)
{
    return memcmp(h->magic, SEGMENT_MAGIC, sizeof(h->magic)) == 0 &&
           (h->byte_order == bswap_32(SEGMENT_BYTE_ORDER) ||
            (h->byte_order == SEGMENT_BYTE_ORDER && h->version != SEGMENT_VERSION &&
             h->version != SEGMENT_VERSION_SINGLE));
}

static int first_record(void *ctx, const struct segment_entry *e)
{
    uint64_t *first = ctx;

    if (e->type != ENTRY_RECORD && e->type != ENTRY_GARBAGE)
        return 0;
    *first = e->number;
    return 1;
}

/* Both headers are gone. What is left says all the same, if it is two entries at least. */
static int find_header(struct segment *s, const struct header *copy)
{
    CLEANUP_FREE char *data = mem_alloc(SEGMENT_SIZE);
    ssize_t n = segment_read_all(s->fd, data, SEGMENT_SIZE, 0);
    size_t len = n < 0 ? 0 : (size_t)n, before, skipped;
    bool dirty;

    if (n < 0)
        return (int)n;
    before = SEGMENT_SIZE - SEGMENT_HEADER < len ? SEGMENT_SIZE - SEGMENT_HEADER : len;
    if (memcmp(copy->magic, SEGMENT_MAGIC, sizeof(copy->magic)) != 0)
        before = len;
    if (len <= SEGMENT_HEADER ||
        segment_all_zero(data + SEGMENT_HEADER,
                         before > SEGMENT_HEADER ? before - SEGMENT_HEADER : 0))
        return -ENODATA;
    if (s->number && segment_find_seed(data, SEGMENT_HEADER, len & ~(size_t)7, &s->seed)) {
        s->version = SEGMENT_VERSION_SINGLE; /* whichever it was, nothing more is appended */
        s->end = SEGMENT_SIZE;
        s->header = SEGMENT_HEADER_FOUND;
        n = segment_scan(s, first_record, &s->first_seq, &skipped, &dirty);
        return n < 0 ? (int)n : 0;
    }
    return ERR_JOURNAL_FORMAT;
}

static int read_header(struct segment *s)
{
    struct header h = {.version = 0}, copy = {.version = 0};
    ssize_t n = segment_read_all(s->fd, &h, sizeof(h), 0);
    int r, second;

    if (n >= 0)
        n = segment_read_all(s->fd, &copy, sizeof(copy), SEGMENT_SIZE - SEGMENT_HEADER);
    if (n < 0)
        return (int)n;
    r = judge(&h);
    second = judge(&copy);
    if (r == ERR_JOURNAL_VERSION || (r < 0 && second == ERR_JOURNAL_VERSION))
        return ERR_JOURNAL_VERSION;
    if (r == 0) {
        if (h.version != SEGMENT_VERSION_SINGLE && memcmp(&h, &copy, sizeof(h)) != 0)
            s->header = SEGMENT_HEADER_REPAIRED;
    } else if ((second == 0 || repair_bit(&copy)) && copy.version != SEGMENT_VERSION_SINGLE &&
               (!s->number || s->number == copy.number)) {
        h = copy;
        s->header = SEGMENT_HEADER_REPAIRED;
    } else if (repair_bit(&h)) {
        s->header = SEGMENT_HEADER_REPAIRED;
    } else {
        return looks_foreign(&h) ? ERR_JOURNAL_VERSION : find_header(s, &copy);
    }
    s->version = h.version;
    s->end = h.version == SEGMENT_VERSION_SINGLE ? SEGMENT_SIZE : SEGMENT_SIZE - SEGMENT_HEADER;
    s->number = h.number;
    s->first_seq = h.first_seq;
    s->seed = h.seed;
    s->origin = h.origin;
    s->delivered = h.delivered == 1;
    return 0;
}

int segment_open(struct segment *s, int dir_fd, const char *name)
{
    struct stat st;
    char *behind;
    int r;

    *s = (struct segment){.fd = openat(dir_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW),
                          .used = SEGMENT_HEADER};
    if (s->fd < 0)
        return -errno;
    s->number = strtoull(name, &behind, 16);
    if (behind - name != 16)
        s->number = 0;
    if (fstat(s->fd, &st) < 0)
        r = -errno;
    else if (!S_ISREG(st.st_mode))
        r = ERR_JOURNAL_FORMAT;
    else
        r = st.st_size == 0 ? -ENODATA : read_header(s);
    if (r == 0 && st.st_size < (off_t)SEGMENT_SIZE)
        s->short_by = SEGMENT_SIZE - (size_t)st.st_size;
    if (r < 0)
        segment_close(s);
    return r;
}

uint64_t segment_identity(const struct segment *s)
{
    uint64_t id = (s->number << 32 ^ s->first_seq << 16) ^ s->seed;

    return id ? id : 1;
}

int segment_repair(struct segment *s)
{
    int r = write_header(s);

    if (r == 0 && fdatasync(s->fd) < 0)
        r = -errno;
    return r;
}

void segment_say_delivered(int dir_fd, const char *name)
{
    struct segment s;

    if (segment_open(&s, dir_fd, name) < 0)
        return;
    s.delivered = true;
    (void)segment_repair(&s);
    segment_close(&s);
}

/* ---- making -----------------------------------------------------------------------------------
 */

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

int segment_allocate(int fd)
{
    int r;

    do {
        r = -posix_fallocate(fd, 0, SEGMENT_SIZE);
    } while (r == -EINTR);
    if (r == -EOPNOTSUPP || r == -EINVAL) /* a file system that can't; glibc has a way of its own */
        r = segment_zero(fd, 0, SEGMENT_SIZE);
    return r;
}

int segment_create(struct segment *s, int dir_fd, const char *name, uint64_t number,
                   uint64_t first_seq)
{
    int r;

    *s = (struct segment){.number = number, .first_seq = first_seq};
    s->fd = open_new(dir_fd, name);
    if (s->fd < 0)
        return s->fd;
    r = segment_allocate(s->fd);
    if (r == 0)
        r = write_fresh_header(s);
    if (r == 0 && fsync(dir_fd) < 0)
        r = -errno;
    if (r < 0) {
        segment_close(s);
        unlinkat(dir_fd, name, 0);
    }
    return r;
}

int segment_copy(struct segment *fresh, const struct segment *from)
{
    CLEANUP_FREE char *data = mem_alloc(SEGMENT_SIZE);
    size_t len = from->used - SEGMENT_HEADER;
    ssize_t n = segment_read_all(from->fd, data, len, SEGMENT_HEADER);
    int r;

    if (n != (ssize_t)len)
        return n < 0 ? (int)n : -EIO;
    fresh->seed = from->seed;
    r = write_header(fresh);
    if (r == 0)
        r = segment_write_all(fresh->fd, data, len, SEGMENT_HEADER);
    fresh->used = from->used;
    return r;
}

void segment_close(struct segment *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}
