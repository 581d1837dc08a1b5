/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "event/recent.h"

#include <errno.h>
#include <fcntl.h>
#include <libaudit.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"
#include "input/record.h"

#define RECENT_MAGIC UINT64_C(0x3130434552414f) /* "OAREC01" */
#define PART_BITS 8u                            /* events in the file: parts in the low bits */

/* Twelve bytes: there are a hundred thousand of them. */
struct item {
    uint32_t digest[2];
    uint32_t stored : 16; /* times in the journal; for an event: parts */
    uint32_t came : 15;   /* times it came in this life */
    uint32_t settled : 1;
};

#define STORED_MAX UINT16_MAX
#define CAME_MAX INT16_MAX

/* A ring with an index over it: open addressing, twice as many slots as items. A slot holds the
 * item's place plus one. */
struct ring {
    struct item *items;
    uint32_t *slots;
    size_t size; /* power of two */
    size_t head; /* items ever added */
};

/* The file: this header, then the two rings as digests. */
struct file_header {
    uint64_t magic;
    uint64_t seed;
    uint64_t size[2];
    uint64_t head[2]; /* digests ever written */
};

struct recent {
    struct ring records, events;
    uint64_t last; /* digest asked for last, and what was said */
    bool last_repeat;
    uint64_t seed;
    int fd;
    struct file_header file;
    uint64_t *pending[2]; /* noted, not yet in the file */
    size_t n_pending[2], cap_pending[2];
};

static uint64_t digest_of(const struct item *it)
{
    return (uint64_t)it->digest[1] << 32 | it->digest[0];
}

static void ring_init(struct ring *g, size_t size)
{
    *g = (struct ring){.size = size};
    g->items = mem_calloc(size, sizeof(*g->items));
    g->slots = mem_calloc(size * 2, sizeof(*g->slots));
}

static void ring_done(struct ring *g)
{
    free(g->items);
    free(g->slots);
}

static size_t slot_mask(const struct ring *g)
{
    return g->size * 2 - 1;
}

/* The slot of a digest, or the empty one where it would go. */
static size_t find_slot(const struct ring *g, uint64_t digest)
{
    size_t s = digest & slot_mask(g);

    while (g->slots[s] && digest_of(&g->items[g->slots[s] - 1]) != digest)
        s = (s + 1) & slot_mask(g);
    return s;
}

static struct item *ring_find(const struct ring *g, uint64_t digest)
{
    size_t s = find_slot(g, digest);

    return g->slots[s] ? &g->items[g->slots[s] - 1] : NULL;
}

/* Linear probing without tombstones: what follows the hole and may move up, moves up. */
static void ring_forget(struct ring *g, uint64_t digest)
{
    size_t hole = find_slot(g, digest), s = hole;

    if (!g->slots[hole])
        return;
    for (;;) {
        size_t home;

        s = (s + 1) & slot_mask(g);
        if (!g->slots[s])
            break;
        home = digest_of(&g->items[g->slots[s] - 1]) & slot_mask(g);
        if (((s - home) & slot_mask(g)) >= ((s - hole) & slot_mask(g))) {
            g->slots[hole] = g->slots[s];
            hole = s;
        }
    }
    g->slots[hole] = 0;
}

static struct item *ring_get(struct ring *g, uint64_t digest)
{
    struct item *it = ring_find(g, digest);
    size_t place;

    if (it)
        return it;
    place = g->head & (g->size - 1);
    it = &g->items[place];
    if (g->head >= g->size)
        ring_forget(g, digest_of(it));
    g->head++;
    *it = (struct item){.digest = {(uint32_t)digest, (uint32_t)(digest >> 32)}};
    g->slots[find_slot(g, digest)] = (uint32_t)place + 1;
    return it;
}

struct recent *recent_new(size_t records, size_t events)
{
    struct recent *r = mem_calloc(1, sizeof(*r));

    ring_init(&r->records, records);
    ring_init(&r->events, events);
    r->fd = -1;
    if (getrandom(&r->seed, sizeof(r->seed), 0) != (ssize_t)sizeof(r->seed))
        r->seed = (uint64_t)(uintptr_t)r;
    return r;
}

void recent_free(struct recent *r)
{
    if (!r)
        return;
    ring_done(&r->records);
    ring_done(&r->events);
    free(r->pending[0]);
    free(r->pending[1]);
    if (r->fd >= 0)
        close(r->fd);
    free(r);
}

uint64_t recent_record_digest(const struct recent *r, const struct record *rec)
{
    return XXH3_64bits_withSeed(rec->line, rec->raw_len, r->seed);
}

uint64_t recent_event_digest(const struct recent *r, const struct record *rec)
{
    uint64_t key[4] = {(uint64_t)rec->sec, rec->ms, rec->serial, 0};

    key[3] = rec->node_len ? XXH3_64bits_withSeed(rec->node, rec->node_len, r->seed) : 0;
    /* Not the low bits: they carry the part in the file. */
    return XXH3_64bits_withSeed(key, sizeof(key), r->seed) & ~((UINT64_C(1) << PART_BITS) - 1);
}

static void count_stored(struct item *it)
{
    if (it->stored < STORED_MAX)
        it->stored++;
}

static void count_came(struct item *it)
{
    if (it->came < CAME_MAX)
        it->came++;
}

bool recent_type_is_single(int type)
{
    switch (type) {
    case AUDIT_SYSCALL:
    case AUDIT_PATH:
    case AUDIT_SOCKADDR:
    case AUDIT_CWD:
    case AUDIT_EXECVE:
    case AUDIT_EOE:
    case AUDIT_PROCTITLE:
    case AUDIT_LOGIN:
        return true;
    default:
        return (type >= AUDIT_FIRST_USER_MSG && type < AUDIT_FIRST_EVENT) ||
               (type >= AUDIT_FIRST_ANOM_MSG && type <= AUDIT_LAST_USER_MSG2);
    }
}

