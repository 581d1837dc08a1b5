/* SPDX-License-Identifier: Apache-2.0 */
/* Right of the journal: records to events, events to documents, documents to deliver, outcomes
 * back to the journal. A record goes on from memory while the receiver keeps up; when it does not,
 * the pipeline stops and later reads on from the journal, so that memory stays flat. A start is
 * the same thing from the journal's beginning. */
#include "config.h"
#include "engine/pipeline.h"

#include <errno.h>
#include <linux/audit.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

#define RUN_RECORDS 512 /* read from the journal before rsyslog's pipe is looked at again */
#define RUN_EVENTS 512  /* settled in one go */

int64_t pipeline_clock(const struct engine *e)
{
    return e->caught_up ? e->input_ms : e->consumed_ms;
}

bool pipeline_direct(const struct engine *e)
{
    return e->caught_up && !e->stuck && deliver_has_room(e->deliver);
}

void pipeline_fall_behind(struct engine *e)
{
    if (!e->caught_up)
        return;
    journal_cursor_to_end(e->journal, &e->cursor);
    e->consumed_ms = e->input_ms;
    e->caught_up = false;
}

/* ---- from records to events ----------------------------------------------------------------- */

void pipeline_done_with(struct engine *e, const uint64_t *seqs, size_t n)
{
    journal_done(e->journal, seqs, n);
    if (e->window_logged && journal_has_room(e->journal) == 0) {
        log_notice("the journal's window has room again");
        e->window_logged = false;
    }
}

void pipeline_consume(struct engine *e, const struct record *rec, uint64_t seq, uint32_t cut)
{
    unsigned part = 1;

    e->consumed_number = seq;
    if (!group_has(e->group, rec)) {
        part = recent_parts(e->recent, recent_event_digest(e->recent, rec)) + 1;
        if (rec->type == AUDIT_EOE) { /* of an event that has settled: it says nothing new */
            e->stats.eoe_alone++;
            hand_put(&e->hand);
            pipeline_done_with(e, &seq, 1);
            return;
        }
    }
    group_add(e->group, rec, seq, cut, part, pipeline_clock(e));
    hand_put(&e->hand);
}

void pipeline_take_back(struct engine *e, const uint64_t *seqs, size_t n)
{
    CLEANUP_FREE uint64_t *out = mem_alloc(n * sizeof(*out));
    size_t n_out = group_take_out(e->group, seqs, n, out);

    for (size_t i = 0; i < n; i++)
        if (seqs[i] > e->consumed_number) /* the cursor steps over what is done */
            out[n_out++] = seqs[i];
    if (!n_out)
        return;
    qsort(out, n_out, sizeof(*out), pipeline_by_number);
    e->stats.repeats += n_out;
    pipeline_done_with(e, out, n_out);
}

static bool was_resumed(struct engine *e, uint64_t seq)
{
    if (!e->n_resumed)
        return false;
    if (seq > e->resumed[e->n_resumed - 1]) { /* the cursor is past them all */
        free(e->resumed);
        e->resumed = NULL;
        e->n_resumed = 0;
        return false;
    }
    return bsearch(&seq, e->resumed, e->n_resumed, sizeof(seq), pipeline_by_number) != NULL;
}

/* The dead letters can't be written: wait and try again. */
bool pipeline_dead_failed(struct engine *e, int error, int64_t now_ms)
{
    if (error != e->dead_error || now_ms >= e->dead_said_ms + DEAD_SAY_MS) {
        e->dead_said_ms = now_ms;
        log_error("%s/deadletter: %s: nothing goes on until it can be written", e->conf->state_dir,
                  err_text(error));
    }
    e->dead_error = error;
    e->retry_ms = now_ms + RETRY_MS;
    return false;
}

struct deadletter_key pipeline_dead_key(const struct engine *e, uint64_t seq, const char *line,
                                        size_t len)
{
    return deadletter_key_of_record(journal_seed_of(e->journal, seq), seq, line, len);
}

static bool set_aside_line(struct engine *e, const struct segment_entry *entry,
                           enum record_fault fault, int64_t now_ms)
{
    struct deadletter_entry dead = {
        .key = pipeline_dead_key(e, entry->number, entry->data, entry->len),
        .reason = record_fault_text(fault),
        .line = entry->data,
        .line_len = entry->len};
    uint64_t losses = deadletter_losses(e->dead);
    int r = deadletter_add(e->dead, &dead);

    if (e->n_set_aside == 0)
        e->dead_losses = losses;
    if (r < 0)
        return pipeline_dead_failed(e, r, now_ms);
    if (e->n_set_aside == e->set_aside_cap) {
        e->set_aside_cap = e->set_aside_cap ? e->set_aside_cap * 2 : 64;
        e->set_aside = mem_realloc_array(e->set_aside, e->set_aside_cap, sizeof(*e->set_aside));
    }
    e->set_aside[e->n_set_aside++] = entry->number;
    return true;
}

/* Why it is not consumed; a record's header is not read here. */
static enum record_fault entry_fault(const struct engine *e, const struct segment_entry *entry)
{
    if (entry->type == ENTRY_GARBAGE)
        return (enum record_fault)entry->extra;
    if (hand_was_condemned(&e->hand, HAND_LINE, entry->data, entry->len))
        return RECORD_POISON;
    return RECORD_NO_HEADER; /* written by a version that read headers otherwise */
}

/* A sync failed, so what was added since the last good one may be gone: it is added again, out of
 * the journal. */
