/* SPDX-License-Identifier: Apache-2.0 */
/* Left of the journal: a line of rsyslog's to its reply. The reply goes out after the record is in
 * the journal, never before, and is never an error: where the journal can't take the record yet,
 * the reply is held and dots keep rsyslog waiting. That is all of back-pressure. */
#include "config.h"
#include "engine/pipeline.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

#define SAY_AGAIN_MS 60000
#define LEAVING_MS 2000 /* a transaction beyond the window takes so long when we are to leave */

void intake_write(struct engine *e, const char *text, size_t len)
{
    ssize_t n;

    if (e->wire.out_fd < 0)
        return;
    do {
        n = write(e->wire.out_fd, text, len);
    } while (n < 0 && errno == EINTR);
    if (n != (ssize_t)len) {
        log_warning("rsyslog no longer reads replies (%s)",
                    n < 0 ? strerror(errno) : "short write");
        e->wire.out_fd = -1; /* end of input follows */
    }
}

/* The last n records stored come again should we die now. */
static void owe(struct engine *e, size_t n)
{
    if (e->confirming)
        hand_owe(&e->hand, (struct hand_owed){.n = n, .digest = recent_last(e->recent)});
}

/* A kill while the reply is written leaves open whether rsyslog has read it: it counts as read, and
 * what comes again all the same is kept. */
static void reply(struct engine *e, enum omprog_action action)
{
    const char *text = omprog_reply(&e->omprog, action);
    struct hand_owed owed = hand_owed(&e->hand);

    if (e->wire.out_fd >= 0 && action != OMPROG_BEGIN)
        owe(e, recent_owed(e->recent));
    intake_write(e, text, strlen(text));
    if (e->wire.out_fd < 0 && e->confirming)
        hand_owe(&e->hand, owed);
    twice_answered(e, action);
    e->replied = true;
}

/* What the journal was given, for the pipeline to go on with behind the reply. */
struct stored {
    struct record rec;
    uint64_t seq, digest;
    uint32_t cut;
    bool direct;
};

static int store(struct engine *e, const struct segment_entry *entry, bool direct, uint64_t *seq)
{
    int r;

    if (!direct)
        pipeline_fall_behind(e);
    r = journal_append(e->journal, entry, seq);
    if (r < 0)
        return r;
    e->hold.stored = true;
    return 0;
}

static int store_garbage(struct engine *e, const struct line *line, enum record_fault fault)
{
    struct segment_entry entry = {.type = ENTRY_GARBAGE,
                                  .extra = fault,
                                  .arrival_ms = e->input_ms,
                                  .data = line->data,
                                  .len = line->len};
    uint64_t seq;
    int r = store(e, &entry, false, &seq);

    if (r == 0 && fault == RECORD_POISON) {
        e->stats.poison++;
        log_error("a line of %zu bytes is set aside (dead letters): the process died twice while "
                  "handling it",
                  line->len);
    } else if (r == 0) {
        e->stats.garbage_lines++;
        if (!e->garbage_logged) {
            log_warning("a line is no audit record (%s): kept in the dead letters; further ones "
                        "are only counted (garbage_lines in the statistics)",
                        record_fault_text(fault));
            e->garbage_logged = true;
        }
    }
    return r;
}

/* Read the header and look whether the record is known, without a system call: what is in hand
 * here at a death is to blame, and not a disk that hangs. */
static enum record_fault examine(struct engine *e, const struct line *line, struct stored *st,
                                 bool *repeat)
{
    enum record_fault fault;

    if (hand_condemned(&e->hand, HAND_LINE, line->data, line->len))
        return RECORD_POISON;
    hand_take(&e->hand, HAND_LINE, line->data, line->len);
    fault = record_parse(line->data, line->len, &e->scratch, &st->rec);
    if (fault == RECORD_OK) {
        st->digest = recent_record_digest(e->recent, &st->rec);
        *repeat = recent_is_repeat(e->recent, &st->rec, st->digest);
        *repeat |= twice_is_repeat(e, st->digest);
    }
    hand_put(&e->hand);
    return fault;
}

static void take_back(struct engine *e)
{
    const uint64_t *seqs;
    size_t n = recent_taken_back(e->recent, &seqs);

    if (n)
        pipeline_take_back(e, seqs, n);
}

static void note_cut_before(struct engine *e, size_t len)
{
    e->stats.lines_cut_before++;
    if (e->cut_logged)
        return;
    log_warning(
        "a record of %zu bytes came cut, by rsyslog's maxMessageSize most likely: set it to "
        "64k or more; further ones are only counted (lines_cut_before in the statistics)",
        len);
    e->cut_logged = true;
}

