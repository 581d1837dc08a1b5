/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "journal/journal.h"

#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "journal/journal_internal.h"
#include "journal/marks.h"

static struct part *last_part(struct journal *j)
{
    return j->n_parts ? &j->parts[j->n_parts - 1] : NULL;
}

struct opening {
    struct journal *j;
    struct part *part;
    struct journal_report *report;
    struct missing missing;
};

static int open_entry(void *ctx, const struct segment_entry *e)
{
    struct opening *o = ctx;
    struct part *p = o->part;

    if (e->type == ENTRY_RECORD || e->type == ENTRY_GARBAGE) {
        uint64_t i = e->number - p->seg.first_seq;
        size_t old = p->n_records;

        /* A number that goes back, or one that a segment can't hold, is no entry of ours. */
        if (e->number < p->seg.first_seq || i < old || i > JOURNAL_PART_RECORDS)
            return 0;
        journal_part_grow(p, i + 1);
        o->j->undone += i + 1 - old;
        missing_add(&o->missing, p->seg.first_seq + old, e->number);
        for (; old < i; old++) /* lost to damage: nothing to wait for */
            journal_part_set_done(o->j, p, old);
        o->report->records++;
    } else if (e->type == ENTRY_DONE) {
        struct marks_reader r = {(const unsigned char *)e->data,
                                 (const unsigned char *)e->data + e->len};

        (void)marks_get_seqs(&r, journal_done_range,
                             o->j); /* a bad one costs repeats, no records */
    }
    return 0;
}

/* A foreign segment may begin anywhere: no more records than fit in between were lost. */
static uint64_t gap_begin(const struct part *before, const struct segment *seg, uint64_t after)
{
    uint64_t segments = seg->number - before->seg.number;
    uint64_t most = (segments < 1024 ? segments : 1024) * JOURNAL_PART_RECORDS;

    return seg->first_seq - after > most ? seg->first_seq - most : after;
}

/* An unfinished header has no entries after it and is not damage. */
static void repair_header(struct opening *o, struct part *p)
{
    if (p->seg.header == SEGMENT_HEADER_WHOLE)
        return;
    o->report->repaired += p->seg.header == SEGMENT_HEADER_REPAIRED && p->seg.used > SEGMENT_HEADER;
    if (segment_repair(&p->seg) == 0) /* on failure the next start repairs it */
        p->seg.header = SEGMENT_HEADER_WHOLE;
}

static int open_part(struct opening *o, const char *name)
{
    struct journal *j = o->j;
    struct journal_report *report = o->report;
    struct part *before = last_part(j);
    uint64_t after = before ? before->seg.first_seq + before->n_records : 1;
    struct segment seg;
    char own[JOURNAL_NAME_SIZE];
    size_t skipped;
    bool dirty;
    int r = segment_open(&seg, j->dir_fd, name);

    if (r == -ENODATA) { /* killed between making the file and its header */
        (void)unlinkat(j->dir_fd, name, 0);
        return 0;
    }
    if (r == 0 && seg.header == SEGMENT_HEADER_FOUND && seg.first_seq == 0) /* marks alone */
        seg.first_seq = after;
    /* Under another name than its number's it would not be found again. */
    journal_part_name(own, seg.number);
    if (r == 0 && (strcmp(own, name) != 0 || seg.first_seq < 1 || seg.first_seq > UINT64_MAX / 2 ||
                   (before && seg.first_seq < after))) {
        segment_close(&seg);
        r = ERR_JOURNAL_FORMAT;
    }
    if (r == ERR_JOURNAL_FORMAT || r == -EISDIR || r == -ELOOP) {
        if (!report->set_aside++)
            snprintf(report->bad_name, sizeof(report->bad_name), "%.31s", name);
        return journal_set_aside(j, name); /* else the name is in the way of a segment to come */
    }
    if (r < 0)
        return r;
    report->found += seg.header == SEGMENT_HEADER_FOUND;
    report->short_files += seg.short_by > 0;
    report->short_bytes += seg.short_by;
    if (before)
        missing_add(&o->missing, gap_begin(before, &seg, after), seg.first_seq);
    o->part = journal_add_part(j, &seg);
    if (j->reading)
        j->reading(j->ctx);
    r = segment_scan(&o->part->seg, open_entry, o, &skipped, &dirty);
    if (r < 0)
        return r;
    repair_header(o, o->part);
    report->segments++;
    report->damaged_bytes += skipped;
    report->torn |= dirty;
    o->part->damaged = skipped > 0;
    j->next_number = seg.number + 1;
    if (seg.first_seq + o->part->n_records > j->next_seq)
        j->next_seq = seg.first_seq + o->part->n_records;
    segment_close(&o->part->seg);
    return 0;
}

static int name_filter(const struct dirent *d)
{
    return journal_is_part_name(d->d_name, strlen(d->d_name));
}

