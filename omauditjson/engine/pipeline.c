/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/pipeline.h"

#include <linux/audit.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/numbers.h"
#include "event/group.h"

#define RUN_RECORDS 512 /* read from the journal before rsyslog's pipe is looked at again */
#define RUN_EVENTS 512  /* settled in one go */

struct pipeline {
    struct stores *s;
    struct emitter *emitter;
    struct setaside *aside;
    const struct input_clock *clock;
    struct group *group;
    struct group_event *stuck; /* settled, but could be put nowhere yet */
    struct journal_cursor cursor;
    bool caught_up;           /* the cursor is at the end: a new record goes on from memory */
    bool more;                /* to do at once, when pipeline_run() left off */
    bool input_ended;         /* nothing that has come waits for further records */
    struct buf scratch;       /* canonical text of the record being processed */
    int64_t consumed_ms;      /* what the input clock said when the last consumed record came */
    uint64_t consumed_number; /* of the last record that went to its event */
    uint64_t *resumed;        /* numbers of records that went into re-formed batches, ascending */
    size_t n_resumed;
    int64_t retry_ms; /* a disk said no: not before then */
};

struct pipeline *pipeline_new(struct stores *s, struct emitter *em, struct setaside *sa,
                              const struct input_clock *clock)
{
    struct pipeline *p = mem_calloc(1, sizeof(*p));
    struct group_conf limits;

    p->s = s;
    p->emitter = em;
    p->aside = sa;
    p->clock = clock;
    p->more = true;
    p->scratch = BUF_INIT(stores_line_max(s));
    group_limits(s->conf, &limits);
    p->group = group_new(&limits);
    journal_cursor_init(&p->cursor);
    return p;
}

void pipeline_free(struct pipeline *p)
{
    if (!p)
        return;
    if (p->stuck)
        group_release(p->group, p->stuck);
    journal_cursor_done(&p->cursor);
    group_free(p->group);
    buf_done(&p->scratch);
    free(p->resumed);
    free(p);
}

void pipeline_reconfigure(struct pipeline *p)
{
    struct group_conf limits;

    group_limits(p->s->conf, &limits);
    group_set_conf(p->group, &limits);
}

void pipeline_skip(struct pipeline *p, uint64_t *seqs, size_t n)
{
    free(p->resumed);
    p->resumed = seqs;
    p->n_resumed = n;
}

void pipeline_end_input(struct pipeline *p)
{
    p->input_ended = true;
}

/* What the index takes for now. */
static int64_t index_time(const struct pipeline *p)
{
    return p->caught_up ? p->clock->time_ms : p->consumed_ms;
}

bool pipeline_direct(const struct pipeline *p)
{
    return p->caught_up && !p->stuck && deliver_has_room(p->s->deliver);
}

void pipeline_fall_behind(struct pipeline *p)
{
    if (!p->caught_up)
        return;
    journal_cursor_to_end(p->s->journal, &p->cursor);
    p->consumed_ms = p->clock->time_ms;
    p->caught_up = false;
}

void pipeline_consume(struct pipeline *p, const struct record *rec, uint64_t seq, uint32_t cut)
{
    unsigned part = 1;

    p->consumed_number = seq;
    if (!group_has(p->group, rec)) {
        part = recent_parts(p->s->recent, recent_event_digest(p->s->recent, rec)) + 1;
        if (rec->type == AUDIT_EOE) { /* of an event that has settled: it says nothing new */
            p->s->stats.eoe_alone++;
            scoreboard_end(&p->s->scoreboard);
            stores_done_with(p->s, &seq, 1);
            return;
        }
    }
    group_add(p->group, rec, seq, cut, part, index_time(p));
    scoreboard_end(&p->s->scoreboard);
}

size_t pipeline_take_back(struct pipeline *p, const uint64_t *seqs, size_t n)
{
    CLEANUP_FREE uint64_t *out = mem_alloc(n * sizeof(*out));
    size_t n_out = group_take_out(p->group, seqs, n, out);

    for (size_t i = 0; i < n; i++)
        if (seqs[i] > p->consumed_number) /* the cursor steps over what is done */
            out[n_out++] = seqs[i];
    if (!n_out)
        return 0;
    numbers_sort(out, n_out);
    stores_done_with(p->s, out, n_out);
    return n_out;
}

static bool was_resumed(struct pipeline *p, uint64_t seq)
{
    if (!p->n_resumed)
        return false;
    if (seq > p->resumed[p->n_resumed - 1]) { /* the cursor is past them all */
        free(p->resumed);
        p->resumed = NULL;
        p->n_resumed = 0;
        return false;
    }
    return numbers_have(p->resumed, p->n_resumed, seq);
}

/* A disk said no. */
static bool try_later(struct pipeline *p, int64_t now_ms)
{
    p->retry_ms = now_ms + STORES_RETRY_MS;
    return false;
}

