/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that shim.so stands in front of. The real ones are reached as system calls, and the
 * allocator by the names that glibc gives its own, so that nothing has to be looked up. */
#include "config.h"
#include "shim.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/falloc.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define HALF 0

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

/* everyone: calls of the libraries count too. */
static const struct {
    const char *name;
    bool everyone;
} calls[SHIM_CALLS] = {
    [SHIM_MALLOC] = {"malloc", true},      [SHIM_READ] = {"read", false},
    [SHIM_WRITE] = {"write", false},       [SHIM_PREAD] = {"pread", false},
    [SHIM_PWRITE] = {"pwrite", false},     [SHIM_PWRITEV] = {"pwritev", false},
    [SHIM_SYNC] = {"sync", false},         [SHIM_FALLOCATE] = {"fallocate", false},
    [SHIM_TRUNCATE] = {"truncate", false}, [SHIM_OPEN] = {"open", false},
    [SHIM_MKDIR] = {"mkdir", false},       [SHIM_RENAME] = {"rename", false},
    [SHIM_UNLINK] = {"unlink", false},     [SHIM_FLOCK] = {"flock", false},
    [SHIM_FSTAT] = {"fstat", false},       [SHIM_ACCESS] = {"access", false},
    [SHIM_CLOSE] = {"close", false},       [SHIM_FCNTL] = {"fcntl", false},
    [SHIM_DUP] = {"dup", false},           [SHIM_POLL] = {"poll", true},
    [SHIM_SOCKET] = {"socket", true},      [SHIM_CONNECT] = {"connect", true},
    [SHIM_SEND] = {"send", true},          [SHIM_RECV] = {"recv", true},
    [SHIM_RANDOM] = {"getrandom", false},  [SHIM_SIGNALFD] = {"signalfd", false},
    [SHIM_PASSWD] = {"getpwuid", false},
};

static struct {
    bool ready;
    enum shim_call call;
    unsigned long n, times, count;
    int how;
    const char *fired;
    uintptr_t from, to; /* the program's own code */
    long speed;
    int64_t began_ns;
} shim = {.call = SHIM_CALLS, .speed = 1};

static long pass(long r)
{
    return r; /* syscall() has set errno */
}

