/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/engine.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/pages.h"
#include "engine/confine.h"
#include "engine/loop.h"
#include "engine/parts.h"
#include "engine/state.h"
#include "journal/lock.h"

struct engine {
    struct engine_wire wire;
    struct parts parts;
    struct lock lock;
    struct confine confine;
    struct state_watch watch;
};

/* When that process started, in the kernel's ticks; 0: not known. The 22nd word of /proc/PID/stat;
 * the second, in brackets, may hold anything. */
static uint64_t process_start(pid_t pid)
{
    char path[64], text[1024], *word = NULL;
    ssize_t n = -1;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        n = read(fd, text, sizeof(text) - 1);
        close(fd);
    }
    if (n > 0) {
        text[n] = '\0';
        word = strrchr(text, ')');
    }
    for (int i = 2; word && i < 22; i++)
        word = strchr(word + 1, ' ');
    return word ? strtoull(word, NULL, 10) : 0;
}

/* A former process may still be finishing; rsyslog is kept waiting with dots meanwhile. */
static int wait_for_lock(struct engine *e)
{
    const struct conf *conf = e->parts.stores.conf;
    bool said = false;
    int r;

    while ((r = lock_try(&e->lock)) == ERR_JOURNAL_LOCKED) {
        struct pollfd fd = {.fd = e->wire.in_fd, .events = 0};

        if (!said)
            log_notice("%s is in use by another omauditjson; waiting for it to exit",
                       conf->state_dir);
        said = true;
        if (poll(&fd, 1, LOOP_LOCK_POLL_MS) > 0 && fd.revents & (POLLHUP | POLLERR))
            return ERR_JOURNAL_LOCKED; /* rsyslog has gone: there is nobody to wait for */
        if (!replies_dot(&e->parts.replies, clock_mono_ms(), conf->keepalive))
            return r;
    }
    return r;
}

static int start(struct engine *e)
{
    struct stores *s = &e->parts.stores;
    struct replies *replies = &e->parts.replies;
    /* /proc may be out of reach later */
    struct parts_wire wire = {e->wire.in_fd, e->wire.doc_fd, process_start(getppid())};
    int r = replies_init(replies, s->conf, e->wire.out_fd, &s->stats);

    if (r < 0) {
        log_error("begin_mark and commit_mark are equal; change one of them");
        return ENGINE_EXIT_CONFIG;
    }
    replies_hold(replies, clock_mono_ms(), s->conf->keepalive);
    s->state_fd = state_open(s->conf->state_dir);
    if (s->state_fd < 0)
        return ENGINE_EXIT_STATE;
    r = lock_open(&e->lock, s->state_fd);
    if (r < 0) {
        log_error("%s: cannot be used: %s; check state_dir", s->conf->state_dir, err_text(r));
        return ENGINE_EXIT_STATE;
    }
    confine_process(&e->confine, s->conf); /* before anything that an attacker wrote is read */
    r = wait_for_lock(e);
    if (r < 0) {
        log_error("%s: %s", s->conf->state_dir, err_text(r));
        return ENGINE_EXIT_AGAIN;
    }
    if (parts_open(&e->parts, &wire) < 0)
        return ENGINE_EXIT_STATE;
    state_watch_open(&e->watch, s->state_fd);
    /* Said whatever the receiver's state is: what comes in goes to the journal. */
    replies_first(replies);
    return ENGINE_EXIT_OK;
}

int engine_run(struct conf *conf, const struct engine_wire *wire, engine_reload reload, void *ctx)
{
    struct engine *e = mem_calloc(1, sizeof(*e));
    struct loop_outside outside = {.in_fd = wire->in_fd,
                                   .signal_fd = wire->signal_fd,
                                   .lock = &e->lock,
                                   .confine = &e->confine,
                                   .watch = &e->watch,
                                   .reload = reload,
                                   .reload_ctx = ctx};
    int code, state_fd;

    e->wire = *wire;
    e->parts.stores.conf = conf;
    e->parts.stores.state_fd = -1;
    e->watch.fd = -1;
    e->lock = (struct lock){-1, -1};
    code = start(e);
    if (code == ENGINE_EXIT_OK) {
        pages_release();
        if (!loop_run(&e->parts, &outside))
            code = ENGINE_EXIT_AGAIN;
    }
    state_fd = e->parts.stores.state_fd;
    parts_close(&e->parts);
    state_watch_close(&e->watch);
    lock_close(&e->lock);
    if (state_fd >= 0)
        close(state_fd);
    free(e);
    return code;
}
