/* SPDX-License-Identifier: Apache-2.0 */
/* For the command `journal check`: reads, and changes nothing. */
#include "config.h"
#include "journal/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/aside.h"
#include "base/mem.h"
#include "journal/journal_internal.h"
#include "journal/marks.h"

struct looking {
    struct journal_look look;
    struct missing undone; /* of its records */
    struct missing gap;
};

struct all {
    int dir_fd;
    struct looking *files;
    size_t n;
};

static int note(void *ctx, const struct segment_entry *e)
{
    struct looking *l = ctx;

    if (e->type != ENTRY_RECORD && e->type != ENTRY_GARBAGE) {
        l->look.other_entries++;
        return 0;
    }
    if (e->number > UINT64_MAX / 2 || (l->look.records && e->number <= l->look.last))
        return 0;
    missing_add(&l->undone, e->number, e->number + 1);
    if (!l->look.records++)
        l->look.first = e->number;
    l->look.last = e->number;
    return 0;
}

static int take_out(void *ctx, uint64_t first, uint64_t count)
{
    struct all *a = ctx;

    for (size_t i = 0; i < a->n; i++) {
        (void)missing_take_out(&a->files[i].undone, first, count);
        (void)missing_take_out(&a->files[i].gap, first, count);
    }
    return 0;
}

static int take_out_done(void *ctx, const struct segment_entry *e)
{
    struct marks_reader r = {(const unsigned char *)e->data,
                             (const unsigned char *)e->data + e->len};

    if (e->type == ENTRY_DONE)
        (void)marks_get_seqs(&r, take_out, ctx);
    return 0;
}

static int wanted(const struct dirent *d)
{
    return journal_is_part_name(d->d_name, strlen(d->d_name)) ||
           aside_is_one(d->d_name, journal_is_part_name) > 0;
}

static bool is_aside(const char *name)
{
    return aside_is_one(name, journal_is_part_name) > 0;
}

static void look_into(struct all *a, struct looking *l, const char *name)
{
    struct segment *s = &l->look.segment;

    l->look.name = name;
    l->look.aside = is_aside(name);
    l->look.error = segment_open(s, a->dir_fd, name);
    if (l->look.error == 0)
        l->look.error = segment_scan(s, note, l, &l->look.damaged_bytes, &l->look.torn);
    segment_close(s);
}

/* The marks of a segment speak of others, too; those of a file set aside of itself alone. */
static void apply_marks(struct all *a)
{
    for (size_t i = 0; i < a->n; i++) {
        struct looking *l = &a->files[i];
        struct all alone = {.files = l, .n = 1};
        struct segment s;
        size_t skipped;
        bool dirty;

        if (l->look.error || segment_open(&s, a->dir_fd, l->look.name) < 0)
            continue;
        (void)segment_scan(&s, take_out_done, l->look.aside ? &alone : a, &skipped, &dirty);
        segment_close(&s);
    }
}

static void find_gaps(struct all *a)
{
    const struct journal_look *before = NULL;

    for (size_t i = 0; i < a->n; i++) {
        struct journal_look *l = &a->files[i].look;
        uint64_t after;

        if (l->aside || l->error)
            continue;
        after = !before           ? l->segment.first_seq
                : before->records ? before->last + 1
                                  : before->segment.first_seq;
        if (l->segment.first_seq > after)
            missing_add(&a->files[i].gap, after, l->segment.first_seq);
        before = l;
    }
}

int journal_look(int state_fd, void (*each)(void *ctx, const struct journal_look *look), void *ctx)
{
    struct all a = {
        .dir_fd = openat(state_fd, "journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)};
    struct dirent **names = NULL;
    int n = a.dir_fd < 0 ? -1 : scandirat(a.dir_fd, ".", &names, wanted, alphasort);

    if (n < 0) {
        n = -errno;
        if (a.dir_fd >= 0)
            close(a.dir_fd);
        return n;
    }
    a.files = mem_calloc((size_t)n + 1, sizeof(*a.files));
    for (int aside = 0; aside < 2; aside++)
        for (int i = 0; i < n; i++)
            if (is_aside(names[i]->d_name) == (aside == 1))
                look_into(&a, &a.files[a.n++], names[i]->d_name);
    find_gaps(&a);
    apply_marks(&a);
    for (size_t i = 0; i < a.n; i++) {
        struct looking *l = &a.files[i];

        l->look.undone = l->look.segment.delivered && l->look.aside ? 0 : missing_count(&l->undone);
        l->look.gap = missing_count(&l->gap);
        each(ctx, &l->look);
        missing_done(&l->undone);
        missing_done(&l->gap);
    }
    for (int i = 0; i < n; i++)
        free(names[i]);
    free(names);
    free(a.files);
    close(a.dir_fd);
    return 0;
}
