/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <linux/falloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim.h"
#include "trace.h"

#define FDS 1024
#define TRACE_FD 1000
#define PATHS_MAX (2 * PATH_MAX)

static struct {
    bool on;
    char root[PATH_MAX];
    size_t root_len;
    uint64_t ino[FDS]; /* of descriptors that are files below the root, or 0 */
} trace;

static volatile sig_atomic_t asked;

static void put(const struct trace_op *op, const char *path, const char *path2,
                const struct iovec *iov, int n)
{
    struct iovec all[8] = {{(void *)(uintptr_t)op, sizeof(*op)},
                           {(void *)(uintptr_t)path, op->path_len},
                           {(void *)(uintptr_t)path2, op->path2_len}};
    size_t left = op->data_len;
    int k = 3;

    for (int i = 0; i < n && k < 8 && left; i++, k++) {
        all[k] = iov[i];
        if (all[k].iov_len > left)
            all[k].iov_len = left;
        left -= all[k].iov_len;
    }
    (void)syscall(SYS_writev, TRACE_FD, all, (long)k);
    trace_end_if_asked();
}

static void on_ask(int number)
{
    (void)number;
    asked = 1;
}

void trace_end_if_asked(void)
{
    if (asked)
        (void)syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
}

bool trace_on(void)
{
    return trace.on;
}

/* The path behind a descriptor, made relative to the root. False: not below it. */
static bool path_of(int fd, const char *name, char *out)
{
    char link[64], path[PATH_MAX];
    ssize_t n;

    if (name && name[0] == '/') {
        n = snprintf(path, sizeof(path), "%s", name);
    } else {
        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        n = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof(path) - 1);
        if (n < 0)
            return false;
        if (name)
            n += snprintf(path + n, sizeof(path) - (size_t)n, "/%s", name);
    }
    if (n < 0 || (size_t)n >= sizeof(path))
        return false;
    path[n] = '\0';
    if (strncmp(path, trace.root, trace.root_len) != 0 || path[trace.root_len] != '/')
        return false;
    snprintf(out, PATH_MAX, "%s", path + trace.root_len + 1);
    return true;
}

static bool stat_of(int fd, struct stat *st)
{
    return syscall(SYS_newfstatat, fd, "", st, AT_EMPTY_PATH) == 0;
}

void trace_start(const char *file, const char *root)
{
    struct trace_op op = {.kind = TRACE_LIFE};
    long fd = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND, 0600);

    if (fd < 0 || syscall(SYS_dup3, fd, TRACE_FD, O_CLOEXEC) < 0)
        return;
    (void)syscall(SYS_close, fd);
    snprintf(trace.root, sizeof(trace.root), "%s", root);
    trace.root_len = strlen(trace.root);
    trace.on = true;
    (void)signal(SIGUSR2, on_ask);
    put(&op, NULL, NULL, NULL, 0);
}

void trace_opened(int fd, bool made)
{
    struct trace_op op = {.kind = TRACE_CREATE};
    char path[PATH_MAX];
    struct stat st;

    if (!trace.on || fd >= FDS || !path_of(fd, NULL, path) || !stat_of(fd, &st) ||
        !S_ISREG(st.st_mode))
        return;
    trace.ino[fd] = st.st_ino;
    if (!made)
        return;
    op.ino = st.st_ino;
    op.path_len = (uint32_t)strlen(path);
    put(&op, path, NULL, NULL, 0);
}

void trace_closed(int fd)
{
    if (trace.on && fd >= 0 && fd < FDS)
        trace.ino[fd] = 0;
}

/* kind 0: mkdir, 1: rename, 2: unlink. */
void trace_path(int kind, int dir_fd, const char *path, const char *path2)
{
    struct trace_op op = {.kind = kind == 0   ? TRACE_MKDIR
                                  : kind == 1 ? TRACE_RENAME
                                              : TRACE_UNLINK};
    char first[PATH_MAX], second[PATH_MAX] = "";

    if (!trace.on || !path_of(dir_fd, path, first) || (path2 && !path_of(dir_fd, path2, second)))
        return;
    op.path_len = (uint32_t)strlen(first);
    op.path2_len = (uint32_t)strlen(second);
    put(&op, first, second, NULL, 0);
}

bool trace_reply(int fd, const void *data, size_t len)
{
    struct trace_op op = {.kind = TRACE_REPLY, .data_len = (uint32_t)len};
    struct iovec iov = {(void *)(uintptr_t)data, len};

    if (!trace.on || fd <= STDERR_FILENO || fd >= FDS || trace.ino[fd] ||
        !((len == 3 && memcmp(data, "OK\n", 3) == 0) ||
          (len == 13 && memcmp(data, "DEFER_COMMIT\n", 13) == 0)))
        return false;
    put(&op, NULL, NULL, &iov, 1);
    return true;
}

void trace_write(int fd, int64_t off, const struct iovec *iov, int n, size_t len)
{
    struct trace_op op = {.kind = TRACE_WRITE, .off = off, .data_len = (uint32_t)len};

    if (!trace.on || fd < 0 || fd >= FDS || !trace.ino[fd])
        return;
    op.ino = trace.ino[fd];
    if (off < 0)
        op.off = syscall(SYS_lseek, fd, 0L, SEEK_CUR) - (long)len;
    put(&op, NULL, NULL, iov, n);
}

/* kind: fallocate's mode, or -1: truncated. */
void trace_range(int kind, int fd, int64_t off, uint64_t len)
{
    struct trace_op op = {.kind = TRACE_ZERO, .off = off, .len = len};
    struct stat st;

    if (!trace.on || fd < 0 || fd >= FDS || !trace.ino[fd] || !stat_of(fd, &st))
        return;
    op.ino = trace.ino[fd];
#ifdef FALLOC_FL_ZERO_RANGE
    if (kind > 0 && kind & FALLOC_FL_ZERO_RANGE)
        put(&op, NULL, NULL, NULL, 0);
#endif
    op.kind = TRACE_SIZE;
    op.len = (uint64_t)st.st_size;
    put(&op, NULL, NULL, NULL, 0);
}

void trace_sync(int fd)
{
    struct trace_op op = {.kind = TRACE_SYNC};
    char path[PATH_MAX];
    struct stat st;

    if (!trace.on || fd < 0 || fd >= FDS || !stat_of(fd, &st))
        return;
    if (trace.ino[fd]) {
        op.ino = trace.ino[fd];
        put(&op, NULL, NULL, NULL, 0);
    } else if (S_ISDIR(st.st_mode) && path_of(fd, ".", path)) {
        op.kind = TRACE_SYNC_DIR;
        path[strlen(path) > 1 ? strlen(path) - 2 : 0] = '\0'; /* without the "/." */
        op.path_len = (uint32_t)strlen(path);
        put(&op, path, NULL, NULL, 0);
    }
}
