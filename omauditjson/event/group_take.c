/* SPDX-License-Identifier: Apache-2.0 */
/* Events, or records, out of the index. */
#include "config.h"
#include "event/group.h"

#include <stdlib.h>

#include "base/clock.h"
#include "event/group_internal.h"

#define FREE_EVENTS 64        /* kept for reuse */
#define KEEP_TEXT (16u << 10) /* an event's buffer beyond this is not kept */

static bool is_among(const uint64_t *seqs, size_t n, uint64_t seq)
{
    for (size_t i = 0; i < n && seqs[i] <= seq; i++)
        if (seqs[i] == seq)
            return true;
    return false;
}

/* Its text stays where it is: the lines say where they begin. */
static size_t take_out_of(struct group *g, struct group_event *ev, const uint64_t *seqs, size_t n,
                          uint64_t *found)
{
    size_t kept = 0, n_found = 0;

    if (ev->lines[ev->n_lines - 1].seq < seqs[0])
        return 0;
    for (size_t i = 0; i < ev->n_lines; i++) {
        if (is_among(seqs, n, ev->lines[i].seq)) {
            found[n_found++] = ev->lines[i].seq;
            g->bytes -= ev->lines[i].len;
            ev->cut_bytes -= ev->lines[i].cut & CUTOFF_BYTES;
            ev->cut_before -= ev->lines[i].cut & CUTOFF_BEFORE ? 1 : 0;
        } else {
            ev->lines[kept++] = ev->lines[i];
        }
    }
    ev->n_lines = kept;
    return n_found;
}

size_t group_take_out(struct group *g, const uint64_t *seqs, size_t n, uint64_t *found)
{
    struct list *const lists[] = {&g->open, &g->settling};
    size_t n_found = 0;

    for (size_t i = 0; n && i < sizeof(lists) / sizeof(lists[0]); i++) {
        struct group_event *next;

        for (struct group_event *ev = lists[i]->first; ev; ev = next) {
            next = ev->next;
            n_found += take_out_of(g, ev, seqs, n, found + n_found);
            if (ev->n_lines)
                continue;
            group_list_remove(lists[i], ev);
            group_unlink(g, ev);
            g->n_events--;
            group_release(g, ev);
        }
    }
    return n_found;
}

static void expire(struct group *g, int64_t now_ms)
{
    struct group_event *ev;

    while ((ev = g->open.first) && now_ms - ev->last_ms >= g->conf.timeout_ms) {
        group_complete(g, ev, EVENT_BY_TIMEOUT, now_ms);
        ev->last_ms = now_ms - g->conf.settle_ms; /* it has waited long enough */
    }
}

struct group_event *group_take(struct group *g, int64_t now_ms, bool all)
{
    struct group_event *ev;

    expire(g, now_ms);
    ev = g->settling.first;
    if (!ev ||
        !(all || ev->complete == EVENT_BY_LIMIT || now_ms - ev->last_ms >= g->conf.settle_ms ||
          g->n_records - ev->records_then >= g->conf.settle_records))
        return NULL;
    group_list_remove(&g->settling, ev);
    group_unlink(g, ev);
    g->n_events--;
    for (size_t i = 0; i < ev->n_lines; i++)
        g->bytes -= ev->lines[i].len;
    return ev;
}

void group_release(struct group *g, struct group_event *ev)
{
    if (g->n_spare >= FREE_EVENTS || ev->text_cap > KEEP_TEXT || ev->lines_cap > 64) {
        group_event_free(ev);
        return;
    }
    ev->next = g->spare;
    g->spare = ev;
    g->n_spare++;
}

void group_end_all(struct group *g, enum event_complete why, int64_t now_ms)
{
    while (g->open.first)
        group_complete(g, g->open.first, why, now_ms);
}

int64_t group_next_ms(const struct group *g)
{
    int64_t next = CLOCK_NEVER;

    if (g->open.first)
        next = g->open.first->last_ms + g->conf.timeout_ms;
    if (g->settling.first && g->settling.first->last_ms + g->conf.settle_ms < next)
        next = g->settling.first->last_ms + g->conf.settle_ms;
    return next;
}

size_t group_open(const struct group *g)
{
    return g->n_events;
}

size_t group_bytes(const struct group *g)
{
    return g->bytes;
}
