/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "journal/spares.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_SIZE 32

static void spare_name(char *out, unsigned i)
{
    if (i == 0)
        snprintf(out, NAME_SIZE, "spare");
    else
        snprintf(out, NAME_SIZE, "spare.%u", i);
}

/* One that is there may have lost its blocks: by a loss of power, or by being copied. */
static int have_spare(struct spares *s, const char *name)
{
    int fd = openat(s->dir_fd, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    struct stat st = {.st_size = 0};
    int r = fd < 0 || fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? 0 : -ESPIPE;

    if (r == 0)
        r = segment_allocate(fd);
    if (fd >= 0)
        close(fd);
    /* Half a new one, or a link, a pipe, a folder: whatever it is, no record is in it. */
    if (r < 0 && st.st_size != (off_t)SEGMENT_SIZE)
        (void)unlinkat(s->dir_fd, name, r == -EISDIR ? AT_REMOVEDIR : 0);
    return r;
}

int spares_fill(struct spares *s)
{
    char name[NAME_SIZE];
    unsigned had = s->have;
    int r = 0;

    for (unsigned i = 0; i < s->wanted && r == 0; i++) {
        if (s->have >> i & 1)
            continue;
        spare_name(name, i);
        r = have_spare(s, name);
        if (r == 0)
            s->have |= 1u << i;
    }
    if (s->have != had && fsync(s->dir_fd) < 0)
        r = -errno;
    return r;
}

int spares_take(struct spares *s, const char *name, bool mark, uint64_t number, uint64_t first_seq,
                struct segment *ret)
{
    char spare[NAME_SIZE];

    for (unsigned i = SPARES_MAX; i-- > (mark ? 0 : 1);) {
        if (!(s->have >> i & 1))
            continue;
        spare_name(spare, i);
        s->have &= ~(1u << i);
        if (segment_reuse(ret, s->dir_fd, spare, number, first_seq) < 0)
            continue;
        if (renameat(s->dir_fd, spare, s->dir_fd, name) == 0 && fsync(s->dir_fd) == 0)
            return 0;
        segment_close(ret);
        (void)unlinkat(s->dir_fd, name, 0); /* it is empty, and would be in the way */
    }
    return -ENOSPC;
}

bool spares_give(struct spares *s, const char *name)
{
    char spare[NAME_SIZE];

    for (unsigned i = 0; i < s->wanted; i++) {
        if (s->have >> i & 1)
            continue;
        spare_name(spare, i);
        if (renameat(s->dir_fd, name, s->dir_fd, spare) < 0)
            return false;
        s->have |= 1u << i;
        return true;
    }
    return false;
}