static int add_again(void *ctx, const struct segment_entry *entry, bool done)
{
    struct engine *e = ctx;
    struct deadletter_entry dead = {.line = entry->data, .line_len = entry->len};

    if (done || (entry->type != ENTRY_GARBAGE && entry->type != ENTRY_RECORD))
        return 0;
    /* They were set aside in the journal's order. */
    if (!bsearch(&entry->number, e->set_aside, e->n_set_aside, sizeof(entry->number),
                 pipeline_by_number))
        return 0;
    dead.key = pipeline_dead_key(e, entry->number, entry->data, entry->len);
    dead.reason = record_fault_text(entry_fault(e, entry));
    return deadletter_add(e->dead, &dead);
}

static bool sync_set_aside(struct engine *e, int64_t now_ms)
{
    int r = 0;

    if (!e->n_set_aside)
        return true;
    if (e->add_again || deadletter_losses(e->dead) != e->dead_losses) {
        e->dead_losses = deadletter_losses(e->dead);
        r = journal_scan(e->journal, add_again, e);
    }
    if (r == 0)
        r = deadletter_sync(e->dead);
    if (r == 0 && deadletter_losses(e->dead) != e->dead_losses)
        r = -EIO;
    e->add_again = r < 0;
    if (r < 0)
        return pipeline_dead_failed(e, r, now_ms);
    pipeline_done_with(e, e->set_aside, e->n_set_aside);
    e->n_set_aside = 0;
    if (e->dead_error)
        log_notice("%s/deadletter: works again", e->conf->state_dir);
    e->dead_error = 0;
    return true;
}

/* Hand over what has settled while there is room. True: there may be more. It comes before the next
 * record, so that what belongs together depends on the input clock alone and a replay finds the
 * same events. */
static bool take_settled(struct engine *e, int64_t now_ms)
{
    for (unsigned i = 0; i < RUN_EVENTS; i++) {
        if (!deliver_has_room(e->deliver))
            return false;
        if (!e->stuck)
            e->stuck = group_take(e->group, pipeline_clock(e), e->input_ended && e->caught_up);
        if (!e->stuck)
            return false;
        if (!pipeline_emit(e, e->stuck, now_ms))
            return false;
        group_release(e->group, e->stuck);
        e->stuck = NULL;
    }
    return true;
}

void pipeline_settle(struct engine *e, int64_t now_ms)
{
    if (e->caught_up && now_ms >= e->retry_ms)
        take_settled(e, now_ms);
}

/* One entry out of the journal. False: it could not be dealt with now. */
static bool consume_entry(struct engine *e, const struct segment_entry *entry, int64_t now_ms)
{
    struct record rec;

    if (was_resumed(e, entry->number))
        return true;
    if (entry->arrival_ms > e->consumed_ms) {
        e->consumed_ms = entry->arrival_ms;
        take_settled(e, now_ms);
        if (e->stuck || !deliver_has_room(e->deliver))
            return false;
    }
    if (entry->type == ENTRY_GARBAGE ||
        hand_condemned(&e->hand, HAND_RECORD, entry->data, entry->len)) {
        e->stats.poison += entry->type == ENTRY_RECORD;
        return set_aside_line(e, entry, entry_fault(e, entry), now_ms);
    }
    hand_take(&e->hand, HAND_RECORD, entry->data, entry->len);
    if (record_parse(entry->data, entry->len, &e->scratch, &rec) != RECORD_OK) {
        hand_put(&e->hand);
        return set_aside_line(e, entry, RECORD_NO_HEADER, now_ms);
    }
    pipeline_consume(e, &rec, entry->number, entry->extra);
    return true;
}

bool pipeline_run(struct engine *e, int64_t now_ms)
{
    struct segment_entry entry;
    bool more;

    if (now_ms < e->retry_ms)
        return false;
    more = take_settled(e, now_ms);
    for (unsigned i = 0; i < RUN_RECORDS && !e->caught_up && !e->stuck; i++) {
        uint64_t segment = e->cursor.segment;
        size_t offset = e->cursor.offset;
        int r;

        if (!deliver_has_room(e->deliver)) {
            more = false;
            break;
        }
        r = journal_cursor_read(e->journal, &e->cursor, &entry);
        if (r < 0) {
            log_error("%s/journal: can't read it back: %s", e->conf->state_dir, err_text(r));
            e->retry_ms = now_ms + RETRY_MS;
            return false;
        }
        if (r == 0) {
            if (!sync_set_aside(e, now_ms))
                return false;
            e->caught_up = true;
            break;
        }
        if (!consume_entry(e, &entry, now_ms)) {
            e->cursor.offset = segment == e->cursor.segment ? offset : SEGMENT_HEADER;
            return false;
        }
        take_settled(e, now_ms);
        more = true;
    }
    return sync_set_aside(e, now_ms) && more;
}

bool pipeline_can_go_on(const struct engine *e)
{
    return (!e->caught_up || e->stuck) && deliver_has_room(e->deliver);
}

bool pipeline_idle(const struct engine *e)
{
    return e->caught_up && !e->stuck && group_open(e->group) == 0 && e->n_set_aside == 0 &&
           deliver_idle(e->deliver) && !requeue_can_go_on(e);
}

void pipeline_gauges(struct engine *e)
{
    struct deliver_counts counts = deliver_counts(e->deliver);
    struct deadletter_counts dead = deadletter_counts(e->dead);

    e->stats.requests = counts.requests;
    e->stats.retries = counts.retries;
    e->stats.splits = counts.splits;
    e->stats.receiver_up = deliver_receiver_up(e->deliver);
    e->stats.request_failures = counts.failures;
    e->stats.batches = counts.batches;
    e->stats.deadletters_held = dead.held;
    e->stats.deadletters_dropped = dead.dropped_entries;
    e->stats.open_events = group_open(e->group);
    e->stats.window_bytes = e->conf->window;
    e->stats.window_used = journal_bytes(e->journal);
    e->stats.undelivered_records = journal_undone(e->journal);
    e->stats.set_aside = journal_aside(e->journal);
}
