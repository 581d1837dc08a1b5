/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/emit.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/workitem.h"
#include "engine/seal.h"
#include "event/lineage.h"
#include "event/parse.h"
#include "format/format.h"

#define DOC_AROUND (128u << 10) /* message_before and message_after */
#define DOC_KEEP (256u << 10)   /* scratch beyond this is given back */

struct emitter {
    struct stores *s;
    struct setaside *aside;
    struct parser *parser;
    struct format *format;
    struct lineage *processes;
    struct event_lineage lineage; /* of the event being processed */
    struct buf doc;
    struct buf mark;          /* the lineage, for its batch's SEAL */
    struct event_line *lines; /* scratch for group_source() */
    size_t lines_cap;
    uint64_t *seqs;
    size_t seqs_cap;
};

enum made {
    EMIT_DOCUMENT,
    EMIT_UNWANTED, /* it is outside `events` */
    EMIT_FAILED,
    EMIT_POISON, /* not touched: we died of it twice */
};

struct emitter *emit_new(struct stores *s, struct setaside *sa)
{
    struct emitter *em = mem_calloc(1, sizeof(*em));

    em->s = s;
    em->aside = sa;
    em->doc = BUF_INIT(s->conf->max_event + DOC_AROUND);
    em->mark = BUF_INIT(SEAL_MARK_MAX);
    em->processes = lineage_new(s->conf->processes);
    em->parser = parser_new();
    em->format = format_new(s->conf);
    return em;
}

void emit_free(struct emitter *em)
{
    if (!em)
        return;
    format_free(em->format);
    parser_free(em->parser);
    lineage_free(em->processes);
    buf_done(&em->doc);
    buf_done(&em->mark);
    free(em->lines);
    free(em->seqs);
    free(em);
}

void emit_reconfigure(struct emitter *em)
{
    const struct conf *conf = em->s->conf;

    format_free(em->format);
    em->format = format_new(conf);
    if (lineage_size(em->processes) != conf->processes) {
        lineage_free(em->processes);
        em->processes = lineage_new(conf->processes);
    }
    em->doc.max = conf->max_event + DOC_AROUND;
}

static void settled(struct emitter *em, const struct group_event *ev)
{
    struct record rec = group_key(ev);

    recent_add_part(em->s->recent, recent_event_digest(em->s->recent, &rec), ev->part,
                    journal_segment_of(em->s->journal, ev->lines[0].seq));
    em->s->stats.events++;
    em->s->stats.events_late += ev->part > 1;
    em->s->stats.events_by_timeout += ev->complete == EVENT_BY_TIMEOUT;
    em->s->stats.events_by_limit += ev->complete == EVENT_BY_LIMIT;
}

static void fill_seqs(struct emitter *em, const struct group_event *ev)
{
    if (ev->n_lines > em->seqs_cap) {
        em->seqs_cap = ev->n_lines * 2;
        em->seqs = mem_realloc_array(em->seqs, em->seqs_cap, sizeof(*em->seqs));
    }
    for (size_t i = 0; i < ev->n_lines; i++)
        em->seqs[i] = ev->lines[i].seq;
}

/* The event's document in em->doc and out; out borrows from em. An event of a former life brings
 * its lineage, any other points to em->lineage, which is filled here and goes into out->mark.
 * Afterwards the event is in process, until scoreboard_end(). */
static enum made make_document(struct emitter *em, const struct event_source *src,
                               struct deliver_event *out)
{
    const struct event *parsed;
    struct workitem_event key;
    size_t key_len = workitem_event(src, &key);
    int r;

    if (scoreboard_is_poison(&em->s->scoreboard, SCOREBOARD_EVENT, &key, key_len))
        return EMIT_POISON;
    scoreboard_begin(&em->s->scoreboard, SCOREBOARD_EVENT, &key, key_len);
    em->doc.len = 0;
    em->mark.len = 0;
    r = parse_event(em->parser, src, &parsed);
    if (r == 0) {
        lineage_take(em->processes, parsed, &em->lineage);
        if (src->lineage == &em->lineage)
            (void)seal_put_lineage(&em->mark, &em->lineage); /* it has room for the longest */
        r = format_write(em->format, parsed, &em->doc);
    }
    if (r != 0)
        return r > 0 ? EMIT_UNWANTED : EMIT_FAILED;
    *out = (struct deliver_event){.doc = em->doc.data,
                                  .doc_len = em->doc.len,
                                  .part = (uint8_t)(src->part < 255 ? src->part : 255),
                                  .complete = (uint8_t)src->complete,
                                  .mark = em->mark.data,
                                  .mark_len = em->mark.len};
    out->id = format_written_id(em->format, &out->id_len);
    return EMIT_DOCUMENT;
}

/* It is in the dead letters: what may still come of this event is judged anew. */
static void forget_poison(struct emitter *em, const struct event_source *src)
{
    struct workitem_event key;
    size_t len = workitem_event(src, &key);
    char name[WORKITEM_NAME_SIZE];

    scoreboard_forget(&em->s->scoreboard, SCOREBOARD_EVENT, &key, len);
    workitem_name_event((const char *)&key, name);
    log_error(
        "%s quarantined: the process died twice while processing it; see omauditjson deadletter",
        name);
}

bool emit_event(struct emitter *em, const struct group_event *ev, int64_t now_ms)
{
    struct event_source src;
    struct deliver_event out;

    if (ev->n_lines > em->lines_cap) {
        em->lines_cap = ev->n_lines * 2;
        em->lines = mem_realloc_array(em->lines, em->lines_cap, sizeof(*em->lines));
    }
    group_source(ev, em->lines, &src);
    src.lineage = &em->lineage;
    fill_seqs(em, ev);
    switch (make_document(em, &src, &out)) {
    case EMIT_DOCUMENT:
        out.seqs = em->seqs;
        out.n_seqs = ev->n_lines;
        settled(em, ev);
        deliver_add(em->s->deliver, &out, now_ms);
        scoreboard_end(&em->s->scoreboard);
        break;
    case EMIT_UNWANTED:
        scoreboard_end(&em->s->scoreboard);
        settled(em, ev);
        em->s->stats.events_filtered++;
        stores_done_with(em->s, em->seqs, ev->n_lines);
        break;
    case EMIT_POISON:
        if (setaside_event(em->aside, ev, "the process died twice while handling this event",
                           now_ms) < 0)
            return false;
        em->s->stats.poison++;
        settled(em, ev);
        stores_done_with(em->s, em->seqs, ev->n_lines);
        forget_poison(em, &src);
        break;
    case EMIT_FAILED:
        scoreboard_end(&em->s->scoreboard);
        if (setaside_event(em->aside, ev, "the event could not be written as a document", now_ms) <
            0)
            return false;
        settled(em, ev);
        stores_done_with(em->s, em->seqs, ev->n_lines);
        break;
    }
    buf_reset(&em->doc, DOC_KEEP);
    return true;
}

bool emit_resumed(struct emitter *em, const struct event_source *src, const uint64_t *seqs)
{
    struct deliver_event out;
    bool made = make_document(em, src, &out) == EMIT_DOCUMENT;

    if (made) {
        out.seqs = seqs;
        out.n_seqs = src->n_lines;
        deliver_resume_add(em->s->deliver, &out);
    } else {
        log_error("cannot write an event of an unfinished batch as a document; reading its records "
                  "again");
    }
    scoreboard_end(&em->s->scoreboard);
    return made;
}
