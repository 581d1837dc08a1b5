/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/resume.h"

#include <errno.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/numbers.h"
#include "engine/seal.h"

/* An event of a sealed batch. */
struct sealed {
    uint64_t batch_no;
    uint8_t part;
    uint8_t complete;
    char *mark;
    size_t mark_len;
    uint64_t n_marked; /* records, of which */
    uint64_t *seqs;    /* the journal can still have these */
    size_t n;
    /* filled by the second reading */
    char **lines;
    size_t *lens;
    uint32_t *cuts;
    size_t n_found;
};

struct place {
    uint64_t seq;
    size_t event;
    size_t line;
};

struct resume {
    struct stores *st;
    struct emitter *emitter;
    bool marks_whole;
    struct buf scratch; /* canonical text of the line being processed */
    struct resumed *ret;
    struct sealed *events;
    size_t n_events, cap;
    struct place *places; /* sorted by seq */
    size_t n_places;
    uint64_t next_batch;
    struct journal_numbers numbers;
    uint64_t room; /* for numbers in marks: a range is a few bytes, whatever its length */
    bool no_room;
};

/* ---- first reading: digests, and which batches were sealed ---------------------------------- */

struct adding {
    struct resume *rs;
    struct sealed *event;
};

static int add_seqs(void *ctx, uint64_t first, uint64_t count)
{
    struct resume *rs = ((struct adding *)ctx)->rs;
    struct sealed *s = ((struct adding *)ctx)->event;
    uint64_t from = first > rs->numbers.first ? first : rs->numbers.first;
    uint64_t end = first + count < rs->numbers.next ? first + count : rs->numbers.next;

    s->n_marked += count;
    if (from >= end)
        return 0;
    if (end - from > rs->room) {
        rs->no_room = true;
        return -EBADMSG;
    }
    rs->room -= end - from;
    s->seqs = mem_realloc_array(s->seqs, s->n + (size_t)(end - from), sizeof(*s->seqs));
    for (; from < end; from++)
        s->seqs[s->n++] = from;
    return 0;
}

static void read_seal(struct resume *rs, const struct segment_entry *entry)
{
    struct marks_reader r = {(const unsigned char *)entry->data,
                             (const unsigned char *)entry->data + entry->len};
    struct seal_recent seen = {.n = 0};

    if (entry->number >= rs->next_batch)
        rs->next_batch = entry->number + 1;
    while (r.p < r.end) {
        struct sealed s = {.batch_no = entry->number};
        struct adding adding = {rs, &s};
        struct seal_event ev;

        if (seal_get(&r, &seen, &ev, add_seqs, &adding) != 0 || s.n_marked == 0) {
            free(s.seqs);
            return; /* its records are not skipped, so they are sent in other batches */
        }
        if (s.n == 0) /* done with, and gone */
            continue;
        s.part = ev.part;
        s.complete = ev.complete;
        s.mark = mem_strndup(ev.mark ? ev.mark : "", ev.mark_len);
        s.mark_len = ev.mark_len;
        if (rs->n_events == rs->cap) {
            rs->cap = rs->cap ? rs->cap * 2 : 256;
            rs->events = mem_realloc_array(rs->events, rs->cap, sizeof(*rs->events));
        }
        rs->events[rs->n_events++] = s;
    }
}

static int first_reading(void *ctx, const struct segment_entry *entry, bool done)
{
    struct resume *rs = ctx;
    struct stores *st = rs->st;
    struct record rec;

    if (entry->type == ENTRY_SEAL) {
        read_seal(rs, entry);
        return 0;
    }
    if (entry->type != ENTRY_RECORD && entry->type != ENTRY_GARBAGE)
        return 0;
    if (entry->arrival_ms > rs->ret->arrival_ms)
        rs->ret->arrival_ms = entry->arrival_ms;
    if (entry->type != ENTRY_RECORD ||
        scoreboard_is_poison(&st->scoreboard, SCOREBOARD_REREAD, entry->data, entry->len))
        return 0;
    scoreboard_begin(&st->scoreboard, SCOREBOARD_REREAD, entry->data, entry->len);
    if (record_parse(entry->data, entry->len, &rs->scratch, &rec) == RECORD_OK) {
        uint64_t segment = journal_segment_of(st->journal, entry->number);

        recent_replay(st->recent, recent_record_digest(st->recent, &rec), segment);
        /* An end record alone is done with at once; it says nothing of its event. Without all SEALs
         * each record may have been a part of its own: a further part must not get the id of one
         * that was sent. */
        if (done && rec.type != AUDIT_EOE) {
            uint64_t event = recent_event_digest(st->recent, &rec);
            unsigned parts = recent_parts(st->recent, event);

            if (parts == 0 || !rs->marks_whole)
                recent_add_part(st->recent, event, parts + 1, segment);
        }
    }
    scoreboard_end(&st->scoreboard);
    return 0;
}