static int store_record(struct engine *e, const struct line *line, struct stored *st)
{
    struct segment_entry entry = {.type = ENTRY_RECORD, .arrival_ms = e->input_ms};
    bool repeat = false;
    enum record_fault fault = examine(e, line, st, &repeat);
    int r;

    if (fault == RECORD_EMPTY) {
        e->stats.empty_lines++;
        return 0;
    }
    if (fault != RECORD_OK)
        return store_garbage(e, line, fault);
    if (repeat) {
        e->stats.repeats++;
        take_back(e);
        e->hold.stored = true; /* should its sync fail, it is not judged twice */
        return 0;
    }
    st->cut = cutoff_of(&st->rec, line->len, line->cut);
    st->direct = pipeline_direct(e);
    entry.extra = st->cut;
    entry.data = st->rec.line;
    entry.len = st->rec.len;
    if (e->confirming)
        hand_owe(&e->hand, (struct hand_owed){1, journal_next_number(e->journal), st->digest});
    r = store(e, &entry, st->direct, &st->seq);
    if (r < 0) {
        st->direct = false;
        return r;
    }
    recent_stored(e->recent, &st->rec, st->digest, st->seq,
                  journal_segment_of(e->journal, st->seq));
    owe(e, 1);
    e->stats.records++;
    if (st->cut & CUTOFF_BEFORE)
        note_cut_before(e, line->len);
    return 0;
}

/* What a new line begins for rsyslog: alone or in a transaction, it is answered or comes again
 * whole. When two workers share the pipe, it is not known whose a record is. */
static void begin(struct engine *e, enum omprog_action action)
{
    size_t n = 0;

    if (action == OMPROG_BEGIN)
        e->mixed = e->omprog.depth > 1;
    twice_line(e, action);
    switch (action) {
    case OMPROG_BEGIN:
        if (!e->mixed)
            recent_open(e->recent);
        break;
    case OMPROG_RECORD:
        if (e->omprog.depth == 0)
            recent_open(e->recent);
        break;
    case OMPROG_COMMIT:
        if (e->omprog.depth == 0 && !e->mixed)
            n = recent_open_records(e->recent);
        if (n)
            owe(e, n);
        break;
    case OMPROG_WAKEUP:
        break;
    }
}

static int commit(struct engine *e)
{
    int r = 0;

    if (e->conf->sync != CONF_SYNC_NEVER && journal_unsynced(e->journal)) {
        r = journal_sync(e->journal);
        if (r == 0)
            e->stats.syncs++;
    }
    return r;
}

/* A transaction that has begun gets what room there is, the reserve too, and it is its end that
 * waits for the window: 8.2302 forgets the batch in flight when it is stopped, and so that is in
 * the journal. */
static void open_reserve(struct engine *e)
{
    journal_open_reserve(e->journal,
                         e->leaving || e->hung_up || (e->confirming && e->omprog.depth > 0));
}

/* May the next transaction begin? Who is to leave lets rsyslogd go on with its stop, but only just:
 * its queue would fill the reserve, and then one would have to wait in the middle. */
static int next_may_begin(struct engine *e)
{
    int r = e->confirming && !e->hung_up ? journal_has_room(e->journal) : 0;

    return r < 0 && e->leaving && e->hold.active && !journal_reserve_low(e->journal) ? 0 : r;
}

/* Do what the line asks for. 0: the reply may go out. st->direct: the record goes on. */
static int perform(struct engine *e, enum omprog_action action, const struct line *line,
                   struct stored *st)
{
    int r = 0;

    switch (action) {
    case OMPROG_BEGIN:
        e->stats.begins++;
        return 0;
    case OMPROG_WAKEUP:
        e->stats.wakeups++;
        return 0;
    case OMPROG_COMMIT:
        r = commit(e);
        if (r == 0)
            r = next_may_begin(e);
        if (r == 0)
            e->stats.commits++;
        return r;
    case OMPROG_RECORD:
        if (!e->hold.stored)
            r = store_record(e, line, st);
        if (r == 0 && e->conf->sync == CONF_SYNC_ALWAYS)
            r = commit(e);
        if (r == 0 && e->hold.active)
            r = journal_flush(e->journal);
        return r;
    }
    return 0;
}

/* A disk that is nearly full says no and yes in turn: once a minute is enough. */
static void log_held(struct engine *e, int error, int64_t now_ms)
{
    if (error == ERR_JOURNAL_FULL) {
        if (!e->window_logged)
            log_warning("the journal's window (%llu bytes) is full: rsyslog waits until the "
                        "receiver takes events again",
                        (unsigned long long)e->conf->window);
        e->window_logged = true;
    } else if (error != e->said_error || now_ms - e->said_ms >= SAY_AGAIN_MS) {
        log_error("%s/journal: %s: rsyslog waits; trying again every second", e->conf->state_dir,
                  err_text(error));
        e->said_error = error;
        e->said_ms = now_ms;
    }
    e->hold.error = error;
}

