/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/salvage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

#define LOOK_MS 5000

struct salvage {
    struct stores *s;
    struct pipeline *pipeline;
    int64_t next_look_ms;
    int error; /* last one said to the log */
};

struct salvage *salvage_new(struct stores *s, struct pipeline *p)
{
    struct salvage *sv = mem_calloc(1, sizeof(*sv));

    sv->s = s;
    sv->pipeline = p;
    return sv;
}

void salvage_free(struct salvage *sv)
{
    free(sv);
}

void salvage_look_soon(struct salvage *sv)
{
    sv->next_look_ms = 0;
}

int64_t salvage_next_ms(const struct salvage *sv)
{
    return sv->next_look_ms;
}

static int wanted(const struct dirent *d)
{
    size_t len = strlen(d->d_name), done = strlen(SALVAGE_DONE);

    return d->d_name[0] != '.' && len < 128 &&
           (len < done || strcmp(d->d_name + len - done, SALVAGE_DONE) != 0);
}

/* One that can't be read is put away like the others, and named: it stays there. */
static int take_up(struct stores *s, int dir_fd, const char *name)
{
    const char *dir = s->conf->state_dir;
    char done[300];
    uint64_t n;
    int r = journal_salvage(s->journal, dir_fd, name, &n);

    if (r == ERR_JOURNAL_FORMAT || r == ERR_JOURNAL_VERSION || r == -EISDIR || r == -ELOOP) {
        log_error("%s/" SALVAGE_DIR "/%s: no record can be salvaged: %s", dir, name, err_text(r));
        r = 0;
    } else if (r == 0) {
        log_notice("%s/" SALVAGE_DIR "/%s: %llu records added to the journal", dir, name,
                   (unsigned long long)n);
        s->stats.salvaged += n;
    }
    snprintf(done, sizeof(done), "%s" SALVAGE_DONE, name);
    for (unsigned i = 1; r == 0 && faccessat(dir_fd, done, F_OK, AT_SYMLINK_NOFOLLOW) == 0; i++)
        snprintf(done, sizeof(done), "%s.%u" SALVAGE_DONE, name, i);
    if (r == 0 && (renameat(dir_fd, name, dir_fd, done) < 0 || fsync(dir_fd) < 0))
        r = -errno;
    return r;
}

void salvage_run(struct salvage *sv, int64_t now_ms)
{
    struct stores *s = sv->s;
    struct dirent **names = NULL;
    int fd, n, r = 0;

    if (now_ms < sv->next_look_ms)
        return;
    sv->next_look_ms = now_ms + LOOK_MS;
    fd = openat(s->state_fd, SALVAGE_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return; /* nothing was ever put there */
    n = scandirat(fd, ".", &names, wanted, alphasort);
    for (int i = 0; i < n; i++) {
        if (r == 0) {
            pipeline_fall_behind(sv->pipeline);
            r = take_up(s, fd, names[i]->d_name);
            if (r < 0 && r != ERR_JOURNAL_FULL && r != sv->error)
                log_error("%s/" SALVAGE_DIR "/%s: cannot be salvaged: %s; retrying",
                          s->conf->state_dir, names[i]->d_name, err_text(r));
        }
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    sv->error = r;
    close(fd);
}
