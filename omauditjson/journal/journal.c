/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "journal/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "journal/marks.h"

#define MARK_SEGMENTS 2 /* beyond window and reserve, for marks alone: deliveries must go on */
#define SPARE_NAME "spare"
#define REWRITE_NAME "rewrite"
#define NAME_SIZE 32

struct part {
    struct segment seg; /* fd is open in the last one only */
    size_t n_records;
    size_t n_done;
    uint64_t *done; /* a bit a record */
    size_t done_words;
    bool damaged;
};

struct journal {
    int dir_fd;
    struct part *parts; /* oldest first */
    size_t n_parts, parts_cap;
    bool appending; /* the last part takes appends */
    uint64_t next_seq, next_number;
    size_t max_parts, reserve_parts;
    bool leaving;
    bool unsynced;
    bool rewrite; /* a sync failed: the kernel may have dropped pages and will not say so again */
    uint64_t undone;
    uint64_t removed;
    struct buf mark;
    int (*removing)(void *ctx, const struct segment_entry *e);
    void (*removed_cb)(void *ctx);
    void *ctx;
};

static void part_name(char *out, uint64_t number)
{
    snprintf(out, NAME_SIZE, "%016" PRIx64 ".seg", number);
}

static bool part_is_done(const struct part *p, size_t i)
{
    return p->done[i / 64] >> (i % 64) & 1;
}

static void part_grow(struct part *p, size_t n_records)
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

static void part_set_done(struct journal *j, struct part *p, size_t i)
{
    if (!part_is_done(p, i)) {
        p->done[i / 64] |= UINT64_C(1) << (i % 64);
        p->n_done++;
        j->undone--;
    }
}

static struct part *last_part(struct journal *j)
{
    return j->n_parts ? &j->parts[j->n_parts - 1] : NULL;
}

/* Where there is one for sure. */
static struct part *tail(struct journal *j)
{
    return &j->parts[j->n_parts - 1];
}

static struct part *add_part(struct journal *j, const struct segment *seg)
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

/* ---- reading what is there ------------------------------------------------------------------ */

static int done_range(void *ctx, uint64_t first, uint64_t count)
{
    struct journal *j = ctx;

    for (size_t k = 0; k < j->n_parts; k++) {
        struct part *p = &j->parts[k];
        uint64_t from = first > p->seg.first_seq ? first : p->seg.first_seq;
        uint64_t end = p->seg.first_seq + p->n_records;

        if (end > first + count)
            end = first + count;
        for (; from < end; from++)
            part_set_done(j, p, from - p->seg.first_seq);
    }
    return 0;
}

struct opening {
    struct journal *j;
    struct part *part;
    struct journal_report *report;
};

static int open_entry(void *ctx, const struct segment_entry *e)
{
    struct opening *o = ctx;
    struct part *p = o->part;

    if (e->type == ENTRY_RECORD || e->type == ENTRY_GARBAGE) {
        uint64_t i = e->number - p->seg.first_seq;
        size_t old = p->n_records;

        /* A number that goes back, or one that a segment can't hold, is no entry of ours. */
        if (e->number < p->seg.first_seq || i < old || i > SEGMENT_SIZE / SEGMENT_ENTRY_HEAD)
            return 0;
        part_grow(p, i + 1);
        o->j->undone += i + 1 - old;
        for (; old < i; old++) /* lost to damage: nothing to wait for */
            part_set_done(o->j, p, old);
        o->report->records++;
    } else if (e->type == ENTRY_DONE) {
        struct marks_reader r = {(const unsigned char *)e->data,
                                 (const unsigned char *)e->data + e->len};

        (void)marks_get_seqs(&r, done_range, o->j); /* a bad one costs repeats, no records */
    }
    return 0;
}

static void set_aside(struct journal *j, const char *name)
{
    char bad[NAME_SIZE + 16];

    snprintf(bad, sizeof(bad), "%s.bad", name);
    for (unsigned i = 1; i < 1000 && faccessat(j->dir_fd, bad, F_OK, 0) == 0; i++)
        snprintf(bad, sizeof(bad), "%s.bad.%u", name, i);
    (void)renameat(j->dir_fd, name, j->dir_fd, bad);
}

