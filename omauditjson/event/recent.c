/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "event/recent.h"

#include <libaudit.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"
#include "event/group.h"
#include "event/recent_internal.h"
#include "input/record.h"

/* A stretch is proven by so many records, each event that ended in it counting as some more. */
#define PROOF_RECORDS 16u
#define PROOF_WEIGHT 96u
#define END_WEIGHT 16u
/* One that a new rsyslogd begins with, and that goes on to the end of memory. */
#define PROOF_RECORDS_AT_END 4u
#define PROOF_ENDS_AT_END 2u
/* Other lines between two of a stretch's: a second worker's, another file's. */
#define STRETCH_GAP 64u

_Static_assert(STRETCH_ENDS *END_WEIGHT >= PROOF_WEIGHT, "room for what can count");
_Static_assert(STRETCH_CANDIDATES >= PROOF_WEIGHT, "room for all that can be uncertain");

struct recent *recent_new(size_t records, size_t events)
{
    struct recent *r = mem_calloc(1, sizeof(*r));

    ring_init(&r->records, records);
    ring_init(&r->events, events);
    r->fd = -1;
    if (getrandom(&r->seed, sizeof(r->seed), 0) != (ssize_t)sizeof(r->seed))
        r->seed = (uint64_t)(uintptr_t)r;
    return r;
}

void recent_free(struct recent *r)
{
    if (!r)
        return;
    ring_done(&r->records);
    ring_done(&r->events);
    if (r->fd >= 0)
        close(r->fd);
    free(r);
}

uint64_t recent_digest(const struct recent *r, const char *data, size_t len)
{
    return XXH3_64bits_withSeed(data, len, r->seed);
}

uint64_t recent_record_digest(const struct recent *r, const struct record *rec)
{
    return recent_digest(r, rec->line, rec->raw_len);
}

uint64_t recent_event_digest(const struct recent *r, const struct record *rec)
{
    uint64_t key[4] = {(uint64_t)rec->sec, rec->ms, rec->serial, 0};

    key[3] = rec->node_len ? XXH3_64bits_withSeed(rec->node, rec->node_len, r->seed) : 0;
    /* Not the low bits: they carry the part in the file. */
    return XXH3_64bits_withSeed(key, sizeof(key), r->seed) & ~PART_MASK;
}

static const struct ring_item *older_known(const struct recent *r, const struct ring_item *it)
{
    do
        it = ring_find_older(&r->records, it);
    while (it && it->count & RECENT_VOID);
    return it;
}

/* The youngest that is there, or NULL. */
static const struct ring_item *known(const struct recent *r, uint64_t digest)
{
    const struct ring_item *it = ring_find(&r->records, digest);

    return it && it->count & RECENT_VOID ? older_known(r, it) : it;
}

/* Has memory this one of its kind alone? */
static bool is_only(const struct recent *r, const struct ring_item *it)
{
    return known(r, ring_digest(it)) == it && !older_known(r, it);
}

/* ---- stretches ------------------------------------------------------------------------------ */

static bool ends_event(const struct record *rec)
{
    return rec->type == AUDIT_EOE || rec->type == AUDIT_PROCTITLE || group_type_is_alone(rec->type);
}

/* Does it still wait for a line? */
static bool lives(const struct recent *r, const struct stretch *s)
{
    return s->next < s->end && s->next >= ring_oldest(&r->records) &&
           r->lines - s->at <= STRETCH_GAP;
}

static bool waits_for(const struct recent *r, const struct stretch *s, uint64_t digest)
{
    return lives(r, s) && ring_digest(ring_at(&r->records, s->next)) == digest;
}

static void go_on(struct recent *r, struct stretch *s)
{
    s->at = r->lines;
    do
        s->next++;
    while (s->next < s->end && ring_at(&r->records, s->next)->count & RECENT_VOID);
}

/* The record it waits for has come. It speaks for a repeat when memory has no other one: a log with
 * many equal ones follows any stretch of these sooner or later. */
static void count(const struct recent *r, struct stretch *s, const struct record *rec, bool only)
{
    uint64_t event;

    s->unequal &= only;
    if (!only)
        return;
    s->records++;
    if (!ends_event(rec) || s->n_ends == STRETCH_ENDS)
        return;
    event = recent_event_digest(r, rec);
    for (unsigned i = 0; i < s->n_ends; i++)
        if (s->ends[i] == event)
            return;
    s->ends[s->n_ends++] = event;
}

