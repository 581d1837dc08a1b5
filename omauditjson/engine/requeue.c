/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/requeue.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/aside.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "deliver/deadletter.h"
#include "deliver/deadletter_name.h"
#include "deliver/deadread.h"

#define LOOK_MS 5000
#define FILE_MAX ((off_t)128 << 20) /* no requeue makes such a one, and it is read as a whole */

struct requeue {
    struct stores *s;
    int64_t next_look_ms;
    int dir_fd;      /* open while a file is in work */
    uint64_t number; /* of the file in work, 0: none */
    uint64_t undeletable;
    char *text;
    size_t len, at;
    size_t unfinished; /* events of it that deliver has */
    bool damaged;
};

struct requeue *requeue_new(struct stores *s)
{
    struct requeue *q = mem_calloc(1, sizeof(*q));

    q->s = s;
    return q;
}

bool requeue_is_used(int state_fd)
{
    return faccessat(state_fd, REQUEUE_DIR, F_OK, 0) == 0;
}

/* The oldest file, 0: there is none. */
static uint64_t find_oldest(int dir_fd, uint64_t beyond)
{
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *de;
    uint64_t oldest = 0;

    if (!dir) {
        if (fd >= 0)
            close(fd);
        return 0;
    }
    while ((de = readdir(dir))) {
        uint64_t n = deadletter_file_number(de->d_name);

        if (n > beyond && (oldest == 0 || n < oldest))
            oldest = n;
    }
    closedir(dir);
    return oldest;
}

static int read_file(struct requeue *q)
{
    char name[DEADLETTER_NAME_SIZE];
    struct stat st;
    ssize_t n = 0;
    int r = 0, fd;

    deadletter_file_name(q->number, name);
    fd = openat(q->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0)
        r = -errno;
    else if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
        r = -EINVAL;
    if (r == 0) {
        q->text = mem_alloc((size_t)st.st_size + 1);
        while (q->len < (size_t)st.st_size &&
               (n = read(fd, q->text + q->len, (size_t)st.st_size - q->len)) > 0)
            q->len += (size_t)n;
        r = n < 0 ? -errno : 0;
    }
    close(fd);
    return r;
}

static void put_down(struct requeue *q)
{
    free(q->text);
    if (q->number)
        close(q->dir_fd);
    q->text = NULL;
    q->len = q->at = q->unfinished = 0;
    q->number = 0;
    q->damaged = false;
}

static void look(struct requeue *q, int64_t now_ms)
{
    int r;

    q->next_look_ms = now_ms + LOOK_MS;
    q->dir_fd =
        openat(q->s->state_fd, REQUEUE_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (q->dir_fd < 0)
        return; /* nothing was ever put there */
    q->number = find_oldest(q->dir_fd, q->undeletable);
    if (!q->number) {
        close(q->dir_fd);
        return;
    }
    r = read_file(q);
    if (r < 0) {
        log_error("%s/%s/%010llu.json: cannot be read: %s; retrying at the next start",
                  q->s->conf->state_dir, REQUEUE_DIR, (unsigned long long)q->number, err_text(r));
        q->undeletable = q->number; /* those behind it go on; a restart tries again */
        put_down(q);
    }
}

/* Kept, for somebody to look at: never removed, for it may hold what was delivered nowhere; and
 * there are no more of them than an operator asked for. 0 or -errno. */
static int set_aside(struct requeue *q, const char *name)
{
    int r = aside_put(q->dir_fd, name);

    log_error("%s/%s/%s: partly unreadable; kept as *.bad", q->s->conf->state_dir, REQUEUE_DIR,
              name);
    return r;
}

/* All of it has been dealt with. */
static void finish(struct requeue *q)
{
    char name[DEADLETTER_NAME_SIZE];
    int r;

    deadletter_file_name(q->number, name);
    if (q->damaged)
        r = set_aside(q, name);
    else
        r = unlinkat(q->dir_fd, name, 0) < 0 ? -errno : 0;
    if (r < 0 && r != -ENOENT) {
        log_error("%s/%s/%s: cannot be removed: %s; the next start sends it again",
                  q->s->conf->state_dir, REQUEUE_DIR, name, err_text(r));
        q->undeletable = q->number;
    }
    put_down(q);
    q->next_look_ms = 0;
}

static void pass_entry(struct requeue *q, const struct deadread *entry, int64_t now_ms)
{
    struct deliver_event ev = {.doc = entry->text,
                               .doc_len = entry->text_len,
                               .id = entry->id,
                               .id_len = strlen(entry->id)};

    q->unfinished++;
    q->s->stats.requeued++;
    deliver_add(q->s->deliver, &ev, now_ms);
}

static void next_entry(struct requeue *q, int64_t now_ms)
{
    const char *line = q->text + q->at, *end = memchr(line, '\n', q->len - q->at);
    size_t len = end ? (size_t)(end - line) : q->len - q->at;
    struct deadread entry;

    q->at += len + (end != NULL);
    if (deadread_parse(line, len, &entry) < 0) {
        q->damaged = true;
        return;
    }
    if (entry.is_document)
        pass_entry(q, &entry, now_ms);
    else
        q->damaged = true; /* requeue makes none */
    deadread_done(&entry);
}

void requeue_run(struct requeue *q, int64_t now_ms, bool input_ended)
{
    for (;;) {
        /* at the start, and as long as there are files, even when there is no more input */
        if (!q->number && now_ms >= q->next_look_ms && (!input_ended || !q->next_look_ms))
            look(q, now_ms);
        if (!q->number)
            return;
        while (q->at < q->len && deliver_has_room(q->s->deliver))
            next_entry(q, now_ms);
        if (q->at < q->len || q->unfinished)
            return;
        finish(q);
    }
}

int64_t requeue_next_ms(const struct requeue *q)
{
    return q->number ? CLOCK_NEVER : q->next_look_ms;
}

bool requeue_can_go_on(const struct requeue *q)
{
    return q->number && (q->at < q->len ? deliver_has_room(q->s->deliver) : q->unfinished == 0);
}

void requeue_done(struct requeue *q, const struct deliver_event *events, size_t n)
{
    for (size_t i = 0; i < n; i++)
        q->unfinished -= events[i].n_seqs == 0;
}

void requeue_look_soon(struct requeue *q)
{
    q->next_look_ms = 0;
    q->undeletable = 0;
}

void requeue_free(struct requeue *q)
{
    if (!q)
        return;
    if (q->number && q->at == q->len && !q->unfinished)
        finish(q);
    else
        put_down(q);
    free(q);
}
