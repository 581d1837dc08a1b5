/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "journal/journal.h"

/* ---- start ----------------------------------------------------------------------------------- */

/* A folder's name outlives a loss of power when the folder above it is synced. One that we may not
 * read is somebody else's care. */
static int sync_above(const char *path)
{
    CLEANUP_FREE char *above = mem_strdup(path);
    char *slash = strrchr(above, '/');
    int fd, r;

    if (slash)
        slash[slash == above] = '\0';
    fd = open(slash ? above : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == EACCES ? 0 : -errno;
    r = fsync(fd) < 0 && errno != EINVAL && errno != EROFS ? -errno : 0;
    close(fd);
    return r;
}

/* The folder and those above it. 0 or -errno. */
static int make_folders(const char *path)
{
    CLEANUP_FREE char *part = mem_strdup(path);
    int r = 0;

    for (char *p = part + 1; *p && r == 0; p++) {
        if (*p != '/' || !p[1])
            continue;
        *p = '\0';
        if (mkdir(part, 0755) == 0)
            r = sync_above(part);
        else if (errno != EEXIST && errno != EROFS && errno != EACCES)
            r = -errno;
        *p = '/';
    }
    if (r == 0 && mkdir(part, 0700) < 0 && errno != EEXIST)
        r = -errno;
    /* Also one that was there: a former life may have been killed in between. */
    return r < 0 ? r : sync_above(part);
}

const char *state_fault(int fd)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return strerror(errno);
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return "owned by another user";
    if (st.st_mode & (S_IWGRP | S_IWOTH))
        return "writable by other users";
    return NULL;
}

int state_open(const char *dir)
{
    const char *fault;
    int r, fd;

    r = make_folders(dir);
    if (r < 0) {
        log_error("%s: cannot be created: %s; check state_dir, which rsyslog's user must be able "
                  "to write",
                  dir, err_text(r));
        return r;
    }
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        r = -errno;
        log_error("%s: cannot be used: %s; check state_dir", dir, err_text(r));
        return r;
    }
    fault = state_fault(fd);
    if (fault) {
        log_error("%s: refused: %s; run chown -R %u %s; chmod go-w %s, or change state_dir", dir,
                  fault, (unsigned)geteuid(), dir, dir);
        close(fd);
        return -EPERM;
    }
    return fd;
}

/* ---- while we run ---------------------------------------------------------------------------- */

/* An open descriptor keeps a removed folder's inode: what tells is the removal of what is in it. */
#define EVENTS (IN_DELETE | IN_MOVED_FROM | IN_MOVE_SELF | IN_DELETE_SELF | IN_ONLYDIR)

void state_watch_open(struct state_watch *w, int state_fd)
{
    char path[64];
    bool watched;

    w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (w->fd < 0)
        return;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", state_fd);
    watched = inotify_add_watch(w->fd, path, EVENTS) >= 0;
    snprintf(path, sizeof(path), "/proc/self/fd/%d/journal", state_fd);
    watched = inotify_add_watch(w->fd, path, EVENTS) >= 0 && watched;
    if (!watched)
        log_warning("cannot watch the state directory: %s; its removal will be noticed late",
                    strerror(errno));
}

void state_watch_close(struct state_watch *w)
{
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool state_watch_gone(struct state_watch *w, const char *dir, int state_fd,
                      const struct journal *journal)
{
    struct stat ours, now;
    char events[4096];

    while (read(w->fd, events, sizeof(events)) > 0)
        ; /* which ones does not matter: what is there is looked at */
    if (fstat(state_fd, &ours) < 0)
        return false;
    if (stat(dir, &now) < 0)
        return errno == ENOENT || errno == ENOTDIR;
    return !same_file(&ours, &now) || !journal_is_there(journal, state_fd);
}
