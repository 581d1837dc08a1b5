/* SPDX-License-Identifier: Apache-2.0 */
/* The shim's reads, writes and syncs. */
#include "config.h"

#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#define ENTRY_HEAD 32 /* an entry's head; [journal/segment.c] */
#define ENTRY_TYPE_AT 24
#define ENTRY_NUMBER_AT 8
#define ENTRY_GARBAGE 2

static enum crash_point by_kind(int fd, enum crash_point segment, enum crash_point recent,
                                enum crash_point dead, enum crash_point socket)
{
    switch (shim_kind(fd)) {
    case KIND_SEGMENT:
    case KIND_SPARE:
        return segment;
    case KIND_RECENT:
        return recent;
    case KIND_DEAD:
    case KIND_DEAD_DIR:
        return dead;
    case KIND_SOCKET:
        return socket;
    default:
        return CRASH_NOWHERE;
    }
}

ssize_t read(int fd, void *data, size_t len)
{
    NEXT(read)
    enum kind kind = shim_kind(fd);
    enum crash_point point = kind == KIND_STDIN    ? CRASH_STDIN_READ
                             : kind == KIND_SOCKET ? CRASH_SOCKET_RECV
                                                   : CRASH_NOWHERE;
    int verdict = shim_hit(point, false);
    ssize_t n;

    if (verdict > 0)
        return shim_failed(verdict);
    n = next_(fd, data, len);
    if (n > 0 && kind == KIND_STDIN)
        shim_heard(data, (size_t)n);
    (void)shim_hit(point, true);
    return n;
}

ssize_t pread(int fd, void *data, size_t len, off_t at)
{
    NEXT(pread)
    enum crash_point point =
        by_kind(fd, CRASH_SEGMENT_READ, CRASH_RECENT_READ, CRASH_NOWHERE, CRASH_NOWHERE);
    int verdict = shim_hit(point, false);
    ssize_t n;

    if (verdict > 0)
        return shim_failed(verdict);
    n = next_(fd, data, len, at);
    (void)shim_hit(point, true);
    return n;
}

/* A whole one: half an entry is none, and is written over or cut off. */
static void was_written(int fd, enum crash_point point)
{
    if ((point == CRASH_SEGMENT_WRITE && shim_kind(fd) != KIND_SPARE) ||
        point == CRASH_SEGMENT_RECORD || point == CRASH_SEGMENT_SEAL || point == CRASH_SEGMENT_DONE)
        shim_set_dirty(fd, 1);
    else if (point == CRASH_DEAD_WRITE)
        shim_set_dirty(fd, 2);
}

ssize_t write(int fd, const void *data, size_t len)
{
    NEXT(write)
    enum kind kind = shim_kind(fd);
    enum crash_point point;
    int verdict;
    ssize_t n;

    if (kind == KIND_WIRE)
        return shim_reply(fd, data, len);
    point = kind == KIND_DEAD     ? CRASH_DEAD_WRITE
            : kind == KIND_SOCKET ? CRASH_SOCKET_SEND
                                  : CRASH_NOWHERE;
    verdict = shim_hit(point, false);
    if (verdict > 0)
        return shim_failed(verdict);
    n = next_(fd, data, verdict < 0 ? (len + 1) / 2 : len);
    if (verdict == SHIM_TEAR)
        shim_die();
    if (n == (ssize_t)len)
        was_written(fd, point);
    (void)shim_hit(point, true);
    return n;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
    NEXT(pwrite)
    enum crash_point point =
        by_kind(fd, CRASH_SEGMENT_WRITE, CRASH_RECENT_WRITE, CRASH_DEAD_WRITE, CRASH_NOWHERE);
    int verdict = shim_hit(point, false);
    ssize_t n;

    if (verdict > 0)
        return shim_failed(verdict);
    n = next_(fd, data, verdict < 0 ? (len + 1) / 2 : len, at);
    if (verdict == SHIM_TEAR)
        shim_die();
    if (n == (ssize_t)len)
        was_written(fd, point);
    (void)shim_hit(point, true);
    return n;
}

/* A line that is no record goes to the dead letters: remember its number. */
static void is_garbage(uint64_t number)
{
    for (size_t i = 0; i < CRASH_GARBAGE; i++) {
        uint64_t none = 0;

        if (atomic_compare_exchange_strong(&shim_page->garbage[i], &none, number))
            return;
    }
}

static bool get_varint(const unsigned char **p, const unsigned char *end, uint64_t *ret)
{
    *ret = 0;
    for (unsigned shift = 0; *p < end && shift < 64; shift += 7) {
        unsigned char c = *(*p)++;

        *ret |= (uint64_t)(c & 0x7f) << shift;
        if (!(c & 0x80))
            return true;
    }
    return false;
}

/* A mark "done": ranges of numbers [journal/marks.h]. What is in the dead letters must be synced
 * before. */
static void is_done(const unsigned char *p, const unsigned char *end)
{
    uint64_t ranges, zigzag, count, at = 0;

    if (!get_varint(&p, end, &ranges))
        return;
    while (ranges-- > 0 && get_varint(&p, end, &zigzag) && get_varint(&p, end, &count)) {
        at += (zigzag >> 1) ^ (~(zigzag & 1) + 1);
        for (size_t i = 0; i < CRASH_GARBAGE; i++) {
            uint64_t g = atomic_load(&shim_page->garbage[i]);

            if (g == 0 || g < at || g >= at + count)
                continue;
            atomic_store(&shim_page->garbage[i], 0);
            if (shim_any_dirty(2) && !atomic_load(&shim_page->dead_failed))
                shim_violation("done with what stands unsynced in the dead letters");
        }
        at += count;
    }
}

