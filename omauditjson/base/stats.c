/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "base/stats.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define COUNTER(name, help) {#name, help, 0},
#define GAUGE(name, help) {#name, help, 1},
static const struct stats_row rows[] = {
#include "base/stats.def"
};
#undef COUNTER
#undef GAUGE

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))
_Static_assert(sizeof(struct stats) == N_ROWS * sizeof(uint64_t), "a row is one uint64_t");

const struct stats_row *stats_row_at(size_t i)
{
    return i < N_ROWS ? &rows[i] : NULL;
}

int stats_write_json(const struct stats *s, struct buf *out)
{
    const uint64_t *value = (const uint64_t *)s;
    size_t before = out->len;
    int r = 0;

    for (size_t i = 0; i < N_ROWS && r == 0; i++)
        r = buf_printf(out, "%s\"%s\":%" PRIu64, i ? "," : "{", rows[i].name, value[i]);
    if (r == 0)
        r = buf_append(out, "}\n", 2);
    if (r < 0)
        buf_truncate(out, before);
    return r;
}

static int write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t done = write(fd, p, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return done < 0 ? -errno : -EIO;
        p += done;
        n -= (size_t)done;
    }
    return 0;
}

int stats_write_file(const struct stats *s, const char *path)
{
    struct buf json = BUF_INIT(16 << 10), tmp = BUF_INIT(4096);
    int r, fd;

    r = buf_printf(&tmp, "%s.new", path);
    if (r < 0) {
        r = -ENAMETOOLONG;
        goto out;
    }
    r = stats_write_json(s, &json);
    if (r < 0)
        goto out;
    /* What a former life left there is in the way; a link planted there must not be followed. */
    if (unlink(buf_cstr(&tmp)) < 0 && errno != ENOENT) {
        r = -errno;
        goto out;
    }
    fd = open(buf_cstr(&tmp), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0) {
        r = -errno;
        goto out;
    }
    r = write_all(fd, json.data, json.len);
    if (close(fd) < 0 && r == 0)
        r = -errno;
    if (r == 0 && rename(buf_cstr(&tmp), path) < 0)
        r = -errno;
    if (r < 0)
        unlink(buf_cstr(&tmp));
out:
    buf_done(&json);
    buf_done(&tmp);
    return r;
}