static int64_t real_ns(int clock)
{
    struct timespec t;

    (void)syscall(SYS_clock_gettime, clock, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* Where the program's code is: its program headers are where the kernel says. */
static void find_program(void)
{
    const ElfW(Phdr) *p = (const ElfW(Phdr) *)getauxval(AT_PHDR);
    size_t n = getauxval(AT_PHNUM);
    uintptr_t base = 0;

    for (size_t i = 0; i < n; i++)
        if (p[i].p_type == PT_PHDR)
            base = (uintptr_t)p - p[i].p_vaddr;
    for (size_t i = 0; i < n; i++)
        if (p[i].p_type == PT_LOAD && p[i].p_flags & PF_X) {
            shim.from = base + p[i].p_vaddr;
            shim.to = shim.from + p[i].p_memsz;
        }
}

__attribute__((constructor)) static void start(void)
{
    const char *fail = getenv("OAJ_FAIL"), *speed = getenv("OAJ_SPEED");
    const char *file = getenv("OAJ_TRACE"), *root = getenv("OAJ_ROOT");

    find_program();
    shim.fired = getenv("OAJ_FIRED");
    if (speed)
        shim.speed = strtol(speed, NULL, 10);
    shim.began_ns = real_ns(CLOCK_MONOTONIC);
    for (unsigned i = 0; fail && i < SHIM_CALLS; i++) {
        size_t len = strlen(calls[i].name);
        char *p;

        if (strncmp(fail, calls[i].name, len) != 0 || fail[len] != ':')
            continue;
        shim.call = (enum shim_call)i;
        shim.n = strtoul(fail + len + 1, &p, 10);
        shim.how = *p ? (int)strtol(p + 1, &p, 10) : EIO;
        shim.times = *p ? strtoul(p + 1, &p, 10) : 1;
    }
    if (file && root)
        trace_start(file, root);
    shim.ready = true;
}

static void note_fired(const void *caller)
{
    bool ours = (uintptr_t)caller >= shim.from && (uintptr_t)caller < shim.to;
    long fd;

    if (!shim.fired)
        return;
    fd = syscall(SYS_openat, AT_FDCWD, shim.fired, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fd >= 0) {
        (void)syscall(SYS_write, fd, ours ? "program\n" : "library\n", 8);
        (void)syscall(SYS_close, fd);
    }
}

bool shim_lets(enum shim_call call, const void *caller, bool *half)
{
    unsigned long n;

    if (half)
        *half = false;
    if (!shim.ready || call != shim.call)
        return true;
    if (!calls[call].everyone && ((uintptr_t)caller < shim.from || (uintptr_t)caller >= shim.to))
        return true;
    n = __atomic_add_fetch(&shim.count, 1, __ATOMIC_RELAXED);
    if (n < shim.n || n >= shim.n + shim.times)
        return true;
    if (shim.how == HALF && !half)
        return true;
    note_fired(caller);
    if (shim.how == HALF) {
        *half = true;
        return true;
    }
    errno = shim.how;
    return false;
}

/* ---- memory ---------------------------------------------------------------------------------- */

void *malloc(size_t size)
{
    return LETS(SHIM_MALLOC) ? __libc_malloc(size) : NULL;
}

void *calloc(size_t n, size_t size)
{
    return LETS(SHIM_MALLOC) ? __libc_calloc(n, size) : NULL;
}

void *realloc(void *p, size_t size)
{
    return LETS(SHIM_MALLOC) ? __libc_realloc(p, size) : NULL;
}

/* ---- files ----------------------------------------------------------------------------------- */

ssize_t read(int fd, void *data, size_t len)
{
    return LETS(SHIM_READ) ? pass(syscall(SYS_read, fd, data, len)) : -1;
}

ssize_t pread(int fd, void *data, size_t len, off_t off)
{
    bool half;

    if (!shim_lets(SHIM_PREAD, CALLER, &half))
        return -1;
    return pass(syscall(SYS_pread64, fd, data, half ? len / 2 : len, off));
}

ssize_t write(int fd, const void *data, size_t len)
{
    struct iovec iov = {(void *)(uintptr_t)data, len};
    bool half;
    long n;

    if (!shim_lets(SHIM_WRITE, CALLER, &half))
        return -1;
    if (half && syscall(SYS_lseek, fd, 0L, SEEK_CUR) < 0)
        half = false;               /* a pipe takes so little whole or not at all [pipe(7)] */
    if (trace_reply(fd, data, len)) /* before: the reader may ask for our end at once */
        return pass(syscall(SYS_write, fd, data, len));
    n = syscall(SYS_write, fd, data, half ? len / 2 : len);
    if (n > 0)
        trace_write(fd, -1, &iov, 1, (size_t)n);
    return n;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t off)
{
    struct iovec iov = {(void *)(uintptr_t)data, len};
    bool half;
    long n;

    if (!shim_lets(SHIM_PWRITE, CALLER, &half))
        return -1;
    n = syscall(SYS_pwrite64, fd, data, half ? len / 2 : len, off);
    if (n > 0)
        trace_write(fd, off, &iov, 1, (size_t)n);
    return n;
}

ssize_t pwritev(int fd, const struct iovec *iov, int count, off_t off)
{
    bool half;
    long n;

    if (!shim_lets(SHIM_PWRITEV, CALLER, &half))
        return -1;
    /* Half: the first piece and a part of the second, so that an entry is torn inside. */
    if (half && count > 1) {
        struct iovec some[2] = {iov[0], iov[1]};

        some[1].iov_len /= 2;
        n = syscall(SYS_pwritev, fd, some, 2L, off, 0L);
    } else {
        n = syscall(SYS_pwritev, fd, iov, (long)count, off, 0L);
    }
    if (n > 0)
        trace_write(fd, off, iov, count, (size_t)n);
    return n;
}

static int sync_it(long number, int fd, const void *caller)
{
    long r;

    if (!shim_lets(SHIM_SYNC, caller, NULL))
        return -1;
    r = syscall(number, fd);
    if (r == 0)
        trace_sync(fd);
    return (int)r;
}

int fsync(int fd)
{
    return sync_it(SYS_fsync, fd, CALLER);
}

int fdatasync(int fd)
{
    return sync_it(SYS_fdatasync, fd, CALLER);
}

/* In memory (tmpfs) blocks cost time and zeroing is not to be had: a size and a hole read the same.
 */
int posix_fallocate(int fd, off_t off, off_t len)
{
    if (!LETS(SHIM_FALLOCATE) || syscall(SYS_ftruncate, fd, off + len) < 0)
        return errno;
    trace_range(0, fd, off, (uint64_t)len);
    return 0;
}

int fallocate(int fd, int mode, off_t off, off_t len)
{
    int hole = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;

    if (!LETS(SHIM_FALLOCATE) ||
        syscall(SYS_fallocate, fd, mode == FALLOC_FL_ZERO_RANGE ? hole : mode, off, len) < 0)
        return -1;
    trace_range(mode, fd, off, (uint64_t)len);
    return 0;
}

int ftruncate(int fd, off_t len)
{
    if (!LETS(SHIM_TRUNCATE) || syscall(SYS_ftruncate, fd, len) < 0)
        return -1;
    trace_range(-1, fd, 0, (uint64_t)len);
    return 0;
}

static int open_it(int dir, const char *path, int flags, mode_t mode, const void *caller)
{
    bool made;
    long fd;

    if (!shim_lets(SHIM_OPEN, caller, NULL))
        return -1;
    made = trace_on() && flags & O_CREAT && syscall(SYS_faccessat, dir, path, F_OK) < 0;
    fd = syscall(SYS_openat, dir, path, flags, mode);
    if (fd >= 0)
        trace_opened((int)fd, made);
    return (int)fd;
}

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;

    if (flags & (O_CREAT | O_TMPFILE)) {
        va_list ap;

        va_start(ap, flags);
        mode = va_arg(ap, mode_t);
        va_end(ap);
    }
    return open_it(AT_FDCWD, path, flags, mode, CALLER);
}

int openat(int dir, const char *path, int flags, ...)
{
    mode_t mode = 0;

    if (flags & (O_CREAT | O_TMPFILE)) {
        va_list ap;

        va_start(ap, flags);
        mode = va_arg(ap, mode_t);
        va_end(ap);
    }
    return open_it(dir, path, flags, mode, CALLER);
}

int close(int fd)
{
    bool good = LETS(SHIM_CLOSE);
    long r;

    trace_closed(fd);
    r = syscall(SYS_close, fd); /* an error does not leave it open [close(2)] */
    if (good)
        return (int)r;
    errno = shim.how;
    return -1;
}

static int mkdir_it(int dir, const char *path, mode_t mode, const void *caller)
{
    if (!shim_lets(SHIM_MKDIR, caller, NULL) || syscall(SYS_mkdirat, dir, path, mode) < 0)
        return -1;
    trace_path(0, dir, path, NULL);
    return 0;
}

int mkdir(const char *path, mode_t mode)
{
    return mkdir_it(AT_FDCWD, path, mode, CALLER);
}

int mkdirat(int dir, const char *path, mode_t mode)
{
    return mkdir_it(dir, path, mode, CALLER);
}

static int rename_it(int dir, const char *from, int dir2, const char *to, const void *caller)
{
    if (!shim_lets(SHIM_RENAME, caller, NULL) || syscall(SYS_renameat, dir, from, dir2, to) < 0)
        return -1;
    trace_path(1, dir, from, to);
    return 0;
}

int rename(const char *from, const char *to)
{
    return rename_it(AT_FDCWD, from, AT_FDCWD, to, CALLER);
}

int renameat(int dir, const char *from, int dir2, const char *to)
{
    return rename_it(dir, from, dir2, to, CALLER);
}

static int unlink_it(int dir, const char *path, int flags, const void *caller)
{
    if (!shim_lets(SHIM_UNLINK, caller, NULL) || syscall(SYS_unlinkat, dir, path, flags) < 0)
        return -1;
    trace_path(2, dir, path, NULL);
    return 0;
}

int unlink(const char *path)
{
    return unlink_it(AT_FDCWD, path, 0, CALLER);
}

int unlinkat(int dir, const char *path, int flags)
{
    return unlink_it(dir, path, flags, CALLER);
}

int fstat(int fd, struct stat *st)
{
    return LETS(SHIM_FSTAT) ? (int)pass(syscall(SYS_newfstatat, fd, "", st, AT_EMPTY_PATH)) : -1;
}

int faccessat(int dir, const char *path, int mode, int flags)
{
    (void)flags;
    return LETS(SHIM_ACCESS) ? (int)pass(syscall(SYS_faccessat, dir, path, mode)) : -1;
}

/* ---- time, and waiting ----------------------------------------------------------------------- */

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
    if (!LETS(SHIM_POLL))
        return -1;
    trace_end_if_asked();
    if (timeout > 0)
        timeout = (int)((timeout + shim.speed - 1) / shim.speed);
    return (int)pass(syscall(SYS_poll, fds, n, (long)timeout));
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
    int64_t ns = real_ns(clock);

    if (clock == CLOCK_MONOTONIC && shim.ready)
        ns = shim.began_ns + (ns - shim.began_ns) * shim.speed;
    t->tv_sec = ns / 1000000000;
    t->tv_nsec = ns % 1000000000;
    return 0;
}
