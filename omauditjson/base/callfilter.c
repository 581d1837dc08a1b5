/* SPDX-License-Identifier: Apache-2.0 */
/* The list: what glibc 2.31 to 2.41, libcurl, OpenSSL and GnuTLS, getaddrinfo and its threads,
 * libauparse and we use. Not in it, on purpose: execve, ptrace, process_vm_*, bpf, perf_event_open,
 * mount and all of its kin, kexec, modules, keyctl, set*id, capset, userfaultfd, io_uring, unshare,
 * setns, chown, chmod, mknod, symlink and link, listen and accept. */
#include "config.h"
#include "base/callfilter.h"

#include <errno.h>

#ifdef HAVE_SECCOMP

#include <linux/netlink.h>
#include <net/if.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <linux/sockios.h>

#include "base/mem.h"

#define ENDLESS_SECONDS 1 /* of CPU time; the list is built within 10 ms */

/* libseccomp's own macros leave the second operand out. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

static const char *const allowed[] = {
    /* memory */
    "brk",
    "madvise",
    "membarrier",
    "mlock",
    "mlock2",
    "mmap",
    "mmap2",
    "mprotect",
    "mremap",
    "munlock",
    "munmap",
    /* time */
    "clock_getres",
    "clock_getres_time64",
    "clock_gettime",
    "clock_gettime64",
    "clock_nanosleep",
    "clock_nanosleep_time64",
    "getitimer",
    "gettimeofday",
    "nanosleep",
    "setitimer",
    "time",
    "timer_create",
    "timer_delete",
    "timer_getoverrun",
    "timer_gettime",
    "timer_gettime64",
    "timer_settime",
    "timer_settime64",
    "timerfd_create",
    "timerfd_gettime",
    "timerfd_settime",
    "times",
    /* this process, its threads and children */
    "arch_prctl",
    "capget",
    "clone",
    "clone3",
    "exit",
    "exit_group",
    "fork",
    "futex",
    "futex_time64",
    "futex_waitv",
    "get_robust_list",
    "getcpu",
    "getegid",
    "getegid32",
    "geteuid",
    "geteuid32",
    "getgid",
    "getgid32",
    "getgroups",
    "getgroups32",
    "getpgid",
    "getpgrp",
    "getpid",
    "getppid",
    "getpriority",
    "getrandom",
    "getresgid",
    "getresgid32",
    "getresuid",
    "getresuid32",
    "getrlimit",
    "getrusage",
    "getsid",
    "gettid",
    "getuid",
    "getuid32",
    "kill",
    "pause",
    "pidfd_open",
    "prctl",
    "prlimit64",
    "restart_syscall",
    "riscv_flush_icache",
    "rseq",
    "sched_get_priority_max",
    "sched_get_priority_min",
    "sched_getaffinity",
    "sched_getattr",
    "sched_getparam",
    "sched_getscheduler",
    "sched_yield",
    "set_robust_list",
    "set_tid_address",
    "setrlimit",
    "sysinfo",
    "tgkill",
    "tkill",
    "ugetrlimit",
    "uname",
    "vfork",
    "wait4",
    "waitid",
    "waitpid",
    /* signals */
    "rt_sigaction",
    "rt_sigpending",
    "rt_sigprocmask",
    "rt_sigqueueinfo",
    "rt_sigreturn",
    "rt_sigsuspend",
    "rt_sigtimedwait",
    "rt_sigtimedwait_time64",
    "rt_tgsigqueueinfo",
    "sigaltstack",
    "signalfd",
    "signalfd4",
    "sigreturn",
    /* descriptors */
    "_llseek",
    "_newselect",
    "close",
    "close_range",
    "dup",
    "dup2",
    "dup3",
    "epoll_create",
    "epoll_create1",
    "epoll_ctl",
    "epoll_pwait",
    "epoll_pwait2",
    "epoll_wait",
    "eventfd",
    "eventfd2",
    "fcntl",
    "fcntl64",
    "flock",
    "inotify_add_watch",
    "inotify_init",
    "inotify_init1",
    "inotify_rm_watch",
    "lseek",
    "memfd_create",
    "pipe",
    "pipe2",
    "poll",
    "ppoll",
    "ppoll_time64",
    "pread64",
    "preadv",
    "preadv2",
    "pselect6",
    "pselect6_time64",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "read",
    "readv",
    "select",
    "sendfile",
    "sendfile64",
    "splice",
    "write",
    "writev",
    /* files; which ones is Landlock's matter */
    "access",
    "chdir",
    "copy_file_range",
    "faccessat",
    "faccessat2",
    "fadvise64",
    "fadvise64_64",
    "fallocate",
    "fchdir",
    "fchmod",
    "fdatasync",
    "fgetxattr",
    "fstat",
    "fstat64",
    "fstatat64",
    "fstatfs",
    "fstatfs64",
    "fsync",
    "ftruncate",
    "ftruncate64",
    "getcwd",
    "getdents",
    "getdents64",
    "getxattr",
    "lgetxattr",
    "lstat",
    "lstat64",
    "mkdir",
    "mkdirat",
    "msync",
    "newfstatat",
    "oldfstat",
    "oldlstat",
    "oldstat",
    "open",
    "openat",
    "openat2",
    "readahead",
    "readlink",
    "readlinkat",
    "rename",
    "renameat",
    "renameat2",
    "rmdir",
    "stat",
    "stat64",
    "statfs",
    "statfs64",
    "statx",
    "sync_file_range",
    "sync_file_range2",
    "truncate",
    "truncate64",
    "umask",
    "unlink",
    "unlinkat",
    "utimensat",
    "utimensat_time64",
    /* the network, as a client */
    "bind",
    "connect",
    "getpeername",
    "getsockname",
    "getsockopt",
    "recv",
    "recvfrom",
    "recvmmsg",
    "recvmmsg_time64",
    "recvmsg",
    "send",
    "sendmmsg",
    "sendmsg",
    "sendto",
    "setsockopt",
    "shutdown",
    "socketpair",
};

