/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/admit.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/twice.h"
#include "input/cutoff.h"

struct admit {
    struct stores *s;
    struct pipeline *pipeline;
    struct replies *replies;
    const struct input_clock *clock;
    struct buf scratch; /* canonical text of the line being processed */
    struct buf half;    /* a record that may go on in the next message, as it is in the journal */
    struct buf joined;  /* ... with what follows */
    uint64_t half_seq;
    bool is_joined;
    struct twice twice;
    bool message;       /* the line being processed is one of several records */
    bool message_again; /* ... that rsyslog sends twice */
    bool message_began; /* ... and a record of it was here */
    bool mixed;         /* two transactions at a time are under way */
    bool garbage_logged;
    bool cut_logged;
};

struct admit *admit_new(struct stores *s, struct pipeline *p, struct replies *r,
                        const struct input_clock *clock)
{
    struct admit *a = mem_calloc(1, sizeof(*a));

    a->s = s;
    a->pipeline = p;
    a->replies = r;
    a->clock = clock;
    a->scratch = BUF_INIT(stores_line_max(s));
    a->half = BUF_INIT(stores_line_max(s));
    a->joined = BUF_INIT(s->conf->max_line);
    return a;
}

void admit_free(struct admit *a)
{
    if (!a)
        return;
    buf_done(&a->scratch);
    buf_done(&a->half);
    buf_done(&a->joined);
    free(a);
}

void admit_start(struct admit *a, bool same_sender)
{
    twice_start(&a->twice, &a->s->scoreboard, same_sender);
}

void admit_ended(struct admit *a)
{
    twice_ended(&a->twice);
}

/* The last n records stored come again should we die now. */
static void set_unanswered(struct admit *a, size_t n)
{
    if (replies_confirming(a->replies))
        scoreboard_set_unanswered(
            &a->s->scoreboard,
            (struct scoreboard_unanswered){.n = n, .digest = recent_last(a->s->recent)});
}

/* What a new line begins for rsyslog: alone or in a transaction, it is answered or comes again
 * whole. When two workers share the pipe, it is not known whose a record is. */
void admit_line(struct admit *a, enum omprog_action action, const struct line *line, bool message)
{
    struct recent *recent = a->s->recent;
    size_t n = 0;

    if (action == OMPROG_BEGIN)
        a->mixed = replies_depth(a->replies) > 1;
    twice_line(&a->twice, action, a->mixed);
    a->message = message;
    a->message_began = false;
    a->message_again =
        message && twice_is_repeat(&a->twice, recent_digest(recent, line->data, line->len));
    switch (action) {
    case OMPROG_BEGIN:
        if (!a->mixed)
            recent_open(recent, RECENT_TRANSACTION);
        break;
    case OMPROG_RECORD:
        recent_open(recent, RECENT_LINE);
        break;
    case OMPROG_COMMIT:
        if (replies_depth(a->replies) == 0 && !a->mixed)
            n = recent_open_records(recent, RECENT_TRANSACTION);
        if (n)
            set_unanswered(a, n);
        break;
    case OMPROG_WAKEUP:
        break;
    }
}

static int store(struct admit *a, const struct segment_entry *entry, struct admitted *ret)
{
    int r;

    if (!ret->direct)
        pipeline_fall_behind(a->pipeline);
    r = journal_append(a->s->journal, entry, &ret->seq);
    if (r < 0)
        return r;
    ret->kept = ret->stored = true;
    return 0;
}

static int store_garbage(struct admit *a, const struct line *line, enum record_fault fault,
                         struct admitted *ret)
{
    struct segment_entry entry = {.type = ENTRY_GARBAGE,
                                  .extra = fault,
                                  .arrival_ms = a->clock->time_ms,
                                  .data = line->data,
                                  .len = line->len};
    int r = store(a, &entry, ret);

    if (r == 0 && fault == RECORD_POISON) {
        a->s->stats.poison++;
        log_error("line of %zu bytes quarantined: the process died twice while processing it; see "
                  "omauditjson deadletter",
                  line->len);
    } else if (r == 0) {
        a->s->stats.garbage_lines++;
        if (!a->garbage_logged) {
            log_warning("line rejected: not an audit record (%s); written to the dead letters; "
                        "further ones are only counted (garbage_lines in the statistics)",
                        record_fault_text(fault));
            a->garbage_logged = true;
        }
    }
    return r;
}

/* Read the header and look whether the record is known, without a system call: what is in process
 * here at a death is to blame, and not a disk that hangs. */
static enum record_fault examine(struct admit *a, const struct line *line, struct admitted *ret,
                                 bool *repeat)
{
    enum record_fault fault;

    if (scoreboard_is_poison(&a->s->scoreboard, SCOREBOARD_LINE, line->data, line->len))
        return RECORD_POISON;
    scoreboard_begin(&a->s->scoreboard, SCOREBOARD_LINE, line->data, line->len);
    fault = record_parse(line->data, line->len, &a->scratch, &ret->rec);
    if (fault == RECORD_OK) {
        ret->digest = recent_record_digest(a->s->recent, &ret->rec);
        *repeat = recent_is_repeat(a->s->recent, &ret->rec, ret->digest);
        *repeat |= a->message ? a->message_again : twice_is_repeat(&a->twice, ret->digest);
    }
    scoreboard_end(&a->s->scoreboard);
    return fault;
}

static void take_back(struct admit *a)
{
    const uint64_t *seqs;
    size_t n = recent_taken_back(a->s->recent, &seqs);

    if (n)
        a->s->stats.repeats += pipeline_take_back(a->pipeline, seqs, n);
}

