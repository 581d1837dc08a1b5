/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "commands/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

/* Root would make files that the program can't read, and follow what the owner has put there. */
static int become_owner(int fd)
{
    struct stat st;

    if (geteuid() != 0)
        return 0;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (st.st_uid == 0)
        return 0;
    if (setgroups(0, NULL) < 0 || setegid(st.st_gid) < 0 || seteuid(st.st_uid) < 0)
        return -errno;
    return 0;
}

int state_dir_open(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = fd < 0 ? -errno : become_owner(fd);

    if (r < 0) {
        fprintf(stderr, "omauditjson: %s: %s; check state_dir\n", dir, err_text(r));
        if (fd >= 0)
            close(fd);
    }
    return r < 0 ? r : fd;
}

bool state_dir_in_use(int state_fd)
{
    int fd = openat(state_fd, "lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool runs = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;

    if (fd >= 0)
        close(fd);
    return runs;
}
