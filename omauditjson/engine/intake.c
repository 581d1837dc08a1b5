/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/intake.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/admit.h"
#include "engine/tasks.h"
#include "input/linger.h"

#define SAY_AGAIN_MS 60000
#define LINE_MESSAGE 4  /* max_line is for a record; a message may be longer so many times */
#define LEAVING_MS 2000 /* a transaction beyond the window takes so long when we are to leave */

/* A reply that has to wait: for room in the journal's window, for a disk, for a sync. */
struct hold {
    bool active;
    bool stored; /* the record is in the journal, only its sync is missing */
    struct task task;
    int64_t next_try_ms; /* a disk that said no; 0: whenever something was delivered */
    int error;           /* last one said to the log */
};

struct intake {
    struct stores *s;
    struct pipeline *pipeline;
    struct replies *replies;
    struct admit *admit;
    int in_fd;
    struct tasks tasks;
    struct linger linger;
    bool replied; /* in this turn */
    struct hold hold;
    bool leaving; /* SIGTERM came */
    bool hung_up; /* rsyslog has gone while a reply was held */
    bool ended;
    int said_error;        /* the journal's, last said to the log */
    int64_t said_ms;       /* when */
    int64_t said_again_ms; /* and when "works again" was; starts in the past */
};

struct intake *intake_new(struct stores *s, struct pipeline *p, struct replies *r,
                          const struct input_clock *clock, int in_fd)
{
    struct intake *in = mem_calloc(1, sizeof(*in));

    in->s = s;
    in->pipeline = p;
    in->replies = r;
    in->admit = admit_new(s, p, r, clock);
    in->in_fd = in_fd;
    in->said_again_ms = INT32_MIN;
    tasks_init(&in->tasks, s, r, in->admit);
    linger_init(&in->linger);
    return in;
}

void intake_free(struct intake *in)
{
    if (!in)
        return;
    admit_free(in->admit);
    tasks_done(&in->tasks);
    free(in);
}

void intake_start(struct intake *in, bool same_sender)
{
    admit_start(in->admit, same_sender);
}

/* ---- a line to its reply -------------------------------------------------------------------- */

static int commit(struct intake *in)
{
    int r = 0;

    if (in->s->conf->sync != CONF_SYNC_NEVER && journal_unsynced(in->s->journal)) {
        r = journal_sync(in->s->journal);
        if (r == 0)
            in->s->stats.syncs++;
    }
    return r;
}

/* A transaction that has begun gets what room there is, the reserve too, and it is its end that
 * waits for the window: 8.2302 forgets the batch in flight when it is stopped, and so that is in
 * the journal. */
static void open_reserve(struct intake *in)
{
    journal_open_reserve(in->s->journal,
                         in->leaving || in->hung_up ||
                             (replies_confirming(in->replies) && replies_depth(in->replies) > 0));
}

/* May the next transaction begin? Who is to leave lets rsyslogd go on with its stop, but only just:
 * its queue would fill the reserve, and then one would have to wait in the middle. */
static int next_may_begin(struct intake *in)
{
    int r = replies_confirming(in->replies) && !in->hung_up ? journal_has_room(in->s->journal) : 0;

    return r < 0 && in->leaving && in->hold.active && !journal_reserve_low(in->s->journal) ? 0 : r;
}

/* Into the journal, and there out of memory and onto the disk as far as the reply says so. */
static int perform_record(struct intake *in, const struct task *t, struct admitted *ad)
{
    int r = 0;

    if (!in->hold.stored) {
        r = t->broken ? admit_broken(in->admit, &t->line, ad)
                      : admit_record(in->admit, &t->line, ad);
        in->hold.stored = ad->kept;
    }
    if (r == 0 && t->last && in->s->conf->sync == CONF_SYNC_ALWAYS)
        r = commit(in);
    if (r == 0 && (in->hold.active || (t->last && replies_confirming(in->replies))))
        r = journal_flush(in->s->journal);
    if (r == 0 && t->last)
        journal_set_holding(in->s->journal, !replies_confirming(in->replies));
    return r;
}

