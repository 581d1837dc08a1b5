/* SPDX-License-Identifier: Apache-2.0 */
/* The records of a file that was set aside come back as a segment of their own: made under another
 * name, synced, and renamed, so that a kill leaves all of them or none. It says where it comes
 * from, by which a second try knows it. */
#include "config.h"
#include "journal/journal.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "journal/journal_internal.h"
#include "journal/marks.h"

#define SALVAGE "salvage"

struct salvaging {
    struct missing undone; /* numbers of its records that no mark of its own speaks of */
    uint64_t last;
    struct segment *fresh;
    uint64_t next_seq, n;
    int error;
};

static int note(void *ctx, const struct segment_entry *e)
{
    struct salvaging *s = ctx;

    if ((e->type != ENTRY_RECORD && e->type != ENTRY_GARBAGE) || e->number < s->last ||
        e->number > UINT64_MAX / 2)
        return 0;
    missing_add(&s->undone, e->number, e->number + 1);
    s->last = e->number + 1;
    return 0;
}

static int take_out(void *ctx, const struct segment_entry *e)
{
    struct salvaging *s = ctx;
    struct marks_reader r = {(const unsigned char *)e->data,
                             (const unsigned char *)e->data + e->len};

    if (e->type == ENTRY_DONE)
        (void)marks_get_seqs(&r, missing_take_out, &s->undone);
    return 0;
}

static int copy(void *ctx, const struct segment_entry *e)
{
    struct salvaging *s = ctx;
    struct segment_entry numbered = *e;

    if ((e->type != ENTRY_RECORD && e->type != ENTRY_GARBAGE) ||
        !missing_has(&s->undone, e->number))
        return 0;
    numbered.number = s->next_seq + s->n;
    numbered.arrival_ms = 0;
    s->error = segment_append(s->fresh, &numbered);
    s->n += s->error == 0;
    return s->error;
}

static bool is_in(const struct journal *j, uint64_t origin)
{
    for (size_t i = 0; i < j->n_parts; i++)
        if (j->parts[i].seg.origin == origin)
            return true;
    return false;
}

/* Make the segment and give it its name. */
static int publish(struct journal *j, struct segment *old, struct salvaging *s)
{
    char name[JOURNAL_NAME_SIZE];
    struct segment fresh;
    size_t skipped;
    bool dirty;
    int r;

    (void)unlinkat(j->dir_fd, SALVAGE, 0);
    r = segment_create(&fresh, j->dir_fd, SALVAGE, j->next_number, j->next_seq);
    if (r < 0)
        return r;
    fresh.origin = segment_identity(old);
    s->fresh = &fresh;
    s->next_seq = j->next_seq;
    r = segment_scan(old, copy, s, &skipped, &dirty);
    if (r == 0)
        r = segment_repair(&fresh);
    journal_part_name(name, j->next_number);
    if (r == 0 && renameat(j->dir_fd, SALVAGE, j->dir_fd, name) < 0)
        r = -errno;
    if (r == 0 && fsync(j->dir_fd) < 0)
        r = -errno;
    if (r < 0) {
        segment_close(&fresh);
        (void)unlinkat(j->dir_fd, SALVAGE, 0);
        (void)unlinkat(j->dir_fd, name, 0);
        return r;
    }
    if (j->appending)
        segment_close(&journal_tail(j)->seg);
    journal_part_grow(journal_add_part(j, &fresh), s->n);
    j->appending = true;
    j->next_number++;
    j->next_seq += s->n;
    j->undone += s->n;
    journal_note(j);
    return 0;
}

int journal_salvage(struct journal *j, int dir_fd, const char *name, uint64_t *n)
{
    struct salvaging s = {.n = 0};
    struct segment old;
    size_t skipped;
    bool dirty;
    int r = segment_open(&old, dir_fd, name);

    *n = 0;
    if (r < 0)
        return r == -ENODATA ? 0 : r;
    r = segment_scan(&old, note, &s, &skipped, &dirty);
    if (r == 0)
        r = segment_scan(&old, take_out, &s, &skipped, &dirty);
    if (r == 0 && !old.delivered && missing_count(&s.undone) > 0 &&
        !is_in(j, segment_identity(&old))) {
        r = j->n_parts >= j->max_parts ? ERR_JOURNAL_FULL : journal_sync(j);
        if (r == 0)
            r = publish(j, &old, &s);
        *n = r == 0 ? s.n : 0;
    }
    segment_close(&old);
    missing_done(&s.undone);
    return r;
}