bool recent_is_repeat(struct recent *r, uint64_t digest, int type)
{
    struct item *it = ring_find(&r->records, digest);
    bool repeat = false;

    if (it && it->settled) {
        repeat = true;
    } else if (it && it->came < it->stored) { /* stored by an earlier life: says nothing of a run */
        count_came(it);
        r->last = digest;
        r->last_repeat = false;
        return true;
    } else if (it) { /* a run of equal ones shares its first one's fate */
        repeat = recent_type_is_single(type) || digest != r->last || r->last_repeat;
    }
    r->last = digest;
    r->last_repeat = repeat;
    return repeat;
}

void recent_stored(struct recent *r, uint64_t digest)
{
    struct item *it = ring_get(&r->records, digest);

    count_stored(it);
    count_came(it);
}

void recent_replay(struct recent *r, uint64_t digest, bool settled)
{
    struct item *it = ring_get(&r->records, digest);

    count_stored(it);
    it->settled = settled;
}

void recent_settled(struct recent *r, uint64_t digest)
{
    struct item *it = ring_find(&r->records, digest);

    if (it)
        it->settled = true;
}

/* The slots of the event ring are probed from the high bits, as the low ones are all zero. */
static uint64_t event_key(uint64_t event_digest)
{
    return event_digest ^ event_digest >> 32;
}

unsigned recent_parts(const struct recent *r, uint64_t event_digest)
{
    const struct item *it = ring_find(&r->events, event_key(event_digest));

    return it ? it->stored : 0;
}

void recent_add_part(struct recent *r, uint64_t event_digest, unsigned part)
{
    struct item *it = ring_get(&r->events, event_key(event_digest));

    if (part > it->stored)
        it->stored = part < STORED_MAX ? part : STORED_MAX;
}

/* ---- the file ------------------------------------------------------------------------------- */

static off_t file_offset(const struct recent *r, unsigned which, uint64_t n)
{
    uint64_t slot = n & (r->file.size[which] - 1);

    if (which == 1)
        slot += r->file.size[0];
    return (off_t)(sizeof(r->file) + slot * sizeof(uint64_t));
}

static int load_ring(struct recent *r, unsigned which)
{
    uint64_t size = r->file.size[which], head = r->file.head[which];
    uint64_t *digests = mem_alloc(size * sizeof(*digests));
    ssize_t want = (ssize_t)(size * sizeof(*digests));
    ssize_t n = pread(r->fd, digests, (size_t)want, file_offset(r, which, 0));

    for (uint64_t i = head > size ? head - size : 0; n > 0 && i < head; i++) {
        uint64_t at = i & (size - 1), d = digests[at];

        if ((at + 1) * sizeof(*digests) > (size_t)n || d == 0)
            continue;
        if (which == 0)
            ring_get(&r->records, d)->settled = true;
        else
            recent_add_part(r, d & ~((UINT64_C(1) << PART_BITS) - 1),
                            (unsigned)(d & ((1u << PART_BITS) - 1)));
    }
    free(digests);
    return n < 0 ? -errno : 0;
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
        return e < 0 ? e : load_ring(r, 1);
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

static void push(struct recent *r, unsigned which, uint64_t digest)
{
    if (r->n_pending[which] == r->cap_pending[which]) {
        r->cap_pending[which] = r->cap_pending[which] ? r->cap_pending[which] * 2 : 1024;
        r->pending[which] =
            mem_realloc_array(r->pending[which], r->cap_pending[which], sizeof(**r->pending));
    }
    r->pending[which][r->n_pending[which]++] = digest;
}

void recent_note(struct recent *r, uint64_t digest, uint64_t event_digest)
{
    unsigned parts = recent_parts(r, event_digest);

    if (parts > (1u << PART_BITS) - 1)
        parts = (1u << PART_BITS) - 1;
    event_digest |= parts ? parts : 1;
    push(r, 0, digest);
    if (!r->n_pending[1] || r->pending[1][r->n_pending[1] - 1] != event_digest)
        push(r, 1, event_digest);
}

static int save_ring(struct recent *r, unsigned which)
{
    uint64_t size = r->file.size[which];
    size_t i = 0;

    if (r->n_pending[which] > size) {
        i = r->n_pending[which] - size;
        r->file.head[which] += i;
    }
    while (i < r->n_pending[which]) {
        uint64_t at = r->file.head[which] & (size - 1);
        size_t n = r->n_pending[which] - i;
        ssize_t bytes;

        if (n > size - at)
            n = size - at;
        bytes = (ssize_t)(n * sizeof(uint64_t));
        if (pwrite(r->fd, r->pending[which] + i, (size_t)bytes,
                   file_offset(r, which, r->file.head[which])) != bytes)
            return -EIO;
        r->file.head[which] += n;
        i += n;
    }
    return 0;
}

int recent_save(struct recent *r)
{
    int e = 0;

    if (r->fd >= 0) {
        e = save_ring(r, 0);
        if (e == 0)
            e = save_ring(r, 1);
        if (e == 0 && pwrite(r->fd, &r->file, sizeof(r->file), 0) != (ssize_t)sizeof(r->file))
            e = -EIO;
        /* The segments of which this is the memory are removed next. */
        if (e == 0 && fdatasync(r->fd) < 0)
            e = -errno;
    }
    for (unsigned i = 0; i < 2; i++) { /* a burst's memory is given back */
        free(r->pending[i]);
        r->pending[i] = NULL;
        r->n_pending[i] = r->cap_pending[i] = 0;
    }
    return e;
}
