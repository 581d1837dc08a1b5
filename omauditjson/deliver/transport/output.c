/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/transport/output.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *output_path(const char *url)
{
    static const char scheme[] = "file://";
    char *path, *out;

    if (strncmp(url, scheme, sizeof(scheme) - 1) != 0 || url[sizeof(scheme) - 1] != '/')
        return NULL;
    path = out = mem_strdup(url + sizeof(scheme) - 1);
    for (const char *in = path; *in; in++) {
        int high = *in == '%' ? hex(in[1]) : -1;
        int low = high >= 0 ? hex(in[2]) : -1;

        if (low >= 0 && (high || low)) {
            *out++ = (char)(high << 4 | low);
            in += 2;
        } else {
            *out++ = *in;
        }
    }
    *out = '\0';
    return path;
}

static void say(struct answer *ret, int r)
{
    *ret = (struct answer){.kind = ANSWER_NONE, .error = err_text(r)};
    switch (r) {
    case 0:
        *ret = (struct answer){.kind = ANSWER_STATUS, .status = 200};
        break;
    case -EACCES:
    case -EPERM:
    case -ENOENT:
    case -ENOTDIR:
    case -EISDIR:
    case -ELOOP:
    case -EROFS:
    case -EINVAL:
        ret->kind = ANSWER_SETTINGS;
        ret->advice = "set the path in url to a file that this user may write";
        break;
    case -EBADF:
    case -EPIPE:
        ret->kind = ANSWER_SETTINGS;
        ret->advice = "start the program that reads the output";
        break;
    default:
        break;
    }
}

static int write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t w = write(fd, p, n);

        if (w < 0 && errno != EINTR)
            return -errno;
        if (w > 0) {
            p += w;
            n -= (size_t)w;
        }
    }
    return 0;
}

static int append(int fd, const struct buf *body)
{
    struct stat st;
    char last = '\n';
    int r;

    if (fstat(fd, &st) < 0)
        return -errno;
    /* Half a line of somebody who died must not spoil the first of ours. */
    if (S_ISREG(st.st_mode) && st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) < 0)
        return -errno;
    r = last == '\n' ? 0 : write_all(fd, "\n", 1);
    if (r == 0)
        r = write_all(fd, body->data, body->len);
    if (r == 0 && fdatasync(fd) < 0 && errno != EINVAL && errno != EROFS) /* a pipe, a terminal */
        r = -errno;
    if (r < 0 && S_ISREG(st.st_mode) && ftruncate(fd, st.st_size) < 0)
        return r; /* half a line stays; the next attempt ends it */
    return r;
}

void output_append(const char *url, const struct buf *body, struct answer *ret)
{
    CLEANUP_FREE char *path = output_path(url);
    int fd, r;

    if (!path) {
        say(ret, -EINVAL);
        return;
    }
    /* O_NONBLOCK: opening a pipe without a reader must not wait. */
    fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
    if (fd < 0) {
        say(ret, -errno);
        return;
    }
    r = append(fd, body);
    if (close(fd) < 0 && r == 0)
        r = -errno;
    say(ret, r);
}

int output_write(int fd, const struct buf *body, size_t *written, struct answer *ret)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};

    while (*written < body->len) {
        /* A pipe that is writable takes PIPE_BUF bytes without waiting [pipe(7)]. */
        size_t n = body->len - *written < PIPE_BUF ? body->len - *written : PIPE_BUF;
        ssize_t w;

        if (fd < 0) {
            say(ret, -EBADF);
            return -EBADF;
        }
        if (poll(&p, 1, 0) == 0)
            return 0;
        w = write(fd, body->data + *written, n);
        if (w < 0 && (errno == EAGAIN || errno == EINTR))
            return 0;
        if (w < 0) {
            int r = -errno;

            say(ret, r);
            return r;
        }
        *written += (size_t)w;
    }
    say(ret, 0);
    return 1;
}