static int open_parts(struct opening *o)
{
    struct dirent **names;
    int n = scandirat(o->j->dir_fd, ".", &names, name_filter, alphasort);
    int r = 0;

    if (n < 0)
        return -errno;
    for (int i = 0; i < n; i++) {
        if (r == 0)
            r = open_part(o, names[i]->d_name);
        free(names[i]);
    }
    free(names);
    return r;
}

/* Go on writing in the last segment, so that many restarts do not fill the window with air. What a
 * former life did not come to sync is synced here: its records are known from now on, and a commit
 * that brings them again says OK without another look. 0 or -errno. */
static int continue_last(struct journal *j)
{
    struct part *p = last_part(j);
    struct segment seg;
    char name[JOURNAL_NAME_SIZE];
    int r;

    if (!p)
        return 0;
    journal_part_name(name, p->seg.number);
    r = segment_open(&seg, j->dir_fd, name);
    if (r < 0)
        return r;
    seg.used = p->seg.used;
    /* A full disk, or one that is better not written to: the next append makes a new one. */
    if (seg.version != SEGMENT_VERSION || seg.header != SEGMENT_HEADER_WHOLE ||
        p->seg.first_seq + p->n_records != j->next_seq || segment_clean_tail(&seg) < 0) {
        r = fdatasync(seg.fd) < 0 ? -errno : 0;
        segment_close(&seg);
        return r;
    }
    p->seg = seg;
    j->appending = true;
    return 0;
}

static void free_journal(struct journal *j)
{
    if (j->appending)
        segment_close(&last_part(j)->seg);
    if (j->dir_fd >= 0)
        close(j->dir_fd);
    for (size_t i = 0; i < j->n_parts; i++)
        free(j->parts[i].done);
    free(j->parts);
    free(j);
}

int journal_foreign(int state_fd, struct journal_report *report)
{
    int fd = openat(state_fd, "journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    struct dirent **names;
    int n = fd < 0 ? 0 : scandirat(fd, ".", &names, name_filter, alphasort), r = 0;

    for (int i = 0; i < n; i++) {
        struct segment seg;

        if (r == 0) {
            r = segment_open(&seg, fd, names[i]->d_name);
            segment_close(&seg);
            if (r == ERR_JOURNAL_VERSION)
                snprintf(report->bad_name, sizeof(report->bad_name), "%.31s", names[i]->d_name);
            else
                r = 0;
        }
        free(names[i]);
    }
    if (fd >= 0 && n >= 0)
        free(names);
    if (fd >= 0)
        close(fd);
    return r;
}

int journal_open(const struct journal_conf *conf, struct journal **ret,
                 struct journal_report *report)
{
    struct opening o = {.report = report};
    struct journal *j;
    int r;

    *report = (struct journal_report){0};
    r = journal_foreign(conf->state_fd, report);
    if (r < 0)
        return r;
    if (mkdirat(conf->state_fd, "journal", 0700) < 0 && errno != EEXIST)
        return -errno;
    j = mem_calloc(1, sizeof(*j));
    j->mark = BUF_INIT(SEGMENT_PAYLOAD_MAX);
    j->held = BUF_INIT(JOURNAL_HELD_MAX);
    j->next_seq = 1;
    j->next_number = 1;
    j->removing = conf->removing;
    j->reading = conf->reading;
    j->tally = conf->tally;
    j->ctx = conf->ctx;
    j->dir_fd = openat(conf->state_fd, "journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    j->spares.dir_fd = j->dir_fd;
    o.j = j;
    r = j->dir_fd < 0 ? -errno : open_parts(&o);
    if (r == 0) {
        journal_set_window(j, conf->window); /* there may be more than it */
        journal_find_missing(j, &o.missing, report);
        r = continue_last(j);
    }
    /* Who made a segment may have been killed before its name was synced. */
    if (r == 0 && fsync(j->dir_fd) < 0)
        r = -errno;
    if (r < 0) {
        missing_done(&o.missing);
        free_journal(j);
        return r;
    }
    (void)unlinkat(j->dir_fd, JOURNAL_REWRITE, 0);
    journal_settle_missing(j, &o.missing);
    missing_done(&o.missing);
    j->scanned = j->n_parts == 0;
    journal_count_aside(j);
    report->aside = j->aside;
    (void)spares_fill(&j->spares); /* a full disk is no error: the first append says so */
    report->undone = j->undone;
    *ret = j;
    return 0;
}

bool journal_is_there(const struct journal *j, int state_fd)
{
    struct stat ours, now;
    char name[JOURNAL_NAME_SIZE];

    if (fstat(j->dir_fd, &ours) < 0)
        return true; /* not known: no reason to stop */
    if (fstatat(state_fd, "journal", &now, AT_SYMLINK_NOFOLLOW) < 0)
        return errno != ENOENT;
    if (ours.st_dev != now.st_dev || ours.st_ino != now.st_ino)
        return false;
    for (size_t i = 0; i < j->n_parts; i++) {
        journal_part_name(name, j->parts[i].seg.number);
        if (fstatat(j->dir_fd, name, &now, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
            return false;
    }
    return true;
}