static int open_part(struct journal *j, const char *name, struct journal_report *report)
{
    struct opening o = {.j = j, .report = report};
    struct part *before = last_part(j);
    struct segment seg;
    size_t skipped;
    bool dirty;
    int r = segment_open(&seg, j->dir_fd, name);

    if (r == -ENODATA) { /* killed between making the file and its header */
        (void)unlinkat(j->dir_fd, name, 0);
        return 0;
    }
    if (r == 0 && before && seg.first_seq < before->seg.first_seq + before->n_records) {
        segment_close(&seg);
        r = ERR_JOURNAL_FORMAT;
    }
    if (r == ERR_JOURNAL_FORMAT || r == -EISDIR || r == -ELOOP) {
        set_aside(j, name);
        report->set_aside++;
        return 0;
    }
    if (r < 0)
        return r;
    o.part = add_part(j, &seg);
    r = segment_scan(&o.part->seg, open_entry, &o, &skipped, &dirty);
    if (r < 0)
        return r;
    report->segments++;
    report->damaged_bytes += skipped;
    report->torn |= dirty;
    o.part->damaged = skipped > 0;
    j->next_number = seg.number + 1;
    if (seg.first_seq + o.part->n_records > j->next_seq)
        j->next_seq = seg.first_seq + o.part->n_records;
    segment_close(&o.part->seg);
    return 0;
}

static int name_filter(const struct dirent *d)
{
    size_t len = strlen(d->d_name);

    return len == 20 && strspn(d->d_name, "0123456789abcdef") == 16 &&
           strcmp(d->d_name + 16, ".seg") == 0;
}

static int open_parts(struct journal *j, struct journal_report *report)
{
    struct dirent **names;
    int n = scandirat(j->dir_fd, ".", &names, name_filter, alphasort);
    int r = 0;

    if (n < 0)
        return -errno;
    for (int i = 0; i < n; i++) {
        if (r == 0)
            r = open_part(j, names[i]->d_name, report);
        free(names[i]);
    }
    free(names);
    return r;
}

/* Go on writing in the last segment, so that many restarts do not fill the window with air. */
static void continue_last(struct journal *j)
{
    struct part *p = last_part(j);
    struct segment seg;
    char name[NAME_SIZE];

    if (!p)
        return;
    part_name(name, p->seg.number);
    if (segment_open(&seg, j->dir_fd, name) < 0)
        return;
    seg.used = p->seg.used;
    if (segment_clean_tail(&seg) < 0) {
        segment_close(&seg);
        return;
    }
    p->seg = seg;
    j->appending = true;
}

static void make_spare(struct journal *j)
{
    struct segment s;

    if (faccessat(j->dir_fd, SPARE_NAME, F_OK, 0) == 0)
        return;
    if (segment_create(&s, j->dir_fd, SPARE_NAME, 0, 0) == 0)
        segment_close(&s);
}

int journal_open(const struct journal_conf *conf, struct journal **ret,
                 struct journal_report *report)
{
    struct journal *j;
    int r;

    *report = (struct journal_report){0};
    if (mkdirat(conf->state_fd, "journal", 0700) < 0 && errno != EEXIST)
        return -errno;
    j = mem_calloc(1, sizeof(*j));
    j->mark = BUF_INIT(SEGMENT_PAYLOAD_MAX);
    j->next_seq = 1;
    j->next_number = 1;
    j->removing = conf->removing;
    j->removed_cb = conf->removed;
    j->ctx = conf->ctx;
    journal_set_window(j, conf->window);
    j->dir_fd = openat(conf->state_fd, "journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    r = j->dir_fd < 0 ? -errno : open_parts(j, report);
    if (r < 0) {
        if (j->dir_fd >= 0)
            close(j->dir_fd);
        for (size_t i = 0; i < j->n_parts; i++)
            free(j->parts[i].done);
        free(j->parts);
        free(j);
        return r;
    }
    (void)unlinkat(j->dir_fd, REWRITE_NAME, 0);
    continue_last(j);
    make_spare(j);
    report->undone = j->undone;
    *ret = j;
    return 0;
}

static int removing_entry(void *ctx, const struct segment_entry *e)
{
    struct journal *j = ctx;

    return e->type == ENTRY_RECORD ? j->removing(j->ctx, e) : 0;
}

/* Remove the n oldest parts, oldest first: a mark must outlive the records it speaks of. */
static void remove_parts(struct journal *j, size_t n)
{
    char name[NAME_SIZE];

    if (n == j->n_parts && j->appending) {
        segment_close(&tail(j)->seg);
        j->appending = false;
    }
    for (size_t i = 0; i < n; i++) {
        struct segment seg;
        size_t skipped;
        bool dirty;

        part_name(name, j->parts[i].seg.number);
        if (j->removing && segment_open(&seg, j->dir_fd, name) == 0) {
            (void)segment_scan(&seg, removing_entry, j, &skipped, &dirty);
            segment_close(&seg);
        }
        if (j->removed_cb)
            j->removed_cb(j->ctx);
        if (j->parts[i].damaged)
            set_aside(j, name);
        else if (faccessat(j->dir_fd, SPARE_NAME, F_OK, 0) == 0)
            (void)unlinkat(j->dir_fd, name, 0);
        else
            (void)renameat(j->dir_fd, name, j->dir_fd, SPARE_NAME);
        free(j->parts[i].done);
    }
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
        make_spare(j); /* so that remove_parts() keeps none of the segments as one */
        remove_parts(j, j->n_parts);
        (void)unlinkat(j->dir_fd, SPARE_NAME, 0);
    }
    for (size_t i = 0; i < j->n_parts; i++)
        free(j->parts[i].done);
    if (j->appending)
        segment_close(&tail(j)->seg);
    free(j->parts);
    buf_done(&j->mark);
    close(j->dir_fd);
    free(j);
}

