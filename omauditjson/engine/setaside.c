/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/setaside.h"

#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/numbers.h"

#define SAY_MS 600000 /* between two lines about dead letters that can't be written */

struct setaside {
    struct stores *s;
    uint64_t *seqs; /* of the lines, in the journal's order */
    size_t n, cap;
    uint64_t losses; /* deadletter_losses() when the first of them was added */
    bool again;      /* their sync failed */
    int error;
    int64_t said_ms; /* when it was last said */
};

struct setaside *setaside_new(struct stores *s)
{
    struct setaside *sa = mem_calloc(1, sizeof(*sa));

    sa->s = s;
    return sa;
}

void setaside_free(struct setaside *sa)
{
    if (!sa)
        return;
    free(sa->seqs);
    free(sa);
}

bool setaside_is_synced(const struct setaside *sa)
{
    return sa->n == 0;
}

static int failed(struct setaside *sa, int error, int64_t now_ms)
{
    if (error != sa->error || now_ms >= sa->said_ms + SAY_MS) {
        sa->said_ms = now_ms;
        log_error("%s/deadletter: cannot be written: %s; pausing until it can",
                  sa->s->conf->state_dir, err_text(error));
    }
    sa->error = error;
    return error;
}

enum record_fault setaside_fault(const struct setaside *sa, const struct segment_entry *entry)
{
    if (entry->type == ENTRY_GARBAGE)
        return (enum record_fault)entry->extra;
    if (scoreboard_was_poison(&sa->s->scoreboard, SCOREBOARD_LINE, entry->data, entry->len))
        return RECORD_POISON;
    return RECORD_NO_HEADER; /* written by a version that read headers otherwise */
}

static int add_line(struct setaside *sa, const struct segment_entry *entry, enum record_fault fault)
{
    struct deadletter_entry dead = {
        .key = stores_dead_key(sa->s, entry->number, entry->data, entry->len),
        .reason = record_fault_text(fault),
        .line = entry->data,
        .line_len = entry->len};

    return deadletter_add(sa->s->dead, &dead);
}

int setaside_line(struct setaside *sa, const struct segment_entry *entry, enum record_fault fault,
                  int64_t now_ms)
{
    uint64_t losses = deadletter_losses(sa->s->dead);
    int r = add_line(sa, entry, fault);

    if (sa->n == 0)
        sa->losses = losses;
    if (r < 0)
        return failed(sa, r, now_ms);
    if (sa->n == sa->cap) {
        sa->cap = sa->cap ? sa->cap * 2 : 64;
        sa->seqs = mem_realloc_array(sa->seqs, sa->cap, sizeof(*sa->seqs));
    }
    sa->seqs[sa->n++] = entry->number;
    return 0;
}

/* A sync failed, so what was added since the last good one may be gone: it is added again, out of
 * the journal. */
static int add_again(void *ctx, const struct segment_entry *entry, bool done)
{
    struct setaside *sa = ctx;

    if (done || (entry->type != ENTRY_GARBAGE && entry->type != ENTRY_RECORD))
        return 0;
    /* They were set aside in the journal's order. */
    if (!numbers_have(sa->seqs, sa->n, entry->number))
        return 0;
    return add_line(sa, entry, setaside_fault(sa, entry));
}

int setaside_sync(struct setaside *sa, int64_t now_ms)
{
    struct stores *s = sa->s;
    int r = 0;

    if (!sa->n)
        return 0;
    if (sa->again || deadletter_losses(s->dead) != sa->losses) {
        sa->losses = deadletter_losses(s->dead);
        r = journal_scan(s->journal, add_again, sa);
    }
    if (r == 0)
        r = deadletter_sync(s->dead);
    if (r == 0 && deadletter_losses(s->dead) != sa->losses)
        r = -EIO;
    sa->again = r < 0;
    if (r < 0)
        return failed(sa, r, now_ms);
    stores_done_with(s, sa->seqs, sa->n);
    sa->n = 0;
    if (sa->error)
        log_notice("%s/deadletter: writable again", s->conf->state_dir);
    sa->error = 0;
    return 0;
}

int setaside_event(struct setaside *sa, const struct group_event *ev, const char *reason,
                   int64_t now_ms)
{
    struct stores *s = sa->s;
    struct deadletter_entry dead = {.reason = reason};
    uint64_t losses = deadletter_losses(s->dead);
    int r = 0;

    for (size_t i = 0; i < ev->n_lines && r == 0; i++) {
        dead.line = ev->text + ev->lines[i].offset;
        dead.line_len = ev->lines[i].len;
        dead.key = stores_dead_key(s, ev->lines[i].seq, dead.line, dead.line_len);
        r = deadletter_add(s->dead, &dead);
    }
    if (r == 0)
        r = deadletter_sync(s->dead);
    if (r == 0 && deadletter_losses(s->dead) != losses)
        r = -EIO;
    if (r < 0)
        return failed(sa, r, now_ms);
    s->stats.rejected++;
    return 0;
}
