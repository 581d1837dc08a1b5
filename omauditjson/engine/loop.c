/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

#define WAIT_MAX_MS 60000
#define WORK_MAX_MS 100 /* a turn that takes longer stands in the disk or was stopped */

struct loop {
    struct parts *p;
    const struct loop_outside *out;
    bool state_gone;      /* its directory was removed under us */
    bool give_up;         /* a reply was held for too long, or the system fails us */
    bool replaced_logged; /* a file that the sandbox has */
    int64_t deadline_ms;  /* for what is to be done after the end of input */
    int64_t next_stats_ms;
};

/* ---- waiting --------------------------------------------------------------------------------- */

static bool clock_runs(const struct loop *l)
{
    return !intake_is_held(l->p->intake) ||
           (pipeline_waits(l->p->pipeline) && deliver_idle(l->p->stores.deliver));
}

static void earlier(int64_t *next, int64_t t)
{
    if (t < *next)
        *next = t;
}

static int wait_ms(const struct loop *l, int64_t now_ms)
{
    const struct parts *p = l->p;
    int64_t next = now_ms + WAIT_MAX_MS;
    bool ended = intake_has_ended(p->intake);

    if (pipeline_can_go_on(p->pipeline, now_ms) || requeue_can_go_on(p->requeue))
        return 0;
    if (!ended) {
        earlier(&next, requeue_next_ms(p->requeue));
        earlier(&next, salvage_next_ms(p->salvage));
    }
    earlier(&next, deliver_next_ms(p->stores.deliver));
    earlier(&next, intake_next_ms(p->intake));
    earlier(&next, pipeline_next_ms(p->pipeline, now_ms, clock_runs(l)));
    if (p->stores.conf->stats_file)
        earlier(&next, l->next_stats_ms);
    if (ended || l->state_gone) {
        earlier(&next, l->deadline_ms);
        earlier(&next, now_ms + LOOP_LOCK_POLL_MS); /* is a successor there? */
    }
    return next <= now_ms ? 0 : (int)(next - now_ms);
}

/* ---- what comes in -------------------------------------------------------------------------- */

static void reload(struct loop *l)
{
    struct conf *old = l->p->stores.conf, *fresh;

    /* First, so that what is said about the configuration stands in the new file. */
    if (log_open(old->log) < 0)
        log_error("%s: cannot be reopened: %s; check log", old->log, strerror(errno));
    fresh = l->out->reload ? l->out->reload(l->out->reload_ctx) : NULL;
    confine_reloaded(l->out->confine, old, fresh);
    if (!fresh)
        return; /* the reason is in the log; the old configuration stays */
    if (strcmp(fresh->state_dir, old->state_dir) != 0) {
        log_error("state_dir cannot change while running, keeping %s; restart rsyslog",
                  old->state_dir);
        free(fresh->state_dir);
        fresh->state_dir = mem_strdup(old->state_dir);
    }
    if (log_open(fresh->log) < 0)
        log_error("%s: cannot be opened: %s; check log", fresh->log, strerror(errno));
    log_set_level((enum log_level)fresh->log_level);
    parts_reconfigure(l->p, fresh);
    conf_done(old);
    free(old);
    log_notice("configuration reloaded");
}