/* ---- appending ------------------------------------------------------------------------------ */

/* The file under the segment's name gets a fresh copy of its bytes: pages that a failed sync left
 * clean but unwritten would never be written again. */
static int rewrite_last(struct journal *j)
{
    CLEANUP_FREE char *data = mem_alloc(SEGMENT_SIZE);
    struct part *p = tail(j);
    struct segment fresh;
    char name[NAME_SIZE];
    ssize_t n = pread(p->seg.fd, data, p->seg.used, 0);
    int r;

    if (n != (ssize_t)p->seg.used)
        return n < 0 ? -errno : -EIO;
    (void)unlinkat(j->dir_fd, REWRITE_NAME, 0);
    r = segment_create(&fresh, j->dir_fd, REWRITE_NAME, p->seg.number, p->seg.first_seq);
    if (r < 0)
        return r;
    n = pwrite(fresh.fd, data, p->seg.used, 0);
    part_name(name, p->seg.number);
    if (n != (ssize_t)p->seg.used || fdatasync(fresh.fd) < 0 ||
        renameat(j->dir_fd, REWRITE_NAME, j->dir_fd, name) < 0 || fsync(j->dir_fd) < 0) {
        r = n < 0 || n == (ssize_t)p->seg.used ? -errno : -EIO;
        segment_close(&fresh);
        return r;
    }
    close(p->seg.fd);
    p->seg.fd = fresh.fd;
    return 0;
}

int journal_sync(struct journal *j)
{
    int r = 0;

    if (!j->unsynced || !j->appending)
        return 0;
    if (j->rewrite)
        r = rewrite_last(j);
    else if (fdatasync(tail(j)->seg.fd) < 0)
        r = -errno;
    j->rewrite = r < 0;
    j->unsynced = r < 0;
    return r;
}

/* How many segments there may be for this kind of entry. */
static size_t limit(const struct journal *j, bool mark)
{
    if (mark)
        return j->max_parts + j->reserve_parts + MARK_SEGMENTS;
    return j->leaving ? j->max_parts + j->reserve_parts : j->max_parts;
}

static int new_part(struct journal *j, bool mark)
{
    struct segment seg;
    char name[NAME_SIZE];
    int r = journal_sync(j); /* one segment at most is ever unsynced */

    if (r < 0)
        return r;
    part_name(name, j->next_number);
    r = segment_create(&seg, j->dir_fd, name, j->next_number, j->next_seq);
    if (r < 0 && mark) {
        r = segment_reuse(&seg, j->dir_fd, SPARE_NAME, j->next_number, j->next_seq);
        if (r == 0 && renameat(j->dir_fd, SPARE_NAME, j->dir_fd, name) < 0) {
            r = -errno;
            segment_close(&seg);
        }
    }
    if (r < 0)
        return r;
    if (j->appending)
        segment_close(&tail(j)->seg);
    add_part(j, &seg);
    j->appending = true;
    j->next_number++;
    return 0;
}