/* Do what the line asks for. 0: the reply may go out. */
static int perform(struct intake *in, const struct task *t, struct admitted *ad)
{
    int r = 0;

    switch (t->action) {
    case OMPROG_BEGIN:
        in->s->stats.begins++;
        return 0;
    case OMPROG_WAKEUP:
        in->s->stats.wakeups++;
        return 0;
    case OMPROG_COMMIT:
        r = commit(in);
        if (r == 0)
            r = next_may_begin(in);
        if (r == 0)
            in->s->stats.commits++;
        return r;
    case OMPROG_RECORD:
        return perform_record(in, t, ad);
    }
    return 0;
}

/* A disk that is nearly full says no and yes in turn: once a minute is enough. */
static void log_held(struct intake *in, int error, int64_t now_ms)
{
    if (error == ERR_JOURNAL_FULL) {
        stores_say_full(in->s);
    } else if (error != in->said_error || now_ms - in->said_ms >= SAY_AGAIN_MS) {
        log_error("%s/journal: cannot store a record: %s; holding the reply to rsyslog, retrying "
                  "every second",
                  in->s->conf->state_dir, err_text(error));
        in->said_error = error;
        in->said_ms = now_ms;
    }
    in->hold.error = error;
}

/* An append that is followed by a failing sync counts as stored: it must not be done twice. */
static bool attempt(struct intake *in, const struct task *t, int64_t now_ms)
{
    struct admitted ad = {.kept = false};
    int error = in->hold.error;
    int r = perform(in, t, &ad);

    if (r < 0) {
        if (r != ERR_JOURNAL_FULL)
            in->s->stats.journal_errors++;
        log_held(in, r, now_ms);
        in->hold.next_try_ms = r != ERR_JOURNAL_FULL ? now_ms + STORES_RETRY_MS
                               : in->leaving         ? now_ms + LEAVING_MS
                                                     : 0;
    } else {
        if (error && error != ERR_JOURNAL_FULL && now_ms - in->said_again_ms >= SAY_AGAIN_MS) {
            log_notice("%s/journal: writable again", in->s->conf->state_dir);
            in->said_again_ms = now_ms;
        }
        in->hold = (struct hold){.active = false};
        if (t->split)
            admit_split(in->admit, &t->line, &ad);
        if (t->last) {
            admit_answer(in->admit, t->action);
            in->replied = true;
        }
    }
    /* Behind the reply: rsyslog prepares its next line meanwhile. */
    admit_go_on(in->admit, &ad);
    return r == 0;
}

/* Without replies the lines of one read are journalled with one write. Nothing more is read until
 * they are. */
static void flush_held(struct intake *in, int64_t now_ms)
{
    int r = journal_flush(in->s->journal);

    if (r == 0 || in->hold.active)
        return;
    in->s->stats.journal_errors++;
    in->s->stats.journal_waits++;
    log_held(in, r, now_ms);
    in->hold = (struct hold){.active = true,
                             .stored = true,
                             .task = {.action = OMPROG_RECORD, .line = {.data = ""}, .last = true},
                             .next_try_ms = now_ms + STORES_RETRY_MS,
                             .error = r};
}

static bool handle(struct intake *in, const struct task *t, int64_t now_ms)
{
    open_reserve(in);
    if (attempt(in, t, now_ms))
        return true;
    in->hold.active = true;
    in->hold.task = *t; /* borrowed: nothing is read while a reply is held */
    replies_hold(in->replies, now_ms, in->s->conf->keepalive);
    in->s->stats.journal_waits++;
    return false;
}

void intake_lines(struct intake *in, int64_t now_ms)
{
    struct task t;

    while (!in->hold.active && tasks_next(&in->tasks, &t))
        (void)handle(in, &t, now_ms);
    flush_held(in, now_ms);
}

bool intake_held(struct intake *in, int64_t now_ms)
{
    struct hold *h = &in->hold;
    struct task t = h->task;

    if (!h->active)
        return true;
    open_reserve(in); /* SIGTERM or a hang-up may have come meanwhile */
    if (h->next_try_ms <= now_ms &&
        (h->error != ERR_JOURNAL_FULL || !journal_full(in->s->journal)) && attempt(in, &t, now_ms))
        return true;
    if (!replies_are_read(in->replies) || replies_dot(in->replies, now_ms, in->s->conf->keepalive))
        return true;
    log_error("a reply was held for %d keep-alive dots, the maximum; exiting; rsyslog starts a new "
              "process, no record is lost",
              OMPROG_DOTS_MAX);
    return false;
}