/* The journal's appends. */
ssize_t pwritev(int fd, const struct iovec *iov, int n_iov, off_t at)
{
    NEXT(pwritev)
    enum crash_point point = CRASH_NOWHERE;
    uint32_t type = 0;
    size_t len = 0;
    int verdict;
    ssize_t n;

    for (int i = 0; i < n_iov; i++)
        len += iov[i].iov_len;
    if (shim_kind(fd) == KIND_SEGMENT && n_iov > 0 && iov[0].iov_len == ENTRY_HEAD) {
        memcpy(&type, (const char *)iov[0].iov_base + ENTRY_TYPE_AT, sizeof(type));
        point = type <= 2   ? CRASH_SEGMENT_RECORD
                : type == 3 ? CRASH_SEGMENT_SEAL
                            : CRASH_SEGMENT_DONE;
    }
    if (point == CRASH_SEGMENT_DONE && n_iov > 1)
        is_done(iov[1].iov_base, (const unsigned char *)iov[1].iov_base + iov[1].iov_len);
    verdict = shim_hit(point, false);
    if (verdict > 0)
        return shim_failed(verdict);
    if (verdict < 0) /* the head and half of the rest */
        n = next_(fd, iov, n_iov > 1 ? 1 : n_iov, at);
    else
        n = next_(fd, iov, n_iov, at);
    if (verdict == SHIM_TEAR)
        shim_die();
    if (n == (ssize_t)len) {
        was_written(fd, point);
        if (type == ENTRY_GARBAGE) {
            uint64_t number;

            memcpy(&number, (const char *)iov[0].iov_base + ENTRY_NUMBER_AT, sizeof(number));
            is_garbage(number);
        }
    }
    (void)shim_hit(point, true);
    return n;
}

/* What is in process: libauparse's and zlib's own calls; nothing else of them is needed here. */
int auparse_feed(void *au, const char *data, size_t len);
int deflate(void *z, int flush);

static uint64_t digest(const char *data, size_t len) /* FNV-1a */
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)data[i]) * UINT64_C(0x100000001b3);
    return h ? h : 1;
}

static void hunt(const char *data, size_t len)
{
    uint64_t d, none = 0;

    if (atomic_load(&shim_page->hunt_left) == 0 || atomic_load(&shim_page->healed))
        return;
    if (atomic_load(&shim_page->hunt_at) > 0) {
        (void)atomic_fetch_sub(&shim_page->hunt_at, 1);
        return;
    }
    d = digest(data, len);
    (void)atomic_compare_exchange_strong(&shim_page->hunted, &none, d);
    if (atomic_load(&shim_page->hunted) != d)
        return;
    (void)atomic_fetch_sub(&shim_page->hunt_left, 1);
    shim_die();
}

int auparse_feed(void *au, const char *data, size_t len)
{
    NEXT(auparse_feed)
    int r;

    if (shim_page != NULL)
        hunt(data, len);
    (void)shim_hit(CRASH_WORK_EVENT, false);
    r = next_(au, data, len);
    (void)shim_hit(CRASH_WORK_EVENT, true);
    return r;
}

int deflate(void *z, int flush)
{
    NEXT(deflate)
    int r;

    (void)shim_hit(CRASH_WORK_BATCH, false);
    r = next_(z, flush);
    (void)shim_hit(CRASH_WORK_BATCH, true);
    return r;
}

static int sync_call(int fd, int (*call)(int))
{
    enum kind kind = shim_kind(fd);
    enum crash_point point = kind == KIND_SEGMENT                         ? CRASH_SEGMENT_SYNC
                             : kind == KIND_JOURNAL                       ? CRASH_JOURNAL_SYNC
                             : kind == KIND_DEAD || kind == KIND_DEAD_DIR ? CRASH_DEAD_SYNC
                                                                          : CRASH_NOWHERE;
    int verdict = shim_hit(point, false);
    int r;

    if (verdict > 0) {
        if (point == CRASH_DEAD_SYNC)
            atomic_store(&shim_page->dead_failed, 1);
        return (int)shim_failed(verdict);
    }
    r = call(fd);
    if (r == 0 && point != CRASH_NOWHERE)
        shim_set_dirty(fd, 0);
    (void)shim_hit(point, true);
    return r;
}

int fdatasync(int fd)
{
    NEXT(fdatasync)
    return sync_call(fd, next_);
}

int fsync(int fd)
{
    NEXT(fsync)
    return sync_call(fd, next_);
}

int posix_fallocate(int fd, off_t at, off_t len)
{
    NEXT(posix_fallocate)
    enum crash_point point =
        by_kind(fd, CRASH_SEGMENT_ALLOC, CRASH_NOWHERE, CRASH_NOWHERE, CRASH_NOWHERE);
    int verdict = shim_hit(point, false);
    int r;

    if (verdict > 0)
        return verdict;
    r = next_(fd, at, len);
    (void)shim_hit(point, true);
    return r;
}

int fallocate(int fd, int mode, off_t at, off_t len)
{
    NEXT(fallocate)
    enum crash_point point =
        by_kind(fd, CRASH_SEGMENT_ALLOC, CRASH_NOWHERE, CRASH_NOWHERE, CRASH_NOWHERE);
    int verdict = shim_hit(point, false);
    int r;

    if (verdict > 0)
        return (int)shim_failed(verdict);
    r = next_(fd, mode, at, len);
    (void)shim_hit(point, true);
    return r;
}