static int append(struct journal *j, const struct segment_entry *e, bool mark)
{
    size_t most = limit(j, mark);
    int r;

    if (e->len > SEGMENT_PAYLOAD_MAX)
        return -EMSGSIZE;
    if (j->n_parts > most)
        return ERR_JOURNAL_FULL;
    if (!j->appending || !segment_fits(&tail(j)->seg, e->len)) {
        if (j->n_parts >= most)
            return ERR_JOURNAL_FULL;
        r = new_part(j, mark);
        if (r < 0)
            return r;
    }
    r = segment_append(&tail(j)->seg, e);
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
    p = tail(j);
    part_grow(p, p->n_records + 1);
    j->undone++;
    *seq = j->next_seq++;
    return 0;
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

    for (size_t i = 0; i < n; i++)
        done_range(j, seqs[i], 1);
    j->mark.len = 0;
    if (marks_put_seqs(&j->mark, seqs, n) == 0) {
        e.data = j->mark.data;
        e.len = j->mark.len;
        (void)append(j, &e, true);
    }
    buf_reset(&j->mark, 64 << 10);
    journal_trim(j);
}

/* ---- reading again -------------------------------------------------------------------------- */

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

        done = i >= s->part->n_records || part_is_done(s->part, i);
    }
    return s->each(s->ctx, e, done);
}

int journal_scan(struct journal *j,
                 int (*each)(void *ctx, const struct segment_entry *e, bool done), void *ctx)
{
    struct scanning s = {.each = each, .ctx = ctx};

    for (size_t k = 0; k < j->n_parts; k++) {
        struct segment seg;
        char name[NAME_SIZE];
        size_t skipped;
        bool dirty;
        int r;

        s.part = &j->parts[k];
        part_name(name, s.part->seg.number);
        r = segment_open(&seg, j->dir_fd, name);
        if (r < 0)
            return r;
        r = segment_scan(&seg, scan_entry, &s, &skipped, &dirty);
        segment_close(&seg);
        if (r)
            return r;
    }
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
    char name[NAME_SIZE];
    int r;

    if (c->file.fd >= 0 && c->file.number == p->seg.number) {
        c->file.used = p->seg.used;
        return 0;
    }
    if (c->segment != p->seg.number) {
        c->segment = p->seg.number;
        c->offset = SEGMENT_HEADER;
    }
    segment_close(&c->file);
    c->reader.len = 0;
    part_name(name, p->seg.number);
    r = segment_open(&c->file, j->dir_fd, name);
    c->file.used = p->seg.used;
    return r;
}

int journal_cursor_read(struct journal *j, struct journal_cursor *c, struct segment_entry *e)
{
    for (size_t k = 0; k < j->n_parts; k++) {
        struct part *p = &j->parts[k];
        int r;

        if (p->seg.number < c->segment)
            continue;
        r = cursor_open(j, c, p);
        while (r == 0 && (r = segment_read(&c->file, &c->reader, &c->offset, e)) == 1) {
            uint64_t i = e->number - p->seg.first_seq;

            if ((e->type == ENTRY_RECORD || e->type == ENTRY_GARBAGE) && i < p->n_records &&
                !part_is_done(p, i))
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
    struct part *p = last_part(j);

    if (!p)
        return;
    if (c->segment != p->seg.number) {
        segment_close(&c->file);
        c->reader.len = 0;
        c->segment = p->seg.number;
    }
    c->offset = p->seg.used;
}

/* ---- small things --------------------------------------------------------------------------- */

void journal_set_window(struct journal *j, uint64_t window)
{
    uint64_t parts = window / SEGMENT_SIZE;

    j->max_parts = parts < 2 ? 2 : (size_t)parts;
    j->reserve_parts = j->max_parts / 4 ? j->max_parts / 4 : 1;
}

void journal_set_leaving(struct journal *j, bool leaving)
{
    j->leaving = leaving;
}

uint64_t journal_undone(const struct journal *j)
{
    return j->undone;
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

bool journal_full(const struct journal *j)
{
    size_t most = limit(j, false);

    return j->n_parts > most ||
           (j->n_parts == most && j->parts[j->n_parts - 1].seg.used > SEGMENT_SIZE - 4096);
}

bool journal_unsynced(const struct journal *j)
{
    return j->unsynced;
}
