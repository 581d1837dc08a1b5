/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "journal/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/aside.h"
#include "base/err.h"
#include "base/mem.h"
#include "journal/journal_internal.h"
#include "journal/marks.h"

#define MARK_SEGMENTS 2 /* beyond window and reserve, for marks alone: deliveries must go on */

void journal_part_name(char *out, uint64_t number)
{
    snprintf(out, JOURNAL_NAME_SIZE, "%016" PRIx64 ".seg", number);
}

bool journal_is_part_name(const char *name, size_t len)
{
    return len == 20 && strspn(name, "0123456789abcdef") == 16 && memcmp(name + 16, ".seg", 4) == 0;
}

void journal_part_grow(struct part *p, size_t n_records)
{
    size_t words = (n_records + 63) / 64;

    if (words > p->done_words) {
        size_t want = p->done_words ? p->done_words * 2 : 16;

        if (want < words)
            want = words;
        p->done = mem_realloc_array(p->done, want, sizeof(*p->done));
        memset(p->done + p->done_words, 0, (want - p->done_words) * sizeof(*p->done));
        p->done_words = want;
    }
    p->n_records = n_records;
}

void journal_part_set_done(struct journal *j, struct part *p, size_t i)
{
    if (!journal_part_is_done(p, i)) {
        p->done[i / 64] |= UINT64_C(1) << (i % 64);
        p->n_done++;
        j->undone--;
    }
}

struct part *journal_add_part(struct journal *j, const struct segment *seg)
{
    struct part *p;

    if (j->n_parts == j->parts_cap) {
        j->parts_cap = j->parts_cap ? j->parts_cap * 2 : 32;
        j->parts = mem_realloc_array(j->parts, j->parts_cap, sizeof(*j->parts));
    }
    p = &j->parts[j->n_parts++];
    *p = (struct part){.seg = *seg};
    return p;
}

int journal_done_range(void *ctx, uint64_t first, uint64_t count)
{
    struct journal *j = ctx;

    for (size_t k = 0; k < j->n_parts; k++) {
        struct part *p = &j->parts[k];
        uint64_t from = first > p->seg.first_seq ? first : p->seg.first_seq;
        uint64_t end = p->seg.first_seq + p->n_records;

        if (end > first + count)
            end = first + count;
        for (; from < end; from++)
            journal_part_set_done(j, p, from - p->seg.first_seq);
    }
    return 0;
}

int journal_set_aside(struct journal *j, const char *name)
{
    int r = aside_put(j->dir_fd, name);

    if (r == 0)
        journal_count_aside(j);
    return r;
}

void journal_count_aside(struct journal *j)
{
    struct aside a = {.dir_fd = j->dir_fd, .ours = journal_is_part_name};

    aside_count(&a);
    j->aside = a.files;
    j->aside_over =
        a.files > JOURNAL_ASIDE_FILES || a.bytes > (uint64_t)JOURNAL_ASIDE_FILES * SEGMENT_SIZE;
}

/* Remove the n oldest parts, oldest first: a mark must outlive the records it speaks of. */
static void remove_parts(struct journal *j, size_t n)
{
    char name[JOURNAL_NAME_SIZE];
    size_t i;

    /* What the owner keeps of them must not come to last longer than the marks by which they are
     * done: they would be read again as something known. A disk that says no: later. */
    if (n == 0 || (j->removing && !j->scanned) || journal_sync(j) < 0)
        return;
    if (j->removing)
        j->removing(j->ctx, j->parts[n - 1].seg.number);
    if (j->tally) /* before they go: what is not there any more was not lost */
        j->tally->first = n < j->n_parts ? j->parts[n].seg.first_seq : j->next_seq;
    if (n == j->n_parts && j->appending) {
        segment_close(&journal_tail(j)->seg);
        j->appending = false;
    }
    for (i = 0; i < n; i++) {
        bool gone;
        int r;

        /* Names may become durable in any order. */
        if (i > 0 && fsync(j->dir_fd) < 0)
            break;
        journal_part_name(name, j->parts[i].seg.number);
        if (j->parts[i].damaged)
            segment_say_delivered(j->dir_fd, name);
        if (j->parts[i].damaged)
            gone = (r = journal_set_aside(j, name)) == 0 || r == -ENOENT;
        else
            gone = spares_give(&j->spares, name) || unlinkat(j->dir_fd, name, 0) == 0 ||
                   errno == ENOENT;
        if (!gone) /* it stays, and so do those that say it is done; tried again later */
            break;
        free(j->parts[i].done);
    }
    n = i;
    if (n < j->n_parts)
        memmove(j->parts, j->parts + n, (j->n_parts - n) * sizeof(*j->parts));
    j->n_parts -= n;
    j->removed += n;
}

