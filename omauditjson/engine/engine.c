/* SPDX-License-Identifier: Apache-2.0 */
/* One poll loop over rsyslog's pipe, signals and the transfers' sockets. A turn: wait; read; take
 * lines to their replies (intake.c); move records and events on (pipeline.c); let deliver work.
 *
 * The input clock. An event's age is counted in time during which we were ready for its next
 * record: it stands still while we hold a reply, while a disk keeps us waiting, while we are not
 * running, and while we still read older records from the journal. So neither an outage nor a
 * restart cuts an event in two, and what the index sees is the same whether a record came this
 * moment or out of the journal. Only when nothing else can move (nothing to deliver, everything
 * read) does it run during a hold, because then it is the events' age alone that can make room. */
#include "config.h"
#include "engine/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/pages.h"
#include "engine/pipeline.h"

#define TRIM_AFTER ((size_t)4 << 20) /* bytes of documents; then a pause is used to tidy up */
#define LOCK_POLL_MS 50
#define WAIT_MAX_MS 60000
#define WORK_MAX_MS 100 /* a turn that takes longer stands in the disk or was stopped */
#define LINE_EXTRA 1024 /* a canonical header may be longer than the one it replaces */

/* ---- waiting --------------------------------------------------------------------------------- */

static bool clock_runs(const struct engine *e)
{
    if (!e->hold.active)
        return true;
    return e->caught_up && !e->stuck && deliver_idle(e->deliver);
}

/* The time since the last tick, as far as we were ready in it: at most so many milliseconds. */
static void tick(struct engine *e, int64_t now_ms, int64_t most_ms)
{
    int64_t passed = now_ms - e->ticked_ms;

    if (clock_runs(e))
        e->input_ms += passed < most_ms ? passed : most_ms;
    e->ticked_ms = now_ms;
}

static void earlier(int64_t *next, int64_t t)
{
    if (t < *next)
        *next = t;
}

static int wait_ms(const struct engine *e, int64_t now_ms, bool more, int64_t deadline_ms)
{
    int64_t next = now_ms + WAIT_MAX_MS;

    if ((e->retry_ms <= now_ms && (more || pipeline_can_go_on(e))) || requeue_can_go_on(e))
        return 0;
    if (!e->requeue.number && !e->input_ended)
        earlier(&next, e->requeue.next_look_ms);
    if (!e->input_ended)
        earlier(&next, e->salvage.next_look_ms);
    earlier(&next, deliver_next_ms(e->deliver));
    if (e->hold.active) {
        if (e->wire.out_fd >= 0)
            earlier(&next, e->hold.next_dot_ms);
        if (e->hold.next_try_ms)
            earlier(&next, e->hold.next_try_ms);
    }
    if (e->retry_ms > now_ms)
        earlier(&next, e->retry_ms);
    else if (e->caught_up && clock_runs(e) && deliver_has_room(e->deliver) &&
             group_next_ms(e->group) != CLOCK_NEVER)
        earlier(&next, now_ms + (group_next_ms(e->group) - e->input_ms));
    if (e->conf->stats_file)
        earlier(&next, e->next_stats_ms);
    if (e->input_ended || e->state_gone) {
        earlier(&next, deadline_ms);
        earlier(&next, now_ms + LOCK_POLL_MS); /* is a successor there? */
    }
    return next <= now_ms ? 0 : (int)(next - now_ms);
}

/* ---- what comes in ----------------------------------------------------------------------------
 */

static void reload(struct engine *e)
{
    struct conf *old = e->conf, *fresh;

    /* First, so that what is said about the configuration stands in the new file. */
    if (log_open(old->log) < 0)
        log_error("%s: can't be opened again: %s", old->log, strerror(errno));
    fresh = e->reload ? e->reload(e->reload_ctx) : NULL;
    confine_reloaded(&e->confine, old, fresh);
    if (!fresh)
        return; /* the reason is in the log; the old configuration stays */
    if (strcmp(fresh->state_dir, old->state_dir) != 0) {
        log_error("state_dir can't change while running (still %s): restart rsyslog for that",
                  old->state_dir);
        free(fresh->state_dir);
        fresh->state_dir = mem_strdup(old->state_dir);
    }
    e->conf = fresh;
    if (log_open(fresh->log) < 0)
        log_error("%s: %s", fresh->log, strerror(errno));
    log_set_level((enum log_level)fresh->log_level);
    pipeline_reconfigure(e);
    conf_done(old);
    free(old);
    log_notice("configuration read again");
}

