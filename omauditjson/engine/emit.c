/* SPDX-License-Identifier: Apache-2.0 */
/* Events out of the index into documents for deliver, and deliver's outcomes back to the journal.
 */
#include "config.h"
#include "engine/pipeline.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"

#define BATCH_KEY_ID 400 /* bytes of an id that tell it apart */

/* What names an event for journal/hand.h. */
struct event_key {
    int64_t sec;
    uint64_t serial;
    uint32_t ms;
    uint32_t node_len;
    char node[RECORD_NODE_MAX];
};

static size_t event_key(const struct event_source *src, struct event_key *key)
{
    size_t n = src->node_len < sizeof(key->node) ? src->node_len : sizeof(key->node);

    key->sec = src->sec;
    key->serial = src->serial;
    key->ms = src->ms;
    key->node_len = (uint32_t)n;
    if (n)
        memcpy(key->node, src->node, n);
    return offsetof(struct event_key, node) + n;
}

void pipeline_name_event(const char *text, char out[PIPELINE_NAME_SIZE])
{
    struct event_key key;

    memcpy(&key, text, offsetof(struct event_key, node));
    snprintf(out, PIPELINE_NAME_SIZE, "event %lld.%03u:%llu", (long long)key.sec, key.ms,
             (unsigned long long)key.serial);
}

/* An event that can't be made into a document is kept as its lines. */
static bool set_aside_event(struct engine *e, const struct group_event *ev, const char *reason,
                            int64_t now_ms)
{
    struct deadletter_entry dead = {.reason = reason};
    uint64_t losses = deadletter_losses(e->dead);
    int r = 0;

    for (size_t i = 0; i < ev->n_lines && r == 0; i++) {
        dead.line = ev->text + ev->lines[i].offset;
        dead.line_len = ev->lines[i].len;
        dead.key = pipeline_dead_key(e, ev->lines[i].seq, dead.line, dead.line_len);
        r = deadletter_add(e->dead, &dead);
    }
    if (r == 0)
        r = deadletter_sync(e->dead);
    if (r == 0 && deadletter_losses(e->dead) != losses)
        r = -EIO;
    if (r < 0)
        return pipeline_dead_failed(e, r, now_ms);
    e->stats.rejected++;
    return true;
}

static void settled(struct engine *e, const struct group_event *ev)
{
    struct record rec = group_key(ev);

    recent_add_part(e->recent, recent_event_digest(e->recent, &rec), ev->part,
                    journal_segment_of(e->journal, ev->lines[0].seq));
    e->stats.events++;
    e->stats.events_late += ev->part > 1;
    e->stats.events_by_timeout += ev->complete == EVENT_BY_TIMEOUT;
    e->stats.events_by_limit += ev->complete == EVENT_BY_LIMIT;
}

static void fill_seqs(struct engine *e, const struct group_event *ev)
{
    if (ev->n_lines > e->seqs_cap) {
        e->seqs_cap = ev->n_lines * 2;
        e->seqs = mem_realloc_array(e->seqs, e->seqs_cap, sizeof(*e->seqs));
    }
    for (size_t i = 0; i < ev->n_lines; i++)
        e->seqs[i] = ev->lines[i].seq;
}

/* The event's document in e->doc and out; out borrows from e. An event of a former life
 * brings its lineage, any other points to e->lineage, which is filled here. */
enum pipeline_made pipeline_make_document(struct engine *e, const struct event_source *src,
                                          struct deliver_event *out)
{
    const struct event *parsed;
    struct event_key key;
    size_t key_len = event_key(src, &key);
    int r;

    if (hand_condemned(&e->hand, HAND_EVENT, &key, key_len))
        return PIPELINE_MADE_POISON;
    hand_take(&e->hand, HAND_EVENT, &key, key_len);
    e->doc.len = 0;
    e->mark.len = 0;
    r = parse_event(e->parser, src, &parsed);
    if (r == 0) {
        lineage_take(e->processes, parsed, &e->lineage);
        if (src->lineage == &e->lineage)
            (void)seal_put_lineage(&e->mark, &e->lineage); /* it has room for the longest */
        r = format_write(e->format, parsed, &e->doc);
    }
    if (r != 0)
        return r > 0 ? PIPELINE_MADE_NOTHING : PIPELINE_MADE_TROUBLE;
    *out = (struct deliver_event){.doc = e->doc.data,
                                  .doc_len = e->doc.len,
                                  .part = (uint8_t)(src->part < 255 ? src->part : 255),
                                  .complete = (uint8_t)src->complete,
                                  .mark = e->mark.data,
                                  .mark_len = e->mark.len};
    out->id = format_written_id(e->format, &out->id_len);
    return PIPELINE_MADE_DOCUMENT;
}