/* ---- the end -------------------------------------------------------------------------------- */

/* Of a message of which a part is taken the rest is taken, too: no reply is needed any more. */
static void end_held(struct intake *in, int64_t now_ms)
{
    struct task t = in->hold.task;
    bool taken;

    replies_close(in->replies);
    journal_open_reserve(in->s->journal, true);
    taken = t.action != OMPROG_RECORD || attempt(in, &t, now_ms);
    while (taken && tasks_next_of_line(&in->tasks, &t))
        taken = attempt(in, &t, now_ms);
    if (!taken)
        log_warning("end of input while a reply was held; the record is not stored and was not "
                    "acknowledged");
    in->hold = (struct hold){.active = false};
}

void intake_end(struct intake *in, int64_t now_ms)
{
    struct line line;
    struct task t;

    in->ended = true;
    pipeline_end_input(in->pipeline);
    admit_ended(in->admit);
    /* Never answered, so rsyslog should have it still; but 8.2302 forgets the batch in flight when
     * it is stopped. Taking it is safe: if it comes again, it is a repeat. */
    if (in->hold.active)
        end_held(in, now_ms);
    if (!lineio_rest(&in->tasks.lineio, &line))
        return;
    in->s->stats.unended_lines++;
    if (replies_confirming(in->replies)) {
        /* rsyslog died in the middle of a write and sends the record again, whole. */
        log_notice(
            "end of input inside a line of %zu bytes; it is not stored and was not acknowledged",
            line.len + line.cut);
        return;
    }
    tasks_begin(&in->tasks, &line, &t);
    do
        open_reserve(in);
    while (attempt(in, &t, now_ms) && tasks_next_of_line(&in->tasks, &t));
}

/* While a reply is held nothing is read, so the pipe's end shows only as POLLHUP. Who waits for a
 * reply has nothing else in the pipe; where none are written, what is in it comes first. */
void intake_hang_up(struct intake *in, int64_t now_ms)
{
    in->hung_up = true;
    if (replies_confirming(in->replies))
        intake_end(in, now_ms);
}

/* systemd sends it to the whole group; rsyslogd still hands records over. */
void intake_leave(struct intake *in)
{
    if (!in->leaving)
        log_notice("SIGTERM: continuing until the end of input; acknowledging from the journal "
                   "only, undelivered events stay queued");
    in->leaving = true;
    in->hold.next_try_ms = 0;
}

bool intake_read(struct intake *in, int64_t now_ms)
{
    ssize_t n;

    linger_woke(&in->linger);
    n = lineio_read(&in->tasks.lineio, in->in_fd);
    if (n > 0 || n == -EAGAIN || n == -EBUSY)
        return true;
    if (n < 0) { /* no end of input: rsyslog is there and starts a new process */
        log_error("cannot read from rsyslog: %s; exiting", err_text((int)n));
        return false;
    }
    intake_end(in, now_ms);
    return true;
}

/* ---- what the loop asks --------------------------------------------------------------------- */

bool intake_reads(const struct intake *in)
{
    return !in->hold.active && !in->ended;
}

bool intake_watches(const struct intake *in)
{
    return !in->ended && (!in->hold.active || !in->hung_up);
}

bool intake_is_held(const struct intake *in)
{
    return in->hold.active;
}

bool intake_has_ended(const struct intake *in)
{
    return in->ended;
}

bool intake_lingers(struct intake *in, bool sleeps)
{
    bool due = sleeps && in->replied && replies_confirming(in->replies);

    in->replied = false;
    return due && linger_wait(&in->linger, in->in_fd);
}

int64_t intake_next_ms(const struct intake *in)
{
    int64_t next_ms = CLOCK_NEVER;

    if (!in->hold.active)
        return next_ms;
    next_ms = replies_next_dot_ms(in->replies);
    return in->hold.next_try_ms && in->hold.next_try_ms < next_ms ? in->hold.next_try_ms : next_ms;
}