/* What was stored of it is not there. */
static void prove(struct recent *r, struct stretch *s)
{
    s->proven = true;
    for (unsigned i = 0; i < s->n_candidates; i++) {
        struct ring_item *it = ring_at(&r->records, s->candidates[i].place);

        if (it->count & RECENT_VOID) /* by another stretch */
            continue;
        it->count |= RECENT_VOID;
        r->back[r->n_back++] = s->candidates[i].seq;
    }
    s->n_candidates = 0;
}

/* With this record, is it enough? */
static bool is_proof(const struct recent *r, const struct stretch *s, const struct record *rec)
{
    struct stretch then = {.records = s->records, .n_ends = s->n_ends, .unequal = s->unequal};

    for (unsigned i = 0; i < s->n_ends; i++)
        then.ends[i] = s->ends[i];
    count(r, &then, rec, is_only(r, ring_at(&r->records, s->next)));
    if (then.records >= PROOF_RECORDS && then.records + END_WEIGHT * then.n_ends >= PROOF_WEIGHT)
        return true;
    return s->from_start && then.unequal && s->next + 1 == s->end &&
           then.records >= PROOF_RECORDS_AT_END && then.n_ends >= PROOF_ENDS_AT_END;
}

static bool in_stretch(struct recent *r, const struct record *rec, uint64_t digest)
{
    bool found = false;

    for (struct stretch *s = r->stretches; s < r->stretches + STRETCHES; s++) {
        if (!waits_for(r, s, digest) || !(s->proven || is_proof(r, s, rec)))
            continue;
        if (!s->proven && r->n_back == 0)
            prove(r, s);
        else if (!s->proven)
            continue;
        go_on(r, s);
        found = true;
    }
    return found;
}

/* The place for another: one that has ended, else the one that went on longest ago, unproven ones
 * first. */
static struct stretch *place_for_stretch(struct recent *r)
{
    struct stretch *best = r->stretches;

    for (struct stretch *s = r->stretches; s < r->stretches + STRETCHES; s++) {
        if (!lives(r, s))
            return s;
        if (s->proven < best->proven || (s->proven == best->proven && s->at < best->at))
            best = s;
    }
    return best;
}

static void add_candidate(struct recent *r, struct stretch *s, const struct record *rec,
                          uint64_t seq, bool only)
{
    count(r, s, rec, only);
    go_on(r, s);
    if (s->n_candidates < STRETCH_CANDIDATES)
        s->candidates[s->n_candidates++] = (struct candidate){.seq = seq, .place = r->records.head};
}

/* It is stored although it is known: from here on it may be a stretch. Candidates without a
 * break up to now is no memory: a stretch would follow itself. A known record that none waits for
 * ends those that are proven: they would wait for a record that may be a further one. */
static void store_candidate(struct recent *r, const struct record *rec, const struct ring_item *it,
                            uint64_t seq)
{
    bool goes_on = false, only = is_only(r, it);
    struct stretch *s;

    if (r->run_end != r->records.head)
        r->run_from = r->records.head;
    r->run_end = r->records.head + 1;
    while (it && ring_number(&r->records, it) >= r->run_from)
        it = older_known(r, it);
    for (s = r->stretches; it && s < r->stretches + STRETCHES; s++) {
        if (s->proven || !waits_for(r, s, ring_digest(it)))
            continue;
        add_candidate(r, s, rec, seq, only);
        goes_on = true;
    }
    if (goes_on)
        return;
    for (s = r->stretches; s < r->stretches + STRETCHES; s++)
        if (s->proven)
            s->next = s->end;
    if (!it || ring_number(&r->records, it) + 1 == r->run_from)
        return;
    s = place_for_stretch(r);
    *s = (struct stretch){.next = ring_number(&r->records, it),
                          .end = r->run_from,
                          .from_start = r->new_sender && r->lines == 1,
                          .unequal = true};
    add_candidate(r, s, rec, seq, only);
}

/* ---- what was not answered ------------------------------------------------------------------ */

/* Of several equal ones the first: it came first, and so it does again. */
static struct ring_item *find_unanswered(const struct recent *r, uint64_t digest)
{
    struct ring_item *it = ring_at(&r->records, r->unanswered_from), *found = NULL;