void journal_close(struct journal *j)
{
    if (!j)
        return;
    if (j->undone) {
        (void)journal_sync(j);
    } else {
        /* The spares stay: the next life may begin on a full disk, with a batch in rsyslogd's
         * hands. */
        (void)spares_fill(&j->spares);
        if (j->tally)
            *j->tally = (struct journal_tally){0};
        j->tally = NULL;
        remove_parts(j, j->n_parts);
    }
    for (size_t i = 0; i < j->n_parts; i++)
        free(j->parts[i].done);
    if (j->appending)
        segment_close(&journal_tail(j)->seg);
    free(j->parts);
    buf_done(&j->mark);
    buf_done(&j->held);
    close(j->dir_fd);
    free(j);
}

/* ---- several records with one write --------------------------------------------------------- */

void journal_set_holding(struct journal *j, bool holding)
{
    j->holding = holding;
}

int journal_flush(struct journal *j)
{
    int r = 0;

    if (j->held.len)
        r = segment_append_encoded(&journal_tail(j)->seg, j->held.data, j->held.len);
    if (r == 0 && j->held.len) {
        j->held.len = 0;
        journal_note(j);
    }
    return r;
}

static int hold(struct journal *j, const struct segment_entry *e)
{
    if (segment_entry_size(e->len) > j->held.max - j->held.len)
        return -EMSGSIZE;
    return segment_encode(&journal_tail(j)->seg, e, &j->held);
}

/* ---- appending ------------------------------------------------------------------------------ */

/* The file under the segment's name gets a fresh copy of its bytes: pages that a failed sync left
 * clean but unwritten would never be written again. */
static int rewrite_last(struct journal *j)
{
    struct part *p = journal_tail(j);
    struct segment fresh;
    char name[JOURNAL_NAME_SIZE];
    int r;

    (void)unlinkat(j->dir_fd, JOURNAL_REWRITE, 0);
    r = segment_create(&fresh, j->dir_fd, JOURNAL_REWRITE, p->seg.number, p->seg.first_seq);
    if (r < 0)
        return r;
    r = segment_copy(&fresh, &p->seg);
    journal_part_name(name, p->seg.number);
    if (r == 0 &&
        (fdatasync(fresh.fd) < 0 || renameat(j->dir_fd, JOURNAL_REWRITE, j->dir_fd, name) < 0))
        r = -errno;
    if (r < 0) {
        segment_close(&fresh);
        return r;
    }
    /* From here on the old file has no name: not one append may go there any more. */
    segment_close(&p->seg);
    p->seg = fresh;
    j->rewrites++;
    return fsync(j->dir_fd) < 0 ? -errno : 0;
}

int journal_sync(struct journal *j)
{
    int r = journal_flush(j);

    if (r < 0 || !j->unsynced || !j->appending)
        return r;
    if (j->rewrite)
        r = rewrite_last(j);
    else if (fdatasync(journal_tail(j)->seg.fd) < 0)
        r = -errno;
    j->rewrite = r < 0;
    j->unsynced = r < 0;
    return r;
}

/* How many segments there may be for this kind of entry. */
static size_t limit(const struct journal *j, bool mark)
{
    size_t most = j->max_parts + j->reserve_parts;

    /* A window that was made smaller must not keep the marks out by which it empties. */
    if (mark)
        return (most > j->parts_then ? most : j->parts_then) + MARK_SEGMENTS;
    return j->reserve_open ? most : j->max_parts;
}

static int new_part(struct journal *j, bool mark)
{
    struct segment seg;
    char name[JOURNAL_NAME_SIZE];
    int r = journal_sync(j); /* one segment at most is ever unsynced */

    if (r < 0)
        return r;
    journal_part_name(name, j->next_number);
    /* Beyond the window the reserve is what there is already; on a full disk it is all there is. */
    r = -ENOSPC;
    if (!mark && j->n_parts >= j->max_parts)
        r = spares_take(&j->spares, name, false, j->next_number, j->next_seq, &seg);
    if (r < 0)
        r = segment_create(&seg, j->dir_fd, name, j->next_number, j->next_seq);
    if (r < 0 && (mark || j->reserve_open) &&
        spares_take(&j->spares, name, mark, j->next_number, j->next_seq, &seg) == 0)
        r = 0;
    if (r < 0)
        return r;
    if (j->appending)
        segment_close(&journal_tail(j)->seg);
    journal_add_part(j, &seg);
    j->appending = true;
    j->next_number++;
    return 0;
}

/* Numbers alone can't fill a segment of ours: the entries between two of them were there. A foreign
 * one may begin anywhere. */
static bool fits(struct journal *j, size_t len)
{
    const struct segment *s = &journal_tail(j)->seg;

    return segment_fits(s, j->held.len + len) && j->next_seq - s->first_seq <= JOURNAL_PART_RECORDS;
}

