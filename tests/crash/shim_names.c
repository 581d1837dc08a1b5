/* SPDX-License-Identifier: Apache-2.0 */
/* The shim's calls on names, sockets and the wall clock. */
#include "config.h"

#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static enum crash_point open_point(enum kind kind)
{
    return kind == KIND_SEGMENT || kind == KIND_SPARE ? CRASH_JOURNAL_OPEN
           : kind == KIND_RECENT                      ? CRASH_RECENT_OPEN
           : kind == KIND_DEAD                        ? CRASH_DEAD_OPEN
                                                      : CRASH_NOWHERE;
}

int openat(int dir, const char *name, int flags, ...)
{
    NEXT(openat)
    enum kind kind = shim_kind_at(dir, name);
    enum crash_point point = open_point(kind);
    mode_t mode = 0;
    va_list ap;
    int verdict, fd;

    va_start(ap, flags);
    if (flags & (O_CREAT | O_TMPFILE))
        mode = va_arg(ap, mode_t);
    va_end(ap);
    verdict = shim_hit(point, false);
    if (verdict > 0)
        return (int)shim_failed(verdict);
    fd = next_(dir, name, flags, mode);
    /* An inode is given out again: nothing is known of a new file. */
    if (fd >= 0 && flags & O_EXCL && kind != KIND_OTHER)
        shim_set_dirty(fd, 0);
    if (fd >= 0 && flags & O_EXCL && kind == KIND_DEAD)
        shim_set_dirty(dir, 2);
    if (fd >= 0 && flags & O_EXCL && kind == KIND_SEGMENT) /* and its name is not on the disk yet */
        shim_set_dirty(dir, 1);
    (void)shim_hit(point, true);
    return fd;
}

int open(const char *name, int flags, ...)
{
    NEXT(open)
    mode_t mode = 0;
    va_list ap;

    va_start(ap, flags);
    if (flags & (O_CREAT | O_TMPFILE))
        mode = va_arg(ap, mode_t);
    va_end(ap);
    return next_(name, flags, mode);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    NEXT(renameat)
    enum kind kind = shim_kind_at(from_dir, from);
    enum crash_point point =
        kind == KIND_SEGMENT || kind == KIND_SPARE ? CRASH_JOURNAL_RENAME : CRASH_NOWHERE;
    int verdict = shim_hit(point, false);
    int r;

    if (verdict > 0)
        return (int)shim_failed(verdict);
    if (point != CRASH_NOWHERE) {
        shim_forget_name(to_dir, to);
        if (strncmp(to, "spare", 5) == 0) /* what it holds is done with */
            shim_forget_name(from_dir, from);
    }
    r = next_(from_dir, from, to_dir, to);
    (void)shim_hit(point, true);
    return r;
}

int unlinkat(int dir, const char *name, int flags)
{
    NEXT(unlinkat)
    enum kind kind = shim_kind_at(dir, name);
    enum crash_point point =
        kind == KIND_SEGMENT || kind == KIND_SPARE ? CRASH_JOURNAL_UNLINK : CRASH_NOWHERE;
    int verdict = shim_hit(point, false);
    int r;

    if (verdict > 0)
        return (int)shim_failed(verdict);
    if (kind == KIND_SEGMENT || kind == KIND_DEAD)
        shim_forget_name(dir, name);
    if (kind == KIND_SEGMENT) /* one that could not be made goes at once */
        shim_set_dirty(dir, 0);
    r = next_(dir, name, flags);
    (void)shim_hit(point, true);
    return r;
}

int flock(int fd, int operation)
{
    NEXT(flock)
    enum crash_point point = shim_kind(fd) == KIND_LOCK ? CRASH_LOCK : CRASH_NOWHERE;
    int r;

    (void)shim_hit(point, false);
    r = next_(fd, operation);
    (void)shim_hit(point, true);
    return r;
}

/* -- the network --------------------------------------------------------------------------------
 */

int connect(int fd, __CONST_SOCKADDR_ARG to, socklen_t len)
{
    NEXT(connect)
    int verdict = shim_hit(CRASH_SOCKET_CONNECT, false);
    int r;

    if (verdict > 0)
        return (int)shim_failed(verdict);
    r = next_(fd, to, len);
    (void)shim_hit(CRASH_SOCKET_CONNECT, true);
    return r;
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
    NEXT(send)
    int verdict = shim_hit(CRASH_SOCKET_SEND, false);
    ssize_t n;

    if (verdict > 0)
        return shim_failed(verdict);
    n = next_(fd, data, len, flags);
    (void)shim_hit(CRASH_SOCKET_SEND, true);
    return n;
}

ssize_t recv(int fd, void *data, size_t len, int flags)
{
    NEXT(recv)
    int verdict = shim_hit(CRASH_SOCKET_RECV, false);
    ssize_t n;

    if (verdict > 0)
        return shim_failed(verdict);
    n = next_(fd, data, len, flags);
    (void)shim_hit(CRASH_SOCKET_RECV, true);
    return n;
}

/* -- the wall clock steps, the monotonic one is honest -------------------------------------------
 */

static time_t shift(void)
{
    return shim_page != NULL ? (time_t)atomic_load(&shim_page->wall_shift) : 0;
}

int clock_gettime(clockid_t id, struct timespec *ret)
{
    NEXT(clock_gettime)
    int r = next_(id, ret);

    if (r == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        ret->tv_sec += shift();
    return r;
}

time_t time(time_t *ret)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (ret != NULL)
        *ret = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
    struct timespec now;

    (void)zone;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    *ret = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}
