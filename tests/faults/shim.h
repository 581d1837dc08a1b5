/* SPDX-License-Identifier: Apache-2.0 */
/* What the sources of shim.so share. It stands between the program and the C library (LD_PRELOAD)
 * and does what the environment says:
 *   OAJ_FAIL=KIND:N:HOW[:TIMES]  the N-th call of a kind (shim.c's table) fails; HOW is an errno's
 *                                number, or 0: half of it is written
 *   OAJ_FIRED=FILE               is made when that happens
 *   OAJ_TRACE=FILE OAJ_ROOT=DIR  append to FILE what is done to files below DIR (trace.h)
 *   OAJ_SPEED=N                  the monotonic clock runs N times as fast, waits are as much
 * shorter Never allocates. */
#ifndef TESTS_FAULTS_SHIM_H
#define TESTS_FAULTS_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

enum shim_call {
    SHIM_MALLOC,
    SHIM_READ,
    SHIM_WRITE,
    SHIM_PREAD,
    SHIM_PWRITE,
    SHIM_PWRITEV,
    SHIM_SYNC,
    SHIM_FALLOCATE,
    SHIM_TRUNCATE,
    SHIM_OPEN,
    SHIM_MKDIR,
    SHIM_RENAME,
    SHIM_UNLINK,
    SHIM_FLOCK,
    SHIM_FSTAT,
    SHIM_ACCESS,
    SHIM_CLOSE,
    SHIM_FCNTL,
    SHIM_DUP,
    SHIM_POLL,
    SHIM_SOCKET,
    SHIM_CONNECT,
    SHIM_SEND,
    SHIM_RECV,
    SHIM_RANDOM,
    SHIM_SIGNALFD,
    SHIM_PASSWD,
    SHIM_CALLS,
};

/* May this call go through? True, or errno is set; *half: write half of it. caller: who calls. */
bool shim_lets(enum shim_call call, const void *caller, bool *half);

#define CALLER __builtin_return_address(0)
#define LETS(call) shim_lets(call, CALLER, NULL)

/* trace.c: nothing happens unless OAJ_TRACE is set. */
void trace_start(const char *file, const char *root);
bool trace_on(void);
/* A recorded process is not killed but asked (SIGUSR2) to kill itself between two calls, so that
 * the record is whole. */
void trace_end_if_asked(void);
bool trace_reply(int fd, const void *data, size_t len);
void trace_opened(int fd, bool made);
void trace_closed(int fd);
void trace_path(int kind, int dir_fd, const char *path, const char *path2);
void trace_write(int fd, int64_t off, const struct iovec *iov, int n, size_t len);
void trace_range(int kind, int fd, int64_t off, uint64_t len);
void trace_sync(int fd);

#endif
