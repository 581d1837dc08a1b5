/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of repeats on disk: what leaves the journal. */
#include "config.h"
#include "event/recent_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define RECENT_MAGIC UINT64_C(0x3130434552414f) /* "OAREC01" */

static off_t file_offset(const struct recent *r, unsigned which, uint64_t n)
{
    uint64_t slot = n & (r->file.size[which] - 1);

    if (which == 1)
        slot += r->file.size[0];
    return (off_t)(sizeof(r->file) + slot * sizeof(uint64_t));
}

/* Some digests of the file from the n-th on, as far as its ring goes in one piece. How many, or
 * -errno. */
static ssize_t read_some(const struct recent *r, unsigned which, uint64_t n, uint64_t *digests)
{
    uint64_t size = r->file.size[which], many = r->file.head[which] - n;
    ssize_t got;

    if (many > size - (n & (size - 1)))
        many = size - (n & (size - 1));
    if (many > SAVE_DIGESTS)
        many = SAVE_DIGESTS;
    memset(digests, 0, SAVE_DIGESTS * sizeof(*digests));
    got = pread(r->fd, digests, many * sizeof(*digests), file_offset(r, which, n));
    return got < 0 ? -errno : (ssize_t)many;
}

static int load_ring(struct recent *r, unsigned which)
{
    uint64_t size = r->file.size[which], head = r->file.head[which], digests[SAVE_DIGESTS];
    ssize_t n;

    for (uint64_t i = head > size ? head - size : 0; i < head; i += (uint64_t)n) {
        n = read_some(r, which, i, digests);
        if (n < 0)
            return (int)n;
        for (ssize_t k = 0; k < n; k++) {
            uint64_t d = digests[k], part = d & PART_MASK;

            if (d == 0)
                continue;
            if (which == 0)
                (void)ring_add(&r->records, d, 0);
            else
                recent_raise_parts(ring_get(&r->events, recent_event_key(d - part), 0),
                                   (unsigned)part);
        }
    }
    return 0;
}

/* All its blocks now: a disk that is full later must not make us forget what we have sent. */
static void reserve(struct recent *r)
{
    off_t end = file_offset(r, 1, 0) + (off_t)(r->file.size[1] * sizeof(uint64_t));

    (void)posix_fallocate(r->fd, 0, end);
}

int recent_load(struct recent *r, int dir_fd)
{
    struct file_header *h = &r->file;
    bool fresh;
    ssize_t n;
    int e;

    r->fd = openat(dir_fd, "recent", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (r->fd < 0)
        return -errno;
    n = pread(r->fd, h, sizeof(*h), 0);
    if (n == (ssize_t)sizeof(*h) && h->magic == RECENT_MAGIC && h->size[0] == r->records.size &&
        h->size[1] == r->events.size) {
        r->seed = h->seed;
        reserve(r);
        e = load_ring(r, 0);
        if (e == 0)
            e = load_ring(r, 1);
        r->saved = r->records.head;
        return e;
    }
    fresh = n == 0 || (n > 0 && h->magic == 0); /* killed between its blocks and its header */
    *h = (struct file_header){
        .magic = RECENT_MAGIC, .seed = r->seed, .size = {r->records.size, r->events.size}};
    if (ftruncate(r->fd, 0) < 0)
        return -EIO;
    reserve(r);
    if (pwrite(r->fd, h, sizeof(*h), 0) != (ssize_t)sizeof(*h))
        return -EIO;
    return fresh ? 0 : -EBADMSG;
}

/* Digests on their way into the file. */
struct piece {
    struct recent *r;
    unsigned which;
    size_t n;
    uint64_t digests[SAVE_DIGESTS];
};

static int write_piece(struct piece *p)
{
    uint64_t *head = &p->r->file.head[p->which], size = p->r->file.size[p->which];
    size_t i = 0;

    while (i < p->n) {
        size_t n = p->n - i, room = size - (*head & (size - 1));
        ssize_t bytes;

        if (n > room)
            n = room;
        bytes = (ssize_t)(n * sizeof(*p->digests));
        if (pwrite(p->r->fd, p->digests + i, (size_t)bytes, file_offset(p->r, p->which, *head)) !=
            bytes)
            return -EIO;
        *head += n;
        i += n;
    }
    p->n = 0;
    return 0;
}

static int put_digest(struct piece *p, uint64_t digest)
{
    p->digests[p->n++] = digest;
    return p->n == SAVE_DIGESTS ? write_piece(p) : 0;
}

/* Segments are in the tens of thousands at most, so the low bits tell which one is older. */
static bool leaves(const struct ring_item *it, uint64_t segment)
{
    return (int16_t)(uint16_t)(segment - it->segment) >= 0;
}

/* Records lie in the ring as they do in the journal. *upto: the first that stays. */
static int save_records(struct recent *r, uint64_t segment, size_t *upto)
{
    struct piece p = {.r = r, .which = 0};
    size_t i = r->saved > ring_oldest(&r->records) ? r->saved : ring_oldest(&r->records);
    int e = 0;

    for (; i < r->records.head && e == 0; i++) {
        const struct ring_item *it = ring_at(&r->records, i);

        if (!leaves(it, segment))
            break;
        if (!(it->count & RECENT_VOID))
            e = put_digest(&p, ring_digest(it));
    }
    *upto = i;
    return e < 0 ? e : write_piece(&p);
}

/* Events lie in the order in which they settled. */
static int save_events(struct recent *r, uint64_t segment)
{
    struct piece p = {.r = r, .which = 1};
    int e = 0;

    for (size_t i = ring_oldest(&r->events); i < r->events.head && e == 0; i++) {
        const struct ring_item *it = ring_at(&r->events, i);

        if (it->flag && leaves(it, segment))
            e = put_digest(&p, recent_event_key(ring_digest(it)) |
                                   (it->count < PART_MASK ? it->count : PART_MASK));
    }
    return e < 0 ? e : write_piece(&p);
}

static void events_are_saved(struct recent *r, uint64_t segment)
{
    for (size_t i = ring_oldest(&r->events); i < r->events.head; i++) {
        struct ring_item *it = ring_at(&r->events, i);

        if (leaves(it, segment))
            it->flag = false;
    }
}

static int save_header(const struct recent *r)
{
    struct file_header h = r->file;

    return pwrite(r->fd, &h, sizeof(h), 0) == (ssize_t)sizeof(h) ? 0 : -EIO;
}

int recent_save(struct recent *r, uint64_t segment)
{
    struct file_header before = r->file;
    size_t upto;
    int e;

    if (r->fd < 0)
        return 0;
    e = save_records(r, segment, &upto);
    if (e == 0)
        e = save_events(r, segment);
    if (e == 0)
        e = save_header(r);
    /* The segments of which this is the memory are removed next. */
    if (e == 0 && fdatasync(r->fd) < 0)
        e = -errno;
    if (e < 0) {
        r->file = before;
        return e;
    }
    r->saved = upto;
    events_are_saved(r, segment);
    return 0;
}