/* ---- second reading: the lines of unfinished batches, the parts of finished ones ------------ */

static int by_seq(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static int second_reading(void *ctx, const struct segment_entry *entry, bool done)
{
    struct resume *rs = ctx;
    struct place key = {.seq = entry->number}, *p;
    struct sealed *s;
    struct record rec;

    if (entry->type != ENTRY_RECORD)
        return 0;
    p = bsearch(&key, rs->places, rs->n_places, sizeof(*rs->places), by_seq);
    if (!p)
        return 0;
    s = &rs->events[p->event];
    if (done) { /* the first reading took it for the only part of its event */
        if (s->part > 1 && record_parse(entry->data, entry->len, &rs->scratch, &rec) == RECORD_OK)
            recent_add_part(rs->st->recent, recent_event_digest(rs->st->recent, &rec), s->part,
                            journal_segment_of(rs->st->journal, entry->number));
        return 0;
    }
    s->lines[p->line] = mem_strndup(entry->data, entry->len);
    s->lens[p->line] = entry->len;
    s->cuts[p->line] = entry->extra;
    s->n_found++;
    return 0;
}

static void sealed_done(struct sealed *s)
{
    for (size_t i = 0; s->lines && i < s->n; i++)
        free(s->lines[i]);
    free(s->lines);
    free(s->lens);
    free(s->cuts);
    free(s->mark);
    free(s->seqs);
}

/* An index over the records of events that are not finished, and room for their lines. */
static void make_places(struct resume *rs)
{
    size_t total = 0;

    for (size_t i = 0; i < rs->n_events; i++)
        total += rs->events[i].n;
    rs->places = mem_alloc(total * sizeof(*rs->places));
    for (size_t i = 0; i < rs->n_events; i++) {
        struct sealed *s = &rs->events[i];

        s->lines = mem_calloc(s->n, sizeof(*s->lines));
        s->lens = mem_calloc(s->n, sizeof(*s->lens));
        s->cuts = mem_calloc(s->n, sizeof(*s->cuts));
        for (size_t k = 0; k < s->n; k++)
            rs->places[rs->n_places++] = (struct place){s->seqs[k], i, k};
    }
    qsort(rs->places, rs->n_places, sizeof(*rs->places), by_seq);
}

/* ---- making them again ---------------------------------------------------------------------- */

/* The cursor will step over its records. */
static void skip(struct resumed *ret, const struct sealed *s)
{
    ret->seqs = mem_realloc_array(ret->seqs, ret->n + s->n, sizeof(*ret->seqs));
    memcpy(ret->seqs + ret->n, s->seqs, s->n * sizeof(*s->seqs));
    ret->n += s->n;
}

/* After a loss of power a number in a mark can be that of another record: the mark had reached the
 * disk, the record had not, and the number was given out again. */
static bool same_event(const struct record *rec, const struct event_source *src)
{
    return rec->serial == src->serial && rec->sec == src->sec && rec->ms == src->ms &&
           rec->node_len == src->node_len &&
           (rec->node_len == 0 || memcmp(rec->node, src->node, rec->node_len) == 0);
}

static void make_event(struct resume *rs, const struct sealed *s)
{
    struct stores *st = rs->st;
    struct event_line *lines = mem_calloc(s->n, sizeof(*lines));
    struct event_lineage lineage = {.n = 0};
    struct event_source src = {.part = s->part ? s->part : 1,
                               .complete = (enum event_complete)s->complete,
                               .lines = lines,
                               .n_lines = s->n,
                               .lineage = &lineage};
    struct record rec;
    bool good = true;

    (void)seal_get_lineage(s->mark, s->mark_len, &lineage);
    for (size_t i = 0; i < s->n; i++) {
        good = !scoreboard_is_poison(&st->scoreboard, SCOREBOARD_RESUMED, s->lines[i], s->lens[i]);
        if (!good)
            break;
        scoreboard_begin(&st->scoreboard, SCOREBOARD_RESUMED, s->lines[i], s->lens[i]);
        good = record_parse(s->lines[i], s->lens[i], &rs->scratch, &rec) == RECORD_OK &&
               rec.line == s->lines[i] && (i == 0 || same_event(&rec, &src));
        scoreboard_end(&st->scoreboard);
        if (!good)
            break;
        src.node = rec.node;
        src.node_len = rec.node_len;
        src.sec = rec.sec;
        src.ms = rec.ms;
        src.serial = rec.serial;
        /* A journalled line is canonical: the parsed one is the line itself. */
        lines[i] = (struct event_line){.line = s->lines[i],
                                       .len = s->lens[i],
                                       .body = rec.body,
                                       .raw_len = rec.raw_len,
                                       .type = rec.type};
        cutoff_count(s->cuts[i], &src.cut_bytes, &src.cut_before);
    }
    /* Otherwise its records are not skipped: the index finds out where they belong. */
    if (good) {
        recent_add_part(st->recent, recent_event_digest(st->recent, &rec), src.part,
                        journal_segment_of(st->journal, s->seqs[0]));
        if (emit_resumed(rs->emitter, &src, s->seqs))
            skip(rs->ret, s);
    }
    free(lines);
}

static void make_batches(struct resume *rs)
{
    struct stores *st = rs->st;
    uint64_t batch = 0;
    size_t made = 0;

    for (size_t i = 0; i < rs->n_events; i++) {
        struct sealed *s = &rs->events[i];

        /* Done, or lost to damage: what is left of it goes its own way. */
        if (s->n != s->n_marked || s->n_found != s->n)
            continue;
        if (made == 0 || s->batch_no != batch) {
            if (made)
                deliver_resume_end(st->deliver);
            batch = s->batch_no;
            deliver_resume_begin(st->deliver, batch);
        }
        made++;
        make_event(rs, s);
    }
    if (made) {
        deliver_resume_end(st->deliver);
        log_info("sending %zu events of unfinished batches again, with the same ids", made);
    }
    numbers_sort(rs->ret->seqs, rs->ret->n);
}

/* What rsyslog had no answer to. */
static void set_unanswered(struct stores *st)
{
    struct scoreboard_unanswered unanswered = scoreboard_unanswered(&st->scoreboard);

    if (unanswered.number == 0 || unanswered.number < journal_next_number(st->journal))
        recent_set_unanswered(st->recent, (size_t)unanswered.n, unanswered.digest);
}

int resume_run(struct stores *st, struct emitter *em, bool marks_whole, struct resumed *ret)
{
    struct resume rs = {.st = st,
                        .emitter = em,
                        .marks_whole = marks_whole,
                        .scratch = BUF_INIT(stores_line_max(st)),
                        .ret = ret,
                        .next_batch = 1,
                        .numbers = journal_numbers(st->journal)};
    int r;

    *ret = (struct resumed){.seqs = NULL};
    /* A record belongs to one event; to one more of a later batch when that could not be made
     * again. More than that is nothing of ours. */
    rs.room = rs.numbers.records * 2;
    r = journal_scan(st->journal, first_reading, &rs);
    if (rs.no_room)
        log_error("%s/journal: a batch names more records than exist; building its events again",
                  st->conf->state_dir);
    if (r == 0 && rs.n_events) {
        make_places(&rs);
        r = journal_scan(st->journal, second_reading, &rs);
    }
    if (r == 0) {
        set_unanswered(st);
        if (rs.n_events)
            make_batches(&rs);
        deliver_set_next_batch(st->deliver, rs.next_batch);
        journal_trim(st->journal);
    } else {
        log_error("%s/journal: cannot be read back: %s; check the disk", st->conf->state_dir,
                  err_text(r));
    }
    for (size_t i = 0; i < rs.n_events; i++)
        sealed_done(&rs.events[i]);
    free(rs.events);
    free(rs.places);
    buf_done(&rs.scratch);
    return r;
}