/* What an operator must repair before more records are taken: 0, ERR_JOURNAL_ASIDE or -errno. */
static int whole(struct journal *j)
{
    if (j->aside_over) {
        journal_count_aside(j); /* somebody may have looked after them */
        if (j->aside_over)
            return ERR_JOURNAL_ASIDE;
    }
    return spares_whole(&j->spares) ? 0 : spares_fill(&j->spares);
}

static int append(struct journal *j, const struct segment_entry *e, bool mark)
{
    size_t most = limit(j, mark);
    int r;

    if (e->len > SEGMENT_PAYLOAD_MAX)
        return -EMSGSIZE;
    if (j->n_parts > most)
        return ERR_JOURNAL_FULL;
    /* What a stop, the end of a batch and the marks fall back on is theirs: a full disk empties by
     * deliveries alone, and no batch is sent without its mark. */
    if (!mark && !j->reserve_open && (r = whole(j)) < 0)
        return r;
    if (!j->appending || !fits(j, e->len)) {
        if (j->n_parts >= most)
            return ERR_JOURNAL_FULL;
        r = new_part(j, mark);
        if (r < 0)
            return r;
    }
    r = mark || !j->holding ? -EMSGSIZE : hold(j, e);
    if (r == -EMSGSIZE) {
        r = journal_flush(j);
        if (r == 0)
            r = segment_append(&journal_tail(j)->seg, e);
    }
    if (r == 0)
        j->unsynced = true;
    return r;
}

int journal_append(struct journal *j, const struct segment_entry *e, uint64_t *seq)
{
    struct segment_entry numbered = *e;
    struct part *p;
    int r;

    numbered.number = j->next_seq;
    r = append(j, &numbered, false);
    if (r < 0)
        return r;
    p = journal_tail(j);
    journal_part_grow(p, p->n_records + 1);
    j->undone++;
    *seq = j->next_seq++;
    if (!j->held.len)
        journal_note(j);
    return 0;
}

int journal_append_mark(struct journal *j, const struct segment_entry *e)
{
    return append(j, e, true);
}

int journal_seal(struct journal *j, uint64_t batch_no, const char *payload, size_t len)
{
    struct segment_entry e = {.type = ENTRY_SEAL, .number = batch_no, .data = payload, .len = len};

    return append(j, &e, true);
}

void journal_trim(struct journal *j)
{
    size_t n = 0;

    while (n < j->n_parts && j->parts[n].n_done == j->parts[n].n_records &&
           !(j->appending && n == j->n_parts - 1))
        n++;
    if (n)
        remove_parts(j, n);
}

void journal_done(struct journal *j, const uint64_t *seqs, size_t n)
{
    struct segment_entry e = {.type = ENTRY_DONE};

    if (j->tally)
        j->tally->marking = n;
    for (size_t i = 0; i < n; i++)
        journal_done_range(j, seqs[i], 1);
    j->mark.len = 0;
    if (marks_put_seqs(&j->mark, seqs, n) == 0) {
        e.data = j->mark.data;
        e.len = j->mark.len;
        (void)append(j, &e, true);
    }
    buf_reset(&j->mark, 64 << 10);
    if (!j->held.len)
        journal_note(j);
    if (j->tally)
        j->tally->marking = 0;
    journal_trim(j);
}

/* ---- small things --------------------------------------------------------------------------- */

void journal_set_window(struct journal *j, uint64_t window)
{
    uint64_t parts = window / SEGMENT_SIZE;

    j->max_parts = parts < 2 ? 2 : (size_t)parts;
    j->reserve_parts = j->max_parts / 4 ? j->max_parts / 4 : 1;
    j->parts_then = j->n_parts;
    j->spares.wanted =
        1 + (unsigned)(j->reserve_parts < JOURNAL_SPARES ? j->reserve_parts : JOURNAL_SPARES);
}

void journal_open_reserve(struct journal *j, bool open)
{
    j->reserve_open = open;
}

static bool full(const struct journal *j, size_t most, size_t left)
{
    return j->n_parts > most || (j->parts && j->n_parts == most &&
                                 j->parts[j->n_parts - 1].seg.used > SEGMENT_SIZE - left);
}

bool journal_full(const struct journal *j)
{
    return full(j, limit(j, false), 4096);
}

int journal_has_room(struct journal *j)
{
    return full(j, j->max_parts, 4096) ? ERR_JOURNAL_FULL : whole(j);
}

bool journal_reserve_low(const struct journal *j)
{
    const struct part *last = j->appending ? &j->parts[j->n_parts - 1] : NULL;
    size_t left = last ? last->seg.end - last->seg.used : 0;

    if (full(j, j->max_parts + (j->reserve_parts + 1) / 2, SEGMENT_SIZE / 2))
        return true;
    return !spares_whole(&j->spares) && spares_bytes(&j->spares) + left < SEGMENT_SIZE / 2;
}
