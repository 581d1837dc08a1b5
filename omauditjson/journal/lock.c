/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "journal/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/err.h"

static int open_file(int dir_fd, const char *name)
{
    int fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    return fd < 0 ? -errno : fd;
}

int lock_open(struct lock *l, int dir_fd)
{
    *l = (struct lock){-1, -1};
    l->owner_fd = open_file(dir_fd, "lock");
    if (l->owner_fd < 0)
        return l->owner_fd;
    l->next_fd = open_file(dir_fd, "lock.next");
    if (l->next_fd < 0) {
        int r = l->next_fd;

        lock_close(l);
        return r;
    }
    return 0;
}

int lock_try(struct lock *l)
{
    if (flock(l->owner_fd, LOCK_EX | LOCK_NB) == 0) {
        flock(l->next_fd, LOCK_UN);
        return 0;
    }
    if (errno != EWOULDBLOCK)
        return -errno;
    /* Being second is enough to be seen; a third just goes on trying. */
    (void)flock(l->next_fd, LOCK_EX | LOCK_NB);
    return ERR_JOURNAL_LOCKED;
}

bool lock_successor_waits(struct lock *l)
{
    if (l->next_fd < 0)
        return false;
    if (flock(l->next_fd, LOCK_EX | LOCK_NB) == 0) {
        flock(l->next_fd, LOCK_UN);
        return false;
    }
    return errno == EWOULDBLOCK;
}

void lock_close(struct lock *l)
{
    if (l->owner_fd >= 0)
        close(l->owner_fd);
    if (l->next_fd >= 0)
        close(l->next_fd);
    *l = (struct lock){-1, -1};
}
