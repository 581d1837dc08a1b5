/* SPDX-License-Identifier: Apache-2.0 */
/* Which records are gone. Sequence numbers have no gaps: one between two segments or inside of one,
 * before the first or behind the last (the tally says where they should be) are records that were
 * here. Those that a DONE mark speaks of were delivered; of others the mark may be gone as well, so
 * that is how many were lost at most. How many were for certain says the tally, which knows how
 * many were not finished with. */
#include "config.h"
#include "journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "journal/journal_internal.h"
#include "journal/marks.h"

/* A tally that says more is none. */
#define TALLY_AHEAD_MAX ((uint64_t)1 << 32)

void missing_done(struct missing *m)
{
    free(m->at);
    *m = (struct missing){0};
}

static void insert(struct missing *m, size_t i, uint64_t first, uint64_t end)
{
    if (m->n == m->cap) {
        m->cap = m->cap ? m->cap * 2 : 16;
        m->at = mem_realloc_array(m->at, m->cap, sizeof(*m->at));
    }
    memmove(m->at + i + 1, m->at + i, (m->n - i) * sizeof(*m->at));
    m->at[i] = (struct missing_range){first, end};
    m->n++;
}

void missing_add(struct missing *m, uint64_t first, uint64_t end)
{
    if (m->n && m->at[m->n - 1].end == first && first < end)
        m->at[m->n - 1].end = end;
    else if (first < end)
        insert(m, m->n, first, end);
}

/* The first one that ends behind seq. */
static size_t find(const struct missing *m, uint64_t seq)
{
    size_t low = 0, high = m->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (m->at[middle].end <= seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool missing_has(const struct missing *m, uint64_t seq)
{
    size_t i = find(m, seq);

    return i < m->n && m->at[i].first <= seq;
}

int missing_take_out(void *ctx, uint64_t first, uint64_t count)
{
    struct missing *m = ctx;
    uint64_t end = first + count;
    size_t low = find(m, first);

    while (low < m->n && m->at[low].first < end) {
        struct missing_range *r = &m->at[low];

        if (r->first < first && r->end > end) {
            insert(m, low + 1, end, r->end);
            m->at[low].end = first;
            return 0;
        }
        if (r->first < first)
            r->end = first;
        else if (r->end > end)
            r->first = end;
        else {
            m->n--;
            memmove(r, r + 1, (m->n - low) * sizeof(*m->at));
            continue;
        }
        low++;
    }
    return 0;
}

uint64_t missing_count(const struct missing *m)
{
    uint64_t n = 0;

    for (size_t i = 0; i < m->n; i++)
        n += m->at[i].end - m->at[i].first;
    return n;
}

static int take_out_done(void *ctx, const struct segment_entry *e, bool done)
{
    struct marks_reader r = {(const unsigned char *)e->data,
                             (const unsigned char *)e->data + e->len};

    (void)done;
    if (e->type == ENTRY_DONE)
        (void)marks_get_seqs(&r, missing_take_out, ctx);
    return 0;
}

/* So that the next start does not report them again. */
static void settle(struct journal *j, const struct missing *m)
{
    struct segment_entry e = {.type = ENTRY_DONE};
    uint64_t at = 0;

    j->mark.len = 0;
    (void)marks_put(&j->mark, m->n);
    for (size_t i = 0; i < m->n; i++) {
        (void)marks_put(&j->mark, (m->at[i].first - at) << 1);
        (void)marks_put(&j->mark, m->at[i].end - m->at[i].first);
        at = m->at[i].end;
    }
    e.data = j->mark.data;
    e.len = j->mark.len;
    (void)journal_append_mark(j, &e); /* a full disk: it is reported again */
    buf_reset(&j->mark, 64 << 10);
}

static uint64_t this_boot(void)
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    char id[64];
    ssize_t n = fd < 0 ? -1 : read(fd, id, sizeof(id));
    uint64_t boot = 0;

    if (fd >= 0)
        close(fd);
    for (ssize_t i = 0; i < n; i++)
        boot = (boot ^ (unsigned char)id[i]) * UINT64_C(0x100000001b3);
    return boot;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Numbers before the first segment and behind the last one. After another boot the page may be from
 * before what the files say. */
static void ask_tally(struct journal *j, struct missing *m, bool same_boot)
{
    const struct journal_tally *t = j->tally;
    uint64_t begin = j->n_parts ? j->parts[0].seg.first_seq : t->next;

    if (!same_boot && t->next < j->next_seq)
        return;
    if (t->first && t->first < begin && begin - t->first < TALLY_AHEAD_MAX)
        insert(m, 0, t->first, begin);
    if (t->next <= j->next_seq)
        return;
    if (j->n_parts)
        missing_add(m, j->next_seq, t->next);
    j->next_seq = t->next;
}

void journal_find_missing(struct journal *j, struct missing *m, struct journal_report *report)
{
    const struct journal_tally *t = j->tally;
    uint64_t boot = t ? this_boot() : 0, undone = UINT64_MAX, missing;
    bool known = t && t->boot && t->next >= t->first && t->next <= UINT64_MAX / 2 &&
                 (t->next <= j->next_seq || t->next - j->next_seq < TALLY_AHEAD_MAX);
    bool same_boot = known && t->boot == boot;

    if (known)
        ask_tally(j, m, same_boot);
    if (m->n)
        (void)journal_scan(j, take_out_done, m);
    missing = missing_count(m);
    if (same_boot) {
        undone = t->undone;
        if (undone > j->undone + t->marking)
            report->lost_surely = least(undone - j->undone - t->marking, missing);
    }
    report->lost = least(missing, undone);
    report->same_boot = same_boot;
    j->boot = boot ? boot : 1;
}

void journal_settle_missing(struct journal *j, const struct missing *m)
{
    struct journal_tally *t = j->tally;

    if (m->n && j->n_parts)
        settle(j, m);
    if (!t)
        return;
    t->boot = 0; /* until all the others say the same */
    t->marking = 0;
    t->first = j->n_parts ? j->parts[0].seg.first_seq : j->next_seq;
    journal_note(j);
    t->boot = j->boot;
}
