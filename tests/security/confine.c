/* SPDX-License-Identifier: Apache-2.0 */
/* confine COMMAND...: run it under a seccomp filter like systemd's
 * SystemCallFilter=@system-service ~@privileged ~@resources with NoNewPrivileges=yes: any other
 * system call ends the process by SIGSYS. Written out, for systemd is not there in a container;
 * the sets are those of `systemd-analyze syscall-filter` 252 as far as this program and libcurl,
 * libauparse and glibc below it have any business with them. */
#include "config.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef ARCH

#define ALLOW(name) __NR_##name
static const unsigned allowed[] = {
    /* @default */
    ALLOW(brk),
    ALLOW(clock_getres),
    ALLOW(clock_gettime),
    ALLOW(clock_nanosleep),
    ALLOW(execve),
    ALLOW(exit),
    ALLOW(exit_group),
    ALLOW(futex),
    ALLOW(get_robust_list),
    ALLOW(getegid),
    ALLOW(geteuid),
    ALLOW(getgid),
    ALLOW(getgroups),
    ALLOW(getpgid),
    ALLOW(getpid),
    ALLOW(getppid),
    ALLOW(getrandom),
    ALLOW(getresgid),
    ALLOW(getresuid),
    ALLOW(getsid),
    ALLOW(gettid),
    ALLOW(gettimeofday),
    ALLOW(getuid),
    ALLOW(membarrier),
    ALLOW(mmap),
    ALLOW(mprotect),
    ALLOW(munmap),
    ALLOW(nanosleep),
    ALLOW(prlimit64),
    ALLOW(restart_syscall),
    ALLOW(rseq),
    ALLOW(rt_sigreturn),
    ALLOW(sched_getaffinity),
    ALLOW(sched_yield),
    ALLOW(set_robust_list),
    ALLOW(set_tid_address),
    /* @sandbox, which is part of it */
    ALLOW(seccomp),
#ifdef __NR_landlock_create_ruleset
    ALLOW(landlock_create_ruleset),
    ALLOW(landlock_add_rule),
    ALLOW(landlock_restrict_self),
#endif
    /* @basic-io, @file-system, @sync */
    ALLOW(close),
    ALLOW(dup),
    ALLOW(dup3),
    ALLOW(lseek),
    ALLOW(pread64),
    ALLOW(preadv),
    ALLOW(pwrite64),
    ALLOW(pwritev),
    ALLOW(read),
    ALLOW(readv),
    ALLOW(write),
    ALLOW(writev),
    ALLOW(chdir),
    ALLOW(close_range),
    ALLOW(faccessat),
    ALLOW(faccessat2),
    ALLOW(fallocate),
    ALLOW(fchdir),
    ALLOW(fchmod),
    ALLOW(fchmodat),
    ALLOW(fcntl),
    ALLOW(fstat),
    ALLOW(fstatfs),
    ALLOW(ftruncate),
    ALLOW(getcwd),
    ALLOW(getdents64),
    ALLOW(linkat),
    ALLOW(mkdirat),
    ALLOW(newfstatat),
    ALLOW(openat),
    ALLOW(openat2),
    ALLOW(readlinkat),
    ALLOW(renameat),
    ALLOW(renameat2),
    ALLOW(statfs),
    ALLOW(statx),
    ALLOW(symlinkat),
    ALLOW(truncate),
    ALLOW(unlinkat),
    ALLOW(utimensat),
    ALLOW(fdatasync),
    ALLOW(fsync),
    ALLOW(sync_file_range),
    ALLOW(fadvise64),
    ALLOW(flock),
    ALLOW(umask),
    /* @io-event, @ipc, @network-io */
    ALLOW(epoll_create1),
    ALLOW(epoll_ctl),
    ALLOW(epoll_pwait),
    ALLOW(eventfd2),
    ALLOW(ppoll),
    ALLOW(pselect6),
    ALLOW(pipe2),
    ALLOW(inotify_init1),
    ALLOW(inotify_add_watch),
    ALLOW(inotify_rm_watch),
    ALLOW(memfd_create),
    ALLOW(accept4),
    ALLOW(bind),
    ALLOW(connect),
    ALLOW(getpeername),
    ALLOW(getsockname),
    ALLOW(getsockopt),
    ALLOW(listen),
    ALLOW(recvfrom),
    ALLOW(recvmmsg),
    ALLOW(recvmsg),
    ALLOW(sendmmsg),
    ALLOW(sendmsg),
    ALLOW(sendto),
    ALLOW(setsockopt),
    ALLOW(shutdown),
    ALLOW(socket),
    ALLOW(socketpair),
    /* @process, @signal, @timer, and what stands alone in @system-service */
    ALLOW(clone),
    ALLOW(clone3),
    ALLOW(execveat),
    ALLOW(getrusage),
    ALLOW(kill),
    ALLOW(prctl),
    ALLOW(tgkill),
    ALLOW(times),
    ALLOW(capget),
    ALLOW(capset),
    ALLOW(wait4),
    ALLOW(waitid),
    ALLOW(rt_sigaction),
    ALLOW(rt_sigpending),
    ALLOW(rt_sigprocmask),
    ALLOW(rt_sigsuspend),
    ALLOW(rt_sigtimedwait),
    ALLOW(sigaltstack),
    ALLOW(signalfd4),
    ALLOW(timerfd_create),
    ALLOW(timerfd_settime),
    ALLOW(timerfd_gettime),
    ALLOW(setitimer),
    ALLOW(getitimer),
    ALLOW(ioctl),
    ALLOW(madvise),
    ALLOW(mremap),
    ALLOW(sysinfo),
    ALLOW(uname),
    ALLOW(getpriority),
    ALLOW(setsid),
    ALLOW(setpgid),
#ifdef __x86_64__
    /* the older forms of some of them */
    ALLOW(access),
    ALLOW(arch_prctl),
    ALLOW(chmod),
    ALLOW(dup2),
    ALLOW(epoll_wait),
    ALLOW(fork),
    ALLOW(getdents),
    ALLOW(getpgrp),
    ALLOW(getrlimit),
    ALLOW(lstat),
    ALLOW(mkdir),
    ALLOW(open),
    ALLOW(pause),
    ALLOW(pipe),
    ALLOW(poll),
    ALLOW(readlink),
    ALLOW(rename),
    ALLOW(rmdir),
    ALLOW(select),
    ALLOW(signalfd),
    ALLOW(stat),
    ALLOW(time),
    ALLOW(unlink),
    ALLOW(vfork),
    ALLOW(alarm),
#endif
};

#define N_ALLOWED (sizeof(allowed) / sizeof(allowed[0]))

static int install(void)
{
    struct sock_filter code[N_ALLOWED + 6];
    struct sock_fprog program = {.filter = code};
    unsigned short n = 0;

    _Static_assert(N_ALLOWED < 250, "a jump of BPF is 8 bits wide");
    code[n++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    code[n++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < N_ALLOWED; i++)
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i],
                                                 (unsigned char)(N_ALLOWED - i), 0);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    program.len = n;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
        return -errno;
    return 0;
}
#else
static int install(void)
{
    return -ENOTSUP;
}
#endif

int main(int argc, char **argv)
{
    int r;

    if (argc < 2) {
        fprintf(stderr, "usage: confine COMMAND [ARGUMENT...]\n");
        return 64;
    }
    r = install();
    if (r < 0) {
        fprintf(stderr, "confine: %s\n", strerror(-r));
        return 77;
    }
    execvp(argv[1], argv + 1);
    fprintf(stderr, "confine: %s: %s\n", argv[1], strerror(errno));
    return 127;
}
