/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of the network, and others of descriptors, that shim.so stands in front of. */
#include "config.h"
#include "shim.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int socket(int domain, int type, int protocol)
{
    return LETS(SHIM_SOCKET) ? (int)syscall(SYS_socket, domain, type, protocol) : -1;
}

int connect(int fd, const struct sockaddr *address, socklen_t len)
{
    return LETS(SHIM_CONNECT) ? (int)syscall(SYS_connect, fd, address, len) : -1;
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
    bool half;

    if (!shim_lets(SHIM_SEND, CALLER, &half))
        return -1;
    return syscall(SYS_sendto, fd, data, half ? len / 2 : len, flags, NULL, 0);
}

ssize_t recv(int fd, void *data, size_t len, int flags)
{
    return LETS(SHIM_RECV) ? syscall(SYS_recvfrom, fd, data, len, flags, NULL, NULL) : -1;
}

ssize_t getrandom(void *data, size_t len, unsigned flags)
{
    return LETS(SHIM_RANDOM) ? syscall(SYS_getrandom, data, len, flags) : -1;
}

int signalfd(int fd, const sigset_t *mask, int flags)
{
    return LETS(SHIM_SIGNALFD) ? (int)syscall(SYS_signalfd4, fd, mask, 8L, flags) : -1;
}

int flock(int fd, int operation)
{
    return LETS(SHIM_FLOCK) ? (int)syscall(SYS_flock, fd, operation) : -1;
}

int fcntl(int fd, int cmd, ...)
{
    va_list ap;
    long arg;

    va_start(ap, cmd);
    arg = va_arg(ap, long);
    va_end(ap);
    return LETS(SHIM_FCNTL) ? (int)syscall(SYS_fcntl, fd, cmd, arg) : -1;
}

int dup2(int fd, int to)
{
    return LETS(SHIM_DUP) ? (int)syscall(SYS_dup3, fd, to, 0) : -1;
}