/* It is in the dead letters: what may still come of this event is judged anew. */
static void forget_poison(struct engine *e, const struct event_source *src)
{
    struct event_key key;
    size_t len = event_key(src, &key);
    char name[PIPELINE_NAME_SIZE];

    hand_forget(&e->hand, HAND_EVENT, &key, len);
    pipeline_name_event((const char *)&key, name);
    log_error("%s: set aside (dead letters): the process died twice while handling it", name);
}

bool pipeline_emit(struct engine *e, const struct group_event *ev, int64_t now_ms)
{
    struct event_source src;
    struct deliver_event out;

    if (ev->n_lines > e->lines_cap) {
        e->lines_cap = ev->n_lines * 2;
        e->lines = mem_realloc_array(e->lines, e->lines_cap, sizeof(*e->lines));
    }
    group_source(ev, e->lines, &src);
    src.lineage = &e->lineage;
    fill_seqs(e, ev);
    switch (pipeline_make_document(e, &src, &out)) {
    case PIPELINE_MADE_DOCUMENT:
        out.seqs = e->seqs;
        out.n_seqs = ev->n_lines;
        settled(e, ev);
        deliver_add(e->deliver, &out, now_ms);
        hand_put(&e->hand);
        break;
    case PIPELINE_MADE_NOTHING:
        hand_put(&e->hand);
        settled(e, ev);
        e->stats.events_filtered++;
        pipeline_done_with(e, e->seqs, ev->n_lines);
        break;
    case PIPELINE_MADE_POISON:
        if (!set_aside_event(e, ev, "the process died twice while handling this event", now_ms))
            return false;
        e->stats.poison++;
        settled(e, ev);
        pipeline_done_with(e, e->seqs, ev->n_lines);
        forget_poison(e, &src);
        break;
    case PIPELINE_MADE_TROUBLE:
        hand_put(&e->hand);
        if (!set_aside_event(e, ev, "the event could not be written as a document", now_ms))
            return false;
        settled(e, ev);
        pipeline_done_with(e, e->seqs, ev->n_lines);
        break;
    }
    buf_reset(&e->doc, PIPELINE_DOC_KEEP);
    return true;
}

/* ---- outcomes, back to the journal ---------------------------------------------------------- */

#define SEAL_ENTRY ((size_t)64 << 10) /* a larger make-up is told in several entries */

static int write_seal(struct engine *e, uint64_t batch_no, size_t upto)
{
    int r = e->seal.len ? journal_seal(e->journal, batch_no, e->seal.data, e->seal.len) : 0;

    if (r < 0)
        e->stats.journal_errors++;
    else
        e->n_sealed = upto;
    e->seal.len = 0;
    return r;
}

/* SEAL marks: what a former life of a batch looked like, so that a repeat is the same bytes. When
 * the journal says no in the middle, the next call goes on where it said so. */
int pipeline_on_sealed(void *ctx, uint64_t batch_no, const struct deliver_event *events, size_t n)
{
    struct engine *e = ctx;
    struct seal_recent seen = {.n = 0};
    int r = 0;

    if (batch_no != e->sealing) {
        e->sealing = batch_no;
        e->n_sealed = 0;
    }
    e->seal.len = 0;
    for (size_t i = e->n_sealed; i < n && r == 0; i++) {
        size_t before = e->seal.len;

        if (!events[i].n_seqs) /* requeue.c's: kept in a file of their own */
            continue;
        if (before >= SEAL_ENTRY || seal_put(&e->seal, &seen, &events[i]) < 0) {
            buf_truncate(&e->seal, before);
            r = write_seal(e, batch_no, i);
            seen.n = 0;
            /* One that is too scattered for an entry of its own would be batched anew. */
            if (r == 0 && seal_put(&e->seal, &seen, &events[i]) < 0) {
                e->seal.len = 0;
                seen.n = 0;
            }
        }
    }
    if (r == 0)
        r = write_seal(e, batch_no, n);
    buf_reset(&e->seal, PIPELINE_DOC_KEEP);
    return r;
}