static int allow(scmp_filter_ctx ctx, const char *name)
{
    int nr = seccomp_syscall_resolve_name(name);

    /* Another architecture's, or newer than this libseccomp. */
    return nr < 0 ? 0 : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, nr, 0);
}

/* No raw or packet sockets, and of netlink only what getaddrinfo() asks for routes. */
static int allow_sockets(scmp_filter_ctx ctx)
{
    static const int families[] = {AF_UNIX, AF_INET, AF_INET6};
    static const unsigned types[] = {SOCK_STREAM, SOCK_DGRAM};
    const unsigned type_mask = 0xfu; /* without SOCK_CLOEXEC and SOCK_NONBLOCK [socket(2)] */
    int r = 0;

    for (size_t f = 0; f < sizeof(families) / sizeof(families[0]); f++)
        for (size_t t = 0; r == 0 && t < sizeof(types) / sizeof(types[0]); t++)
            r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
                                 SCMP_A0_32(SCMP_CMP_EQ, (unsigned)families[f]),
                                 SCMP_A1_32(SCMP_CMP_MASKED_EQ, type_mask, types[t]));
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
                             SCMP_A0_32(SCMP_CMP_EQ, AF_NETLINK),
                             SCMP_A2_32(SCMP_CMP_EQ, NETLINK_ROUTE));
    return r;
}

/* Not those that put characters into a terminal's input. */
static int allow_ioctls(scmp_filter_ctx ctx)
{
    static const unsigned requests[] = {FIONREAD, FIONBIO,      FIOCLEX,     FIONCLEX,
                                        TCGETS,   TIOCGWINSZ,   SIOCGIFNAME, SIOCGIFINDEX,
                                        SIOCOUTQ, SIOCGIFFLAGS, SIOCGIFADDR, SIOCGIFCONF};
    int r = 0;

    for (size_t i = 0; r == 0 && i < sizeof(requests) / sizeof(requests[0]); i++)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                             SCMP_A1_32(SCMP_CMP_EQ, requests[i]));
    return r;
}

static void on_endless(int signo)
{
    static const char text[] =
        "omauditjson: libseccomp does not return (version 2.5.4 does so when "
        "memory is short): ending, to be started again\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);

    (void)ignored;
    (void)signo;
    _exit(MEM_EXIT_CODE);
}

/* seccomp_load() of libseccomp 2.5.4 can loop for ever once one malloc() has failed. */
static void bound_time(time_t seconds)
{
    const struct itimerval timer = {.it_value.tv_sec = seconds};
    struct sigaction sa = {.sa_handler = seconds ? on_endless : SIG_DFL};

    sigemptyset(&sa.sa_mask);
    if (seconds)
        (void)sigaction(SIGPROF, &sa, NULL);
    (void)setitimer(ITIMER_PROF, &timer, NULL);
    if (!seconds)
        (void)sigaction(SIGPROF, &sa, NULL);
}

static int enforce(bool kills)
{
    scmp_filter_ctx ctx = seccomp_init(kills ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(EPERM));
    int r = ctx ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < sizeof(allowed) / sizeof(allowed[0]); i++)
        r = allow(ctx, allowed[i]);
    if (r == 0)
        r = allow_sockets(ctx);
    if (r == 0)
        r = allow_ioctls(ctx);
    if (r == 0) /* a tree and not a list: a call passes 9 comparisons and not 200 */
        (void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (r == 0)
        r = seccomp_load(ctx);
    if (ctx)
        seccomp_release(ctx);
    return r;
}

int callfilter_enforce(bool kills)
{
    int r;

    bound_time(ENDLESS_SECONDS);
    r = enforce(kills);
    bound_time(0);
    return r;
}

#else

int callfilter_enforce(bool kills)
{
    (void)kills;
    return -ENOSYS;
}

#endif