static void note_cut_before(struct admit *a, size_t len)
{
    a->s->stats.lines_cut_before++;
    if (a->cut_logged)
        return;
    log_warning(
        "record of %zu bytes arrived truncated, probably by rsyslog's maxMessageSize; set it to "
        "64k or more; further ones are only counted (lines_cut_before in the statistics)",
        len);
    a->cut_logged = true;
}

/* The first record of a message that has no header: what is missing at the end of the one before.
 */
static bool join(struct admit *a, const struct line *line, struct line *whole)
{
    if (!a->message || a->message_began || a->half.len == 0)
        return false;
    buf_truncate(&a->joined, 0);
    if (buf_append(&a->joined, a->half.data, a->half.len) < 0 ||
        buf_append(&a->joined, line->data, line->len) < 0)
        return false;
    *whole = (struct line){.data = a->joined.data, .len = a->joined.len, .cut = line->cut};
    return true;
}

/* The header of a record, or of one of which this is the end. */
static enum record_fault examine_whole(struct admit *a, const struct line *line, struct line *whole,
                                       struct admitted *ret, bool *repeat)
{
    enum record_fault fault = examine(a, line, ret, repeat);

    a->is_joined = false;
    if (fault == RECORD_OK || fault == RECORD_EMPTY || fault == RECORD_POISON ||
        !join(a, line, whole))
        return fault;
    if (examine(a, whole, ret, repeat) != RECORD_OK)
        return fault;
    a->is_joined = true;
    return RECORD_OK;
}

/* The half is in the journal, and in its event unless that has settled. */
static void drop_half(struct admit *a)
{
    if (a->is_joined) {
        (void)pipeline_take_back(a->pipeline, &a->half_seq, 1);
        a->s->stats.lines_joined++;
    }
    a->half.len = 0;
}

static int admit(struct admit *a, const struct line *line, struct admitted *ret)
{
    struct segment_entry entry = {.type = ENTRY_RECORD, .arrival_ms = a->clock->time_ms};
    struct scoreboard_unanswered unanswered = scoreboard_unanswered(&a->s->scoreboard);
    struct line whole = *line;
    bool repeat = false;
    enum record_fault fault = examine_whole(a, line, &whole, ret, &repeat);
    int r;

    if (a->is_joined)
        line = &whole;
    if (fault == RECORD_EMPTY) {
        a->s->stats.empty_lines++;
        return 0;
    }
    if (fault != RECORD_OK)
        return store_garbage(a, line, fault, ret);
    if (repeat) {
        a->s->stats.repeats++;
        take_back(a);
        ret->kept = true; /* should its sync fail, it is not judged twice */
        return 0;
    }
    ret->cut = cutoff_of(&ret->rec, line->len, line->cut);
    ret->direct = pipeline_direct(a->pipeline);
    entry.extra = ret->cut;
    entry.data = ret->rec.line;
    entry.len = ret->rec.len;
    if (replies_confirming(a->replies))
        scoreboard_set_unanswered(
            &a->s->scoreboard,
            (struct scoreboard_unanswered){recent_open_records(a->s->recent, RECENT_LINE) + 1,
                                           journal_next_number(a->s->journal), ret->digest});
    r = store(a, &entry, ret);
    if (r < 0) {
        scoreboard_set_unanswered(&a->s->scoreboard, unanswered);
        ret->direct = false;
        return r;
    }
    recent_stored(a->s->recent, &ret->rec, ret->digest, ret->seq,
                  journal_segment_of(a->s->journal, ret->seq));
    a->s->stats.records++;
    if (ret->cut & CUTOFF_BEFORE)
        note_cut_before(a, line->len);
    return 0;
}

/* A record of the line was taken, or (r) it will be tried again: what may follow a half is the
 * first of a message only. */
static int taken(struct admit *a, int r)
{
    if (r < 0 || !a->message)
        return r;
    if (!a->message_began)
        drop_half(a);
    a->message_began = true;
    return 0;
}

int admit_record(struct admit *a, const struct line *line, struct admitted *ret)
{
    return taken(a, admit(a, line, ret));
}

void admit_split(struct admit *a, const struct line *line, const struct admitted *ad)
{
    const char *data = a->is_joined ? a->joined.data : line->data;
    size_t len = a->is_joined ? a->joined.len : line->len;

    a->half.len = 0;
    if (ad->stored && !line->cut && buf_append(&a->half, data, len) == 0)
        a->half_seq = ad->seq;
}

int admit_broken(struct admit *a, const struct line *line, struct admitted *ret)
{
    a->is_joined = false;
    return taken(a, store_garbage(a, line, RECORD_ESCAPING, ret));
}

/* A kill while the reply is written leaves open whether rsyslog has read it: it counts as read, and
 * what comes again all the same is kept. */
void admit_answer(struct admit *a, enum omprog_action action)
{
    struct stores *s = a->s;
    struct scoreboard_unanswered unanswered = scoreboard_unanswered(&s->scoreboard);

    if (replies_are_read(a->replies) && action != OMPROG_BEGIN)
        set_unanswered(a, recent_unanswered(s->recent));
    replies_send(a->replies, action);
    if (!replies_are_read(a->replies) && replies_confirming(a->replies))
        scoreboard_set_unanswered(&s->scoreboard, unanswered);
    if (action == OMPROG_COMMIT && replies_depth(a->replies) == 0 && replies_are_read(a->replies))
        twice_committed(&a->twice);
}

void admit_go_on(struct admit *a, const struct admitted *ad)
{
    if (!ad->direct)
        return;
    scoreboard_begin(&a->s->scoreboard, SCOREBOARD_RECORD, ad->rec.line, ad->rec.len);
    pipeline_consume(a->pipeline, &ad->rec, ad->seq, ad->cut);
}
