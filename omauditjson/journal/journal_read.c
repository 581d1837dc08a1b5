/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "journal/journal.h"

#include <errno.h>

#include "base/err.h"
#include "base/mem.h"
#include "journal/journal_internal.h"
#include "journal/marks.h"

struct scanning {
    struct part *part;
    int (*each)(void *ctx, const struct segment_entry *e, bool done);
    void *ctx;
};

static int scan_entry(void *ctx, const struct segment_entry *e)
{
    struct scanning *s = ctx;
    bool done = false;

    if (e->type == ENTRY_RECORD || e->type == ENTRY_GARBAGE) {
        uint64_t i = e->number - s->part->seg.first_seq;

        done = i >= s->part->n_records || journal_part_is_done(s->part, i);
    }
    return s->each(s->ctx, e, done);
}

uint64_t journal_next_number(const struct journal *j)
{
    return j->next_seq;
}

struct journal_numbers journal_numbers(const struct journal *j)
{
    struct journal_numbers n = {.first = j->next_seq, .next = j->next_seq};

    for (size_t i = 0; i < j->n_parts; i++) {
        if (j->parts[i].seg.first_seq < n.first)
            n.first = j->parts[i].seg.first_seq;
        n.records += j->parts[i].n_records;
    }
    return n;
}

int journal_scan(struct journal *j,
                 int (*each)(void *ctx, const struct segment_entry *e, bool done), void *ctx)
{
    struct scanning s = {.each = each, .ctx = ctx};
    int flushed = journal_flush(j);

    if (flushed < 0)
        return flushed;
    for (size_t k = 0; k < j->n_parts; k++) {
        struct segment seg;
        char name[JOURNAL_NAME_SIZE];
        size_t skipped;
        bool dirty;
        int r;

        s.part = &j->parts[k];
        journal_part_name(name, s.part->seg.number);
        r = segment_open(&seg, j->dir_fd, name);
        if (r < 0)
            return r;
        if (j->reading)
            j->reading(j->ctx);
        r = segment_scan(&seg, scan_entry, &s, &skipped, &dirty);
        segment_close(&seg);
        if (r)
            return r;
    }
    j->scanned = true;
    return 0;
}

void journal_cursor_init(struct journal_cursor *c)
{
    *c = (struct journal_cursor){.file = {.fd = -1}};
}

void journal_cursor_done(struct journal_cursor *c)
{
    segment_close(&c->file);
    segment_reader_done(&c->reader);
}

/* Have the cursor's own file open for the segment it stands in, or for the next one there is. */
static int cursor_open(struct journal *j, struct journal_cursor *c, const struct part *p)
{
    char name[JOURNAL_NAME_SIZE];
    int r;

    if (c->file.fd >= 0 && c->file.number == p->seg.number && c->rewrites == j->rewrites) {
        c->file.used = p->seg.used;
        return 0;
    }
    if (c->segment != p->seg.number) {
        c->segment = p->seg.number;
        c->offset = SEGMENT_HEADER;
    }
    segment_close(&c->file);
    c->reader.len = 0;
    c->rewrites = j->rewrites;
    journal_part_name(name, p->seg.number);
    r = segment_open(&c->file, j->dir_fd, name);
    c->file.used = p->seg.used;
    return r;
}

int journal_cursor_read(struct journal *j, struct journal_cursor *c, struct segment_entry *e)
{
    int flushed = journal_flush(j);

    if (flushed < 0)
        return flushed;
    for (size_t k = 0; k < j->n_parts; k++) {
        struct part *p = &j->parts[k];
        int r;

        if (p->seg.number < c->segment)
            continue;
        r = cursor_open(j, c, p);
        while (r == 0 && (r = segment_read(&c->file, &c->reader, &c->offset, e)) == 1) {
            uint64_t i = e->number - p->seg.first_seq;

            if ((e->type == ENTRY_RECORD || e->type == ENTRY_GARBAGE) && i < p->n_records &&
                !journal_part_is_done(p, i))
                return 1;
            r = 0;
        }
        if (r < 0)
            return r;
    }
    return 0;
}

void journal_cursor_to_end(struct journal *j, struct journal_cursor *c)
{
    struct part *p;

    if (!j->n_parts)
        return;
    p = journal_tail(j);
    if (c->segment != p->seg.number) {
        segment_close(&c->file);
        c->reader.len = 0;
        c->segment = p->seg.number;
    }
    c->offset = p->seg.used + j->held.len;
}

/* ---- what is in it -------------------------------------------------------------------------- */

uint64_t journal_undone(const struct journal *j)
{
    return j->undone;
}

size_t journal_aside(const struct journal *j)
{
    return j->aside;
}

uint64_t journal_removed(const struct journal *j)
{
    return j->removed;
}

uint64_t journal_bytes(const struct journal *j)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < j->n_parts; i++)
        bytes += j->parts[i].seg.used;
    return bytes;
}

bool journal_unsynced(const struct journal *j)
{
    return j->unsynced;
}

static const struct part *part_of(const struct journal *j, uint64_t seq)
{
    size_t low = 0, end = j->n_parts;

    while (end - low > 1) { /* of two that begin with one number the first has no records */
        size_t middle = low + (end - low) / 2;

        if (j->parts[middle].seg.first_seq <= seq)
            low = middle;
        else
            end = middle;
    }
    return j->n_parts ? &j->parts[low] : NULL;
}

uint64_t journal_segment_of(const struct journal *j, uint64_t seq)
{
    const struct part *p = part_of(j, seq);

    return p ? p->seg.number : 0;
}

uint32_t journal_seed_of(const struct journal *j, uint64_t seq)
{
    const struct part *p = part_of(j, seq);

    return p ? p->seg.seed : 0;
}