static void on_signal(struct loop *l)
{
    struct signalfd_siginfo info;

    while (read(l->out->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        switch (info.ssi_signo) {
        case SIGHUP:
            reload(l);
            requeue_look_soon(l->p->requeue);
            salvage_look_soon(l->p->salvage);
            break;
        case SIGTERM:
            intake_leave(l->p->intake);
            break;
        case SIGINT:
            intake_end(l->p->intake, clock_mono_ms());
            break;
        default:
            break;
        }
    }
}

/* ---- what is said ---------------------------------------------------------------------------- */

static void write_stats(struct loop *l, int64_t now_ms)
{
    struct stores *s = &l->p->stores;
    int r;

    if (!s->conf->stats_file || now_ms < l->next_stats_ms)
        return;
    stores_gauges(s);
    s->stats.open_events = pipeline_open_events(l->p->pipeline);
    r = stats_write_file(&s->stats, s->conf->stats_file);
    if (r < 0)
        log_debug("%s: %s", s->conf->stats_file, err_text(r));
    l->next_stats_ms = now_ms + s->conf->stats_interval;
}

static void summary(const struct parts *p)
{
    const struct stats *s = &p->stores.stats;

    log_notice("end: %llu records in, %llu repeats, %llu lines rejected; %llu events, %llu "
               "delivered, %llu in the dead letters; %llu records stay in the journal",
               (unsigned long long)s->records, (unsigned long long)s->repeats,
               (unsigned long long)s->garbage_lines, (unsigned long long)s->events,
               (unsigned long long)s->delivered, (unsigned long long)s->rejected,
               (unsigned long long)journal_undone(p->stores.journal));
}

/* At the end of input: is there a reason to stay? */
static bool finished(struct loop *l, int64_t now_ms)
{
    if (l->state_gone)
        return l->give_up || parts_are_idle(l->p) || now_ms >= l->deadline_ms;
    if (!intake_has_ended(l->p->intake))
        return l->give_up;
    if (parts_are_idle(l->p) || now_ms >= l->deadline_ms)
        return true;
    if (lock_successor_waits(l->out->lock)) {
        /* It goes on where we stop; only what is on the wire is waited for. */
        deliver_stop_sending(l->p->stores.deliver);
        return !deliver_in_flight(l->p->stores.deliver);
    }
    return false;
}

/* What is answered from now on would be in files without a name. What is still in memory is
 * delivered, as far as shutdown_timeout goes; then a new process makes the directory, and rsyslog
 * sends it what was not answered. */
static void on_state_gone(struct loop *l)
{
    log_error("%s: removed or moved while in use, with %llu acknowledged records in its journal; "
              "accepting no more records, delivering what is in memory, then exiting; rsyslog "
              "starts a new process, which creates the directory; stop rsyslog before you move it",
              l->p->stores.conf->state_dir,
              (unsigned long long)journal_undone(l->p->stores.journal));
    l->state_gone = true;
}

/* Landlock knows files and not names: a new /etc/resolv.conf is another file, and can't be read. A
 * new process can, and rsyslog starts it; nothing is lost by that, nor sent twice when nothing is
 * on the wire. Who has no rsyslog to start him goes on. */
static void look_at_confinement(struct loop *l, int64_t now_ms)
{
    const char *path = l->give_up ? NULL : confine_replaced(l->out->confine, now_ms);

    if (!path ||
        (replies_confirming(&l->p->replies) && deliver_in_flight(l->p->stores.deliver) > 0))
        return;
    if (replies_confirming(&l->p->replies)) {
        log_notice("%s was replaced, but the sandbox of this process allows only the old file; "
                   "exiting; rsyslog starts a new process, no record is lost",
                   path);
        l->give_up = true;
    } else if (!l->replaced_logged) {
        log_error("%s was replaced, but the sandbox of this process allows only the old file; "
                  "restart this process, or set sandbox = no",
                  path);
        l->replaced_logged = true;
    }
}

/* ---- the loop -------------------------------------------------------------------------------- */

/* Wait until there is something to do, and do what came in. False: the system fails us. */
static bool wait_and_read(struct loop *l, int64_t *now_ms)
{
    struct parts *p = l->p;
    struct pollfd fds[3] = {{.fd = l->out->signal_fd, .events = POLLIN},
                            {.fd = l->out->watch->fd, .events = POLLIN},
                            {.fd = l->out->in_fd, .events = 0}};
    bool reading = intake_reads(p->intake) && !l->state_gone;
    bool watching = intake_watches(p->intake) && !l->state_gone;
    int wait, r;

    *now_ms = clock_mono_ms();
    input_clock_tick(&p->clock, *now_ms, WORK_MAX_MS, clock_runs(l));
    wait = wait_ms(l, *now_ms);
    if (reading)
        fds[2].events = POLLIN;
    if (intake_lingers(p->intake, reading && wait > 0))
        wait = 0;
    r = deliver_poll(p->stores.deliver, fds, watching ? 3 : 2, wait);
    if (r < 0) {
        log_error("poll: %s; exiting", err_text(r));
        l->give_up = true;
        return false;
    }
    *now_ms = clock_mono_ms();
    input_clock_tick(&p->clock, *now_ms, wait + WORK_MAX_MS, clock_runs(l));
    if (fds[0].revents)
        on_signal(l);
    if (fds[1].revents && !l->state_gone &&
        state_watch_gone(l->out->watch, p->stores.conf->state_dir, p->stores.state_fd,
                         p->stores.journal))
        on_state_gone(l);
    if (l->state_gone)
        return true; /* nothing more is taken */
    if (reading && fds[2].revents)
        l->give_up |= !intake_read(p->intake, *now_ms);
    else if (watching && fds[2].revents)
        intake_hang_up(p->intake, *now_ms);
    return true;
}

static void turn(struct loop *l, int64_t now_ms)
{
    struct parts *p = l->p;
    struct deliver *deliver = p->stores.deliver;

    pipeline_settle(p->pipeline, now_ms);
    if (!l->state_gone)
        intake_lines(p->intake, now_ms);
    pipeline_run(p->pipeline, now_ms);
    requeue_run(p->requeue, now_ms, intake_has_ended(p->intake));
    salvage_run(p->salvage, now_ms);
    if (deliver_output_closed(deliver) && !intake_has_ended(p->intake))
        intake_end(p->intake, now_ms); /* receiver stdout: nobody looks any more */
    if (intake_has_ended(p->intake) || l->state_gone) {
        if (l->deadline_ms == CLOCK_NEVER)
            l->deadline_ms = now_ms + p->stores.conf->shutdown_timeout;
        if (pipeline_is_empty(p->pipeline))
            deliver_flush(deliver);
    }
    deliver_run(deliver, now_ms);
    if (!l->state_gone)
        l->give_up |= !intake_held(p->intake, now_ms);
    if (!intake_is_held(p->intake) && !l->state_gone)
        intake_lines(p->intake, now_ms); /* what had been read already when the reply was held */
    write_stats(l, now_ms);
    look_at_confinement(l, now_ms);
}

bool loop_run(struct parts *p, const struct loop_outside *outside)
{
    struct loop l = {.p = p, .out = outside, .deadline_ms = CLOCK_NEVER};
    int64_t now_ms = clock_mono_ms();

    input_clock_start(&p->clock, now_ms);
    while (!finished(&l, now_ms)) {
        if (outcomes_may_tidy(p->outcomes) && parts_are_idle(p))
            outcomes_tidy(p->outcomes);
        if (!wait_and_read(&l, &now_ms))
            break;
        turn(&l, now_ms);
    }
    summary(p);
    l.next_stats_ms = 0;
    write_stats(&l, clock_mono_ms());
    return !l.give_up && !l.state_gone;
}
