/* SPDX-License-Identifier: Apache-2.0 */
/* The files spare, spare.1 ...: segments whose blocks are allocated. They are there before a record
 * is taken and stay when the program ends, since rsyslogd 8.2302 forgets the batch in its hands
 * when it is stopped: by then it is too late to look for room. */
#include "config.h"
#include "journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/journal_internal.h"

/* One for marks, and the first of the reserve's. */
static unsigned wanted(const struct journal *j)
{
    return 1 + (unsigned)(j->reserve_parts < JOURNAL_SPARES ? j->reserve_parts : JOURNAL_SPARES);
}

static void spare_name(char *out, unsigned i)
{
    if (i == 0)
        snprintf(out, JOURNAL_NAME_SIZE, "spare");
    else
        snprintf(out, JOURNAL_NAME_SIZE, "spare.%u", i);
}

bool journal_spares_whole(const struct journal *j)
{
    unsigned all = (1u << wanted(j)) - 1;

    return (j->spares & all) == all;
}

size_t journal_spare_bytes(const struct journal *j)
{
    return (size_t)__builtin_popcount(j->spares & ~1u) * SEGMENT_SIZE;
}

/* One that is there may have lost its blocks: by a loss of power, or by being copied. */
static int have_spare(struct journal *j, const char *name)
{
    int fd = openat(j->dir_fd, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    struct stat st = {.st_size = 0};
    int r = fd < 0 || fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? 0 : -ESPIPE;

    if (r == 0)
        r = segment_allocate(fd);
    if (fd >= 0)
        close(fd);
    /* Half a new one, or a link, a pipe, a folder: whatever it is, no record is in it. */
    if (r < 0 && st.st_size != (off_t)SEGMENT_SIZE)
        (void)unlinkat(j->dir_fd, name, r == -EISDIR ? AT_REMOVEDIR : 0);
    return r;
}

int journal_fill_spares(struct journal *j)
{
    char name[JOURNAL_NAME_SIZE];
    unsigned had = j->spares;
    int r = 0;

    for (unsigned i = 0; i < wanted(j) && r == 0; i++) {
        if (j->spares >> i & 1)
            continue;
        spare_name(name, i);
        r = have_spare(j, name);
        if (r == 0)
            j->spares |= 1u << i;
    }
    if (j->spares != had && fsync(j->dir_fd) < 0)
        r = -errno;
    return r;
}

int journal_take_spare(struct journal *j, const char *name, bool mark, struct segment *ret)
{
    char spare[JOURNAL_NAME_SIZE];

    for (unsigned i = JOURNAL_SPARES + 1; i-- > (mark ? 0 : 1);) {
        if (!(j->spares >> i & 1))
            continue;
        spare_name(spare, i);
        j->spares &= ~(1u << i);
        if (segment_reuse(ret, j->dir_fd, spare, j->next_number, j->next_seq) < 0)
            continue;
        if (renameat(j->dir_fd, spare, j->dir_fd, name) == 0 && fsync(j->dir_fd) == 0)
            return 0;
        segment_close(ret);
        (void)unlinkat(j->dir_fd, name, 0); /* it is empty, and would be in the way */
    }
    return -ENOSPC;
}

bool journal_give_spare(struct journal *j, const char *name)
{
    char spare[JOURNAL_NAME_SIZE];

    for (unsigned i = 0; i < wanted(j); i++) {
        if (j->spares >> i & 1)
            continue;
        spare_name(spare, i);
        if (renameat(j->dir_fd, name, j->dir_fd, spare) < 0)
            return false;
        j->spares |= 1u << i;
        return true;
    }
    return false;
}
