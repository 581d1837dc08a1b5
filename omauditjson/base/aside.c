/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "base/aside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define SUFFIX ".bad"
#define SAME_NAME 1000u /* NAME.bad.999 is replaced rather than yet another made */

struct file {
    char name[256];
    struct timespec since;
    uint64_t bytes;
    bool is_dir;
};

int aside_put(int dir_fd, const char *name)
{
    char bad[256];

    snprintf(bad, sizeof(bad), "%s" SUFFIX, name);
    for (unsigned i = 1; i < SAME_NAME && faccessat(dir_fd, bad, F_OK, 0) == 0; i++)
        snprintf(bad, sizeof(bad), "%s" SUFFIX ".%u", name, i);
    return renameat(dir_fd, name, dir_fd, bad) < 0 ? -errno : 0;
}

static bool is_set_aside(const struct aside *a, const char *name)
{
    const char *end = strstr(name, SUFFIX);

    if (!end || !a->ours(name, (size_t)(end - name)))
        return false;
    end += strlen(SUFFIX);
    return *end == '\0' || (*end == '.' && end[1] && !end[1 + strspn(end + 1, "0123456789")]);
}

/* By the time of the rename (it is the inode's last change), which no name tells: numbers of
 * segments begin again when the journal was empty. */
static int oldest_first(const void *a, const void *b)
{
    const struct file *x = a, *y = b;

    if (x->since.tv_sec != y->since.tv_sec)
        return x->since.tv_sec < y->since.tv_sec ? -1 : 1;
    if (x->since.tv_nsec != y->since.tv_nsec)
        return x->since.tv_nsec < y->since.tv_nsec ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* All of them; *ret is to be freed. */
static size_t list(const struct aside *a, struct file **ret)
{
    int fd = openat(a->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct file *files = NULL;
    const struct dirent *de;
    size_t n = 0, cap = 0;
    struct stat st;

    if (!dir && fd >= 0)
        close(fd);
    while (dir && (de = readdir(dir))) {
        if (!is_set_aside(a, de->d_name) ||
            fstatat(a->dir_fd, de->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        if (n == cap) {
            cap = cap ? cap * 2 : (size_t)2 * ASIDE_FILES;
            files = mem_realloc_array(files, cap, sizeof(*files));
        }
        files[n] = (struct file){.since = st.st_ctim,
                                 .bytes = (uint64_t)st.st_blocks * 512,
                                 .is_dir = S_ISDIR(st.st_mode)};
        snprintf(files[n++].name, sizeof(files->name), "%s", de->d_name);
    }
    if (dir)
        closedir(dir);
    *ret = files;
    return n;
}

void aside_bound(const struct aside *a)
{
    struct file *files;
    size_t n = list(a, &files);
    uint64_t bytes = 0;

    if (n)
        qsort(files, n, sizeof(*files), oldest_first);
    for (size_t i = 0; i < n; i++)
        bytes += files[i].bytes;
    for (size_t i = 0; i + 1 < n && (n - i > ASIDE_FILES || bytes > a->bytes); i++) {
        const struct file *f = &files[i];
        int r = unlinkat(a->dir_fd, f->name, f->is_dir ? AT_REMOVEDIR : 0) < 0 ? -errno : 0;

        bytes -= f->bytes;
        if (a->dropped && r != -ENOENT)
            a->dropped(a->ctx, f->name, f->bytes, r);
    }
    free(files);
}