/* Hand over what has settled while there is room. True: there may be more. It comes before the next
 * record, so that what belongs together depends on the input clock alone and a replay finds the
 * same events. */
static bool take_settled(struct pipeline *p, int64_t now_ms)
{
    for (unsigned i = 0; i < RUN_EVENTS; i++) {
        if (!deliver_has_room(p->s->deliver))
            return false;
        if (!p->stuck)
            p->stuck = group_take(p->group, index_time(p), p->input_ended && p->caught_up);
        if (!p->stuck)
            return false;
        if (!emit_event(p->emitter, p->stuck, now_ms))
            return try_later(p, now_ms);
        group_release(p->group, p->stuck);
        p->stuck = NULL;
    }
    return true;
}

void pipeline_settle(struct pipeline *p, int64_t now_ms)
{
    if (p->caught_up && now_ms >= p->retry_ms)
        take_settled(p, now_ms);
}

static bool set_aside(struct pipeline *p, const struct segment_entry *entry,
                      enum record_fault fault, int64_t now_ms)
{
    return setaside_line(p->aside, entry, fault, now_ms) == 0 || try_later(p, now_ms);
}

/* One entry out of the journal. False: it could not be dealt with now. */
static bool consume_entry(struct pipeline *p, const struct segment_entry *entry, int64_t now_ms)
{
    struct record rec;

    if (was_resumed(p, entry->number))
        return true;
    if (entry->arrival_ms > p->consumed_ms) {
        p->consumed_ms = entry->arrival_ms;
        take_settled(p, now_ms);
        if (p->stuck || !deliver_has_room(p->s->deliver))
            return false;
    }
    if (entry->type == ENTRY_GARBAGE ||
        scoreboard_is_poison(&p->s->scoreboard, SCOREBOARD_RECORD, entry->data, entry->len)) {
        p->s->stats.poison += entry->type == ENTRY_RECORD;
        return set_aside(p, entry, setaside_fault(p->aside, entry), now_ms);
    }
    scoreboard_begin(&p->s->scoreboard, SCOREBOARD_RECORD, entry->data, entry->len);
    if (record_parse(entry->data, entry->len, &p->scratch, &rec) != RECORD_OK) {
        scoreboard_end(&p->s->scoreboard);
        return set_aside(p, entry, RECORD_NO_HEADER, now_ms);
    }
    pipeline_consume(p, &rec, entry->number, entry->extra);
    return true;
}

static bool run(struct pipeline *p, int64_t now_ms)
{
    struct segment_entry entry;
    bool more;

    if (now_ms < p->retry_ms)
        return false;
    more = take_settled(p, now_ms);
    for (unsigned i = 0; i < RUN_RECORDS && !p->caught_up && !p->stuck; i++) {
        uint64_t segment = p->cursor.segment;
        size_t offset = p->cursor.offset;
        int r;

        if (!deliver_has_room(p->s->deliver)) {
            more = false;
            break;
        }
        r = journal_cursor_read(p->s->journal, &p->cursor, &entry);
        if (r < 0) {
            log_error("%s/journal: cannot be read back: %s; check the disk", p->s->conf->state_dir,
                      err_text(r));
            return try_later(p, now_ms);
        }
        if (r == 0) {
            if (setaside_sync(p->aside, now_ms) < 0)
                return try_later(p, now_ms);
            p->caught_up = true;
            break;
        }
        if (!consume_entry(p, &entry, now_ms)) {
            p->cursor.offset = segment == p->cursor.segment ? offset : SEGMENT_HEADER;
            return false;
        }
        take_settled(p, now_ms);
        more = true;
    }
    return setaside_sync(p->aside, now_ms) < 0 ? try_later(p, now_ms) : more;
}

void pipeline_run(struct pipeline *p, int64_t now_ms)
{
    p->more = run(p, now_ms);
}

/* ---- what there is to do -------------------------------------------------------------------- */

bool pipeline_can_go_on(const struct pipeline *p, int64_t now_ms)
{
    return p->retry_ms <= now_ms &&
           (p->more || (!pipeline_waits(p) && deliver_has_room(p->s->deliver)));
}

int64_t pipeline_next_ms(const struct pipeline *p, int64_t now_ms, bool clock_runs)
{
    int64_t due_ms = group_next_ms(p->group);

    if (p->retry_ms > now_ms)
        return p->retry_ms;
    if (!p->caught_up || !clock_runs || !deliver_has_room(p->s->deliver) || due_ms == CLOCK_NEVER)
        return CLOCK_NEVER;
    return now_ms + (due_ms - p->clock->time_ms);
}

bool pipeline_waits(const struct pipeline *p)
{
    return p->caught_up && !p->stuck;
}

size_t pipeline_open_events(const struct pipeline *p)
{
    return group_open(p->group);
}

bool pipeline_is_empty(const struct pipeline *p)
{
    return pipeline_waits(p) && group_open(p->group) == 0;
}