    if (r->unanswered_from >= ring_oldest(&r->records) && ring_digest(it) == digest &&
        it->count & RECENT_UNANSWERED)
        return it;
    for (it = ring_find(&r->records, digest);
         it && ring_number(&r->records, it) >= r->unanswered_from;
         it = ring_find_older(&r->records, it))
        if (it->count & RECENT_UNANSWERED)
            found = it;
    return found;
}

static void opened(struct recent *r, size_t place)
{
    for (size_t i = 0; i < RECENT_UNITS; i++)
        if (r->open[i].n++ == 0 || place < r->open[i].from)
            r->open[i].from = place;
}

static bool was_unanswered(struct recent *r, uint64_t digest)
{
    struct ring_item *it = find_unanswered(r, digest);
    size_t place;

    if (!it)
        return false;
    place = ring_number(&r->records, it);
    it->count &= (uint16_t)~RECENT_UNANSWERED & RING_COUNT_MAX;
    r->n_unanswered--;
    while (r->unanswered_from < r->unanswered_end &&
           !(ring_at(&r->records, r->unanswered_from)->count & RECENT_UNANSWERED))
        r->unanswered_from++;
    opened(r, place);
    for (struct stretch *s = r->stretches; s < r->stretches + STRETCHES; s++) {
        if (!lives(r, s) || s->next != place)
            continue;
        if (!s->proven && r->n_back == 0)
            prove(r, s);
        go_on(r, s);
    }
    return true;
}

void recent_set_unanswered(struct recent *r, size_t n, uint64_t last)
{
    size_t there = r->records.head - ring_oldest(&r->records);

    if (n == 0 || n > there || ring_digest(ring_at(&r->records, r->records.head - 1)) != last)
        return;
    r->unanswered_end = r->records.head;
    r->unanswered_from = r->unanswered_end - n;
    r->n_unanswered = n;
    for (size_t i = r->unanswered_from; i < r->unanswered_end; i++)
        ring_at(&r->records, i)->count |= RECENT_UNANSWERED;
}

size_t recent_unanswered(const struct recent *r)
{
    if (r->n_unanswered == 0 || r->unanswered_end != r->records.head)
        return 0;
    return r->unanswered_end - r->unanswered_from == r->n_unanswered ? r->n_unanswered : 0;
}

uint64_t recent_last(const struct recent *r)
{
    return r->records.head ? ring_digest(ring_at(&r->records, r->records.head - 1)) : 0;
}

void recent_open(struct recent *r, enum recent_unit unit)
{
    r->open[unit].n = 0;
}

size_t recent_open_records(const struct recent *r, enum recent_unit unit)
{
    size_t n = r->open[unit].n;

    return n && r->records.head - r->open[unit].from == n ? n : 0;
}

/* ---- records -------------------------------------------------------------------------------- */

bool recent_is_repeat(struct recent *r, const struct record *rec, uint64_t digest)
{
    r->n_back = 0;
    if (!known(r, digest))
        return false;
    if ((r->n_unanswered == 0 || !was_unanswered(r, digest)) && !in_stretch(r, rec, digest))
        return false;
    r->lines++;
    return true;
}

size_t recent_taken_back(const struct recent *r, const uint64_t **seqs)
{
    *seqs = r->back;
    return r->n_back;
}

void recent_stored(struct recent *r, const struct record *rec, uint64_t digest, uint64_t seq,
                   uint64_t segment)
{
    const struct ring_item *it = known(r, digest);

    r->lines++;
    if (it)
        store_candidate(r, rec, it, seq);
    opened(r, r->records.head);
    (void)ring_add(&r->records, digest, segment);
}

void recent_replay(struct recent *r, uint64_t digest, uint64_t segment)
{
    (void)ring_add(&r->records, digest, segment);
}

void recent_new_sender(struct recent *r)
{
    r->new_sender = true;
}

/* ---- events --------------------------------------------------------------------------------- */

unsigned recent_parts(const struct recent *r, uint64_t event_digest)
{
    const struct ring_item *it = ring_find(&r->events, recent_event_key(event_digest));

    return it ? it->count : 0;
}

/* It leaves with the segment in which its oldest part begins that the file does not have. */
void recent_add_part(struct recent *r, uint64_t event_digest, unsigned part, uint64_t segment)
{
    struct ring_item *it = ring_get(&r->events, recent_event_key(event_digest), segment);

    if (part <= it->count)
        return;
    recent_raise_parts(it, part);
    if (!it->flag)
        it->segment = (uint16_t)segment;
    it->flag = true;
}
