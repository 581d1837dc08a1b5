/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "base/aside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".bad"

/* A rename goes over what has the name: never one of these. */
int aside_put(int dir_fd, const char *name)
{
    char bad[256];

    snprintf(bad, sizeof(bad), "%s" SUFFIX, name);
    for (unsigned i = 1; faccessat(dir_fd, bad, F_OK, AT_SYMLINK_NOFOLLOW) == 0; i++)
        snprintf(bad, sizeof(bad), "%s" SUFFIX ".%u", name, i);
    if (errno != ENOENT)
        return -errno;
    return renameat(dir_fd, name, dir_fd, bad) < 0 ? -errno : 0;
}

size_t aside_is_one(const char *name, bool (*ours)(const char *name, size_t len))
{
    const char *end = strstr(name, SUFFIX);
    size_t len = end ? (size_t)(end - name) : 0;

    if (!end || !ours(name, len))
        return 0;
    end += strlen(SUFFIX);
    return *end == '\0' || (*end == '.' && end[1] && !end[1 + strspn(end + 1, "0123456789")]) ? len
                                                                                              : 0;
}

void aside_count(struct aside *a)
{
    int fd = openat(a->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *de;
    struct stat st;

    a->files = 0;
    a->bytes = 0;
    if (!dir && fd >= 0)
        close(fd);
    while (dir && (de = readdir(dir))) {
        if (!aside_is_one(de->d_name, a->ours) ||
            fstatat(a->dir_fd, de->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        a->files++;
        a->bytes += (uint64_t)st.st_blocks * 512;
    }
    if (dir)
        closedir(dir);
}