int pipeline_by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* Few ranges in the mark, though events were interleaved; mostly they were not. */
static void sort(uint64_t *seqs, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (seqs[i] < seqs[i - 1]) {
            qsort(seqs, n, sizeof(*seqs), pipeline_by_number);
            return;
        }
    }
}

/* What names a batch for journal/hand.h. */
struct batch_key {
    uint64_t n_events;
    uint32_t compress;
    uint32_t first_len;
    char ids[2 * BATCH_KEY_ID]; /* of the first event and of the last */
};

static size_t batch_key(const struct deliver_event *events, size_t n, bool compress,
                        struct batch_key *key)
{
    const struct deliver_event *last = &events[n - 1];
    size_t a = events->id_len < BATCH_KEY_ID ? events->id_len : BATCH_KEY_ID;
    size_t b = last->id_len < BATCH_KEY_ID ? last->id_len : BATCH_KEY_ID;

    key->n_events = n;
    key->compress = compress;
    key->first_len = (uint32_t)a;
    memcpy(key->ids, events->id, a);
    memcpy(key->ids + a, last->id, b);
    return offsetof(struct batch_key, ids) + a + b;
}

void pipeline_name_batch(const char *text, char *out, size_t size)
{
    struct batch_key key;

    memcpy(&key, text, sizeof(key));
    snprintf(out, size, "a batch of %llu events from %.*s on", (unsigned long long)key.n_events,
             key.first_len < BATCH_KEY_ID ? (int)key.first_len : 0, key.ids);
}

bool pipeline_on_sending(void *ctx, const struct deliver_event *events, size_t n, bool compress)
{
    struct engine *e = ctx;
    struct batch_key key;
    size_t len = batch_key(events, n, compress, &key);

    if (hand_condemned(&e->hand, HAND_BATCH, &key, len)) {
        log_error("the process died twice while %s %zu events from %.*s on: now they go %s",
                  compress ? "compressing" : "sending", n, (int)key.first_len, key.ids,
                  compress ? "uncompressed"
                  : n > 1  ? "one by one"
                           : "to the dead letters");
        return false;
    }
    hand_take(&e->hand, HAND_BATCH, &key, len);
    return true;
}

void pipeline_on_sent(void *ctx)
{
    struct engine *e = ctx;

    hand_put(&e->hand);
}

/* What it died of is of no use any more; requeued, it is judged anew. */
static void forget_batch(struct engine *e, const struct deliver_event *events, size_t n,
                         enum deliver_how how)
{
    struct batch_key key;
    size_t len = batch_key(events, n, false, &key);

    e->stats.poison +=
        how == DELIVER_REJECTED && hand_was_condemned(&e->hand, HAND_BATCH, &key, len);
    hand_forget(&e->hand, HAND_BATCH, &key, len);
    len = batch_key(events, n, true, &key);
    hand_forget(&e->hand, HAND_BATCH, &key, len);
}

void pipeline_on_done(void *ctx, const struct deliver_event *events, size_t n, enum deliver_how how)
{
    struct engine *e = ctx;
    size_t total = 0, at = 0;
    CLEANUP_FREE uint64_t *seqs = NULL;

    for (size_t i = 0; i < n; i++) {
        total += events[i].n_seqs;
        e->done_bytes += events[i].doc_len;
    }
    seqs = mem_alloc(total * sizeof(*seqs));
    for (size_t i = 0; i < n; i++) {
        memcpy(seqs + at, events[i].seqs, events[i].n_seqs * sizeof(*seqs));
        at += events[i].n_seqs;
    }
    if (how == DELIVER_DELIVERED)
        e->stats.delivered += n;
    else
        e->stats.rejected += n;
    if (e->hand.n_suspects)
        forget_batch(e, events, n, how);
    sort(seqs, total);
    requeue_done(e, events, n);
    if (total)
        pipeline_done_with(e, seqs, total);
}

/* What the segments held is remembered by digest. */
void pipeline_on_removing(void *ctx, uint64_t segment)
{
    struct engine *e = ctx;

    (void)recent_save(e->recent, segment); /* costs recognition of repeats, no data */
}