/* An append that is followed by a failing sync counts as stored: it must not be done twice. */
static bool attempt(struct engine *e, enum omprog_action action, const struct line *line,
                    int64_t now_ms)
{
    struct stored st = {.direct = false};
    int error = e->hold.error;
    int r = perform(e, action, line, &st);

    if (r < 0) {
        if (r != ERR_JOURNAL_FULL)
            e->stats.journal_errors++;
        log_held(e, r, now_ms);
        e->hold.next_try_ms = r != ERR_JOURNAL_FULL ? now_ms + RETRY_MS
                              : e->leaving          ? now_ms + LEAVING_MS
                                                    : 0;
    } else {
        if (error && error != ERR_JOURNAL_FULL && now_ms - e->said_again_ms >= SAY_AGAIN_MS) {
            log_notice("%s/journal: works again", e->conf->state_dir);
            e->said_again_ms = now_ms;
        }
        e->hold = (struct hold){.active = false};
        reply(e, action);
    }
    /* Behind the reply: rsyslog prepares its next line meanwhile. */
    if (st.direct) {
        hand_take(&e->hand, HAND_RECORD, st.rec.line, st.rec.len);
        pipeline_consume(e, &st.rec, st.seq, st.cut);
    }
    return r == 0;
}

/* Without replies the lines of one read are journalled with one write. Nothing more is read until
 * they are. */
static void flush_held(struct engine *e, int64_t now_ms)
{
    int r = journal_flush(e->journal);

    if (r == 0 || e->hold.active)
        return;
    e->stats.journal_errors++;
    e->stats.journal_waits++;
    log_held(e, r, now_ms);
    e->hold = (struct hold){.active = true,
                            .stored = true,
                            .action = OMPROG_RECORD,
                            .line = {.data = ""},
                            .next_try_ms = now_ms + RETRY_MS,
                            .error = r};
}

void intake_lines(struct engine *e, int64_t now_ms)
{
    struct line line;

    while (!e->hold.active && lineio_next(&e->lineio, &line)) {
        enum omprog_action action = omprog_line(&e->omprog, line.data, line.len);

        e->stats.lines++;
        if (line.cut) {
            e->stats.lines_cut++;
            e->stats.bytes_cut += line.cut;
        }
        open_reserve(e);
        begin(e, action);
        if (!attempt(e, action, &line, now_ms)) {
            e->hold.active = true;
            e->hold.action = action;
            e->hold.line = line; /* borrowed: nothing is read while a reply is held */
            e->hold.next_dot_ms = now_ms + e->conf->keepalive;
            e->stats.journal_waits++;
        }
    }
    flush_held(e, now_ms);
}

void intake_held(struct engine *e, int64_t now_ms)
{
    struct hold *h = &e->hold;
    struct line line = h->line;

    if (!h->active)
        return;
    open_reserve(e); /* SIGTERM or a hang-up may have come meanwhile */
    if (h->next_try_ms <= now_ms && (h->error != ERR_JOURNAL_FULL || !journal_full(e->journal)) &&
        attempt(e, h->action, &line, now_ms))
        return;
    if (now_ms < h->next_dot_ms)
        return;
    h->next_dot_ms = now_ms + e->conf->keepalive;
    if (e->wire.out_fd < 0)
        return;
    if (!omprog_dot(&e->omprog)) {
        log_error("a reply was held over %d keep-alive dots: leaving; rsyslog starts a new process "
                  "and nothing is lost",
                  OMPROG_DOTS_MAX);
        e->give_up = true;
        return;
    }
    intake_write(e, ".", 1);
    e->stats.dots++;
}

bool intake_starting(struct engine *e, int64_t now_ms)
{
    if (now_ms < e->start_dot_ms)
        return true;
    e->start_dot_ms = now_ms + e->conf->keepalive;
    if (!omprog_dot(&e->omprog))
        return false;
    intake_write(e, ".", 1);
    e->stats.dots++;
    return true;
}

void intake_ended(struct engine *e, int64_t now_ms)
{
    struct line line;

    e->input_ended = true;
    twice_ended(e);
    if (e->hold.active) {
        /* Never answered, so rsyslog should have it still; but 8.2302 forgets the batch in flight
         * when it is stopped. Taking it is safe: if it comes again, it is a repeat. */
        line = e->hold.line;
        e->wire.out_fd = -1;
        journal_open_reserve(e->journal, true);
        if (e->hold.action == OMPROG_RECORD && !attempt(e, OMPROG_RECORD, &line, now_ms))
            log_warning("end of input while a reply was held: that record is left to rsyslog");
        e->hold = (struct hold){.active = false};
    }
    if (!lineio_rest(&e->lineio, &line))
        return;
    e->stats.unended_lines++;
    if (e->confirming) {
        /* rsyslog died in the middle of a write and sends the record again, whole. */
        log_notice("end of input inside a line of %zu bytes: not answered, so not taken",
                   line.len + line.cut);
        return;
    }
    e->stats.lines++;
    open_reserve(e);
    (void)attempt(e, OMPROG_RECORD, &line, now_ms);
}
