/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "journal/segment_io.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int segment_write_all(int fd, const void *data, size_t len, off_t offset)
{
    const char *p = data;

    while (len) {
        ssize_t n = pwrite(fd, p, len, offset);

        if (n < 0) {
            if (errno == EINTR)
                continue;
            return -errno;
        }
        if (n == 0)
            return -EIO;
        p += n;
        offset += n;
        len -= (size_t)n;
    }
    return 0;
}

ssize_t segment_read_all(int fd, void *data, size_t len, off_t offset)
{
    size_t got = 0;

    while (got < len) {
        ssize_t n = pread(fd, (char *)data + got, len - got, offset + (off_t)got);

        if (n < 0) {
            if (errno == EINTR)
                continue;
            return -errno;
        }
        if (n == 0)
            break;
        got += (size_t)n;
    }
    return (ssize_t)got;
}

int segment_zero(int fd, size_t from, size_t to)
{
    static const char zeros[64 << 10];
    int r = 0;

    if (from >= to)
        return 0;
#ifdef FALLOC_FL_ZERO_RANGE
    if (fallocate(fd, FALLOC_FL_ZERO_RANGE, (off_t)from, (off_t)(to - from)) == 0)
        return 0;
#endif
    while (from < to && r == 0) {
        size_t n = to - from < sizeof(zeros) ? to - from : sizeof(zeros);

        r = segment_write_all(fd, zeros, n, (off_t)from);
        from += n;
    }
    return r;
}