static void on_signal(struct engine *e)
{
    struct signalfd_siginfo info;

    while (read(e->wire.signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        switch (info.ssi_signo) {
        case SIGHUP:
            reload(e);
            requeue_look_soon(&e->requeue);
            e->salvage.next_look_ms = 0;
            break;
        case SIGTERM: /* systemd sends it to the whole group; rsyslogd still hands records over */
            if (!e->leaving)
                log_notice("SIGTERM: going on until the end of input; replies no longer wait for "
                           "the receiver");
            e->leaving = true;
            e->hold.next_try_ms = 0;
            break;
        case SIGINT:
            intake_ended(e, clock_mono_ms());
            break;
        default:
            break;
        }
    }
}

static void on_input(struct engine *e, int64_t now_ms)
{
    ssize_t n = lineio_read(&e->lineio, e->wire.in_fd);

    if (n > 0 || n == -EAGAIN || n == -EBUSY)
        return;
    if (n < 0) { /* no end of input: rsyslog is there and starts a new process */
        log_error("reading from rsyslog: %s: leaving", err_text((int)n));
        e->give_up = true;
        return;
    }
    intake_ended(e, now_ms);
}

/* While a reply is held nothing is read, so the pipe's end shows only as POLLHUP. Who waits for a
 * reply has nothing else in the pipe; where none are written, what is in it comes first. */
static void on_hangup(struct engine *e, int64_t now_ms)
{
    e->hung_up = true;
    if (e->confirming)
        intake_ended(e, now_ms);
}

static void write_stats(struct engine *e, int64_t now_ms)
{
    int r;

    if (!e->conf->stats_file || now_ms < e->next_stats_ms)
        return;
    pipeline_gauges(e);
    r = stats_write_file(&e->stats, e->conf->stats_file);
    if (r < 0 && e->next_stats_ms != INT64_MIN)
        log_debug("%s: %s", e->conf->stats_file, err_text(r));
    e->next_stats_ms = now_ms + e->conf->stats_interval;
}

/* ---- the loop ---------------------------------------------------------------------------------
 */

/* At the end of input: is there a reason to stay? */
static bool finished(struct engine *e, int64_t deadline_ms, int64_t now_ms)
{
    if (e->state_gone)
        return e->give_up || pipeline_idle(e) || now_ms >= deadline_ms;
    if (!e->input_ended)
        return e->give_up;
    if (pipeline_idle(e) || now_ms >= deadline_ms)
        return true;
    if (lock_successor_waits(&e->lock)) {
        /* It goes on where we stop; only what is on the wire is waited for. */
        deliver_stop_sending(e->deliver);
        return !deliver_in_flight(e->deliver);
    }
    return false;
}

/* What is answered from now on would be in files without a name. What is still in memory is
 * delivered, as far as shutdown_timeout goes; then a new process makes the directory, and rsyslog
 * sends it what was not answered. */
static void on_state_gone(struct engine *e)
{
    log_error("%s: removed or moved while in use: %llu answered records were in its journal; no "
              "further one is answered, what is in memory is delivered, then rsyslog starts a new "
              "process, which makes the directory anew. Stop rsyslog before you touch it",
              e->conf->state_dir, (unsigned long long)journal_undone(e->journal));
    e->state_gone = true;
}

/* Landlock knows files and not names: a new /etc/resolv.conf is another file, and can't be read. A
 * new process can, and rsyslog starts it; nothing is lost by that, nor sent twice when nothing is
 * on the wire. Who has no rsyslog to start him goes on. */
static void look_at_confinement(struct engine *e, int64_t now_ms)
{
    const char *path = e->give_up ? NULL : confine_replaced(&e->confine, now_ms);

    if (!path || (e->confirming && deliver_in_flight(e->deliver) > 0))
        return;
    if (e->confirming) {
        log_notice("%s was replaced, and the sandbox of this process knows the old one only: "
                   "leaving; rsyslog starts a new process and nothing is lost",
                   path);
        e->give_up = true;
    } else if (!e->replaced_logged) {
        log_error("%s was replaced, and the sandbox of this process knows the old one only: "
                  "restart it, or say sandbox = no",
                  path);
        e->replaced_logged = true;
    }
}

static void loop(struct engine *e)
{
    int64_t deadline_ms = CLOCK_NEVER, now_ms = clock_mono_ms();
    bool more = true;

    e->ticked_ms = now_ms;
    while (!finished(e, deadline_ms, now_ms)) {
        struct pollfd fds[3] = {{.fd = e->wire.signal_fd, .events = POLLIN},
                                {.fd = e->watch.fd, .events = POLLIN},
                                {.fd = e->wire.in_fd, .events = 0}};
        bool reading = !e->hold.active && !e->input_ended && !e->state_gone;
        bool watching = reading || (!e->hung_up && !e->input_ended && !e->state_gone);
        int wait, r;

        if (e->done_bytes > TRIM_AFTER && pipeline_idle(e)) {
            mem_trim();
            e->done_bytes = 0;
        }
        now_ms = clock_mono_ms();
        tick(e, now_ms, WORK_MAX_MS);
        wait = wait_ms(e, now_ms, more, deadline_ms);
        if (reading)
            fds[2].events = POLLIN;
        if (reading && e->replied && e->confirming && wait > 0 &&
            linger_wait(&e->linger, e->wire.in_fd))
            wait = 0;
        e->replied = false;
        r = deliver_poll(e->deliver, fds, watching ? 3 : 2, wait);

        if (r < 0) {
            log_error("poll: %s: leaving", err_text(r));
            e->give_up = true;
            return;
        }
        now_ms = clock_mono_ms();
        tick(e, now_ms, wait + WORK_MAX_MS);
        if (fds[0].revents)
            on_signal(e);
        if (fds[1].revents && !e->state_gone &&
            state_watch_gone(&e->watch, e->conf->state_dir, e->state_fd, e->journal))
            on_state_gone(e);
        if (e->state_gone) {
            ; /* nothing more is taken */
        } else if (reading && fds[2].revents) {
            linger_woke(&e->linger);
            on_input(e, now_ms);
        } else if (watching && fds[2].revents)
            on_hangup(e, now_ms);
        pipeline_settle(e, now_ms);
        if (!e->state_gone)
            intake_lines(e, now_ms);
        more = pipeline_run(e, now_ms);
        requeue_run(e, now_ms);
        salvage_run(e, now_ms);
        if (deliver_output_closed(e->deliver) && !e->input_ended)
            intake_ended(e, now_ms); /* receiver stdout: nobody looks any more */
        if (e->input_ended || e->state_gone) {
            if (deadline_ms == CLOCK_NEVER)
                deadline_ms = now_ms + e->conf->shutdown_timeout;
            if (e->caught_up && group_open(e->group) == 0 && !e->stuck)
                deliver_flush(e->deliver);
        }
        deliver_run(e->deliver, now_ms);
        if (!e->state_gone)
            intake_held(e, now_ms);
        if (!e->hold.active && !e->state_gone)
            intake_lines(e, now_ms); /* what had been read already when the reply was held */
        write_stats(e, now_ms);
        look_at_confinement(e, now_ms);
    }
}

/* ---- start ------------------------------------------------------------------------------------
 */

/* A former process may still be finishing; rsyslog is kept waiting with dots meanwhile. */
static int wait_for_lock(struct engine *e)
{
    bool said = false;
    int r;

    while ((r = lock_try(&e->lock)) == ERR_JOURNAL_LOCKED) {
        struct pollfd fd = {.fd = e->wire.in_fd, .events = 0};

        if (!said)
            log_notice("%s is in use by another omauditjson: waiting for it to end",
                       e->conf->state_dir);
        said = true;
        if (poll(&fd, 1, LOCK_POLL_MS) > 0 && fd.revents & (POLLHUP | POLLERR))
            return ERR_JOURNAL_LOCKED; /* rsyslog has gone: there is nobody to wait for */
        if (!intake_starting(e, clock_mono_ms()))
            return r;
    }
    e->have_lock = r == 0;
    return r;
}

static int start(struct engine *e)
{
    const char *first = omprog_first_reply();
    int r;

    r = omprog_init(&e->omprog, e->conf->begin_mark, e->conf->commit_mark);
    if (r < 0) {
        log_error("begin_mark and commit_mark must be two different texts");
        return ENGINE_EXIT_CONFIG;
    }
    lineio_init(&e->lineio, e->conf->max_line);
    e->scratch = BUF_INIT(e->conf->max_line + LINE_EXTRA);
    e->starting = true;
    e->start_dot_ms = clock_mono_ms() + e->conf->keepalive;
    e->state_fd = state_open(e->conf->state_dir);
    if (e->state_fd < 0)
        return ENGINE_EXIT_STATE;
    r = lock_open(&e->lock, e->state_fd);
    if (r < 0) {
        log_error("%s: can't be used: %s (option state_dir)", e->conf->state_dir, err_text(r));
        return ENGINE_EXIT_STATE;
    }
    confine_process(&e->confine, e->conf); /* before anything that an attacker wrote is read */
    r = wait_for_lock(e);
    if (r < 0) {
        log_error("%s: %s", e->conf->state_dir, err_text(r));
        return ENGINE_EXIT_AGAIN;
    }
    if (pipeline_open(e) < 0)
        return ENGINE_EXIT_STATE;
    state_watch_open(&e->watch, e->state_fd);
    e->starting = false;
    /* Said whatever the receiver's state is: what comes in goes to the journal. */
    intake_write(e, first, strlen(first));
    return ENGINE_EXIT_OK;
}

static void summary(struct engine *e)
{
    const struct stats *s = &e->stats;

    log_notice("end: %llu records in, %llu repeats, %llu lines no record; %llu events, %llu "
               "delivered, %llu set aside; %llu records stay in the journal",
               (unsigned long long)s->records, (unsigned long long)s->repeats,
               (unsigned long long)s->garbage_lines, (unsigned long long)s->events,
               (unsigned long long)s->delivered, (unsigned long long)s->rejected,
               (unsigned long long)journal_undone(e->journal));
}

int engine_run(struct conf *conf, const struct engine_wire *wire, engine_reload reload_fn,
               void *ctx)
{
    struct engine *e = mem_calloc(1, sizeof(*e));
    int code;

    e->conf = conf;
    e->wire = *wire;
    e->confirming = wire->out_fd >= 0;
    e->sender_started = pipeline_process_start(getppid()); /* /proc may be out of reach later */
    linger_init(&e->linger);
    e->reload = reload_fn;
    e->reload_ctx = ctx;
    e->state_fd = -1;
    e->watch.fd = -1;
    e->said_again_ms = INT32_MIN;
    e->lock = (struct lock){-1, -1};
    code = start(e);
    if (code == ENGINE_EXIT_OK) {
        pages_release();
        loop(e);
        summary(e);
        e->next_stats_ms = 0;
        write_stats(e, clock_mono_ms());
        if (e->give_up || e->state_gone)
            code = ENGINE_EXIT_AGAIN;
    }
    if (e->have_lock)
        pipeline_close(e);
    state_watch_close(&e->watch);
    lock_close(&e->lock);
    if (e->state_fd >= 0)
        close(e->state_fd);
    lineio_done(&e->lineio);
    omprog_done(&e->omprog);
    buf_done(&e->scratch);
    conf_done(e->conf);
    free(e->conf);
    free(e);
    return code;
}
