/* SPDX-License-Identifier: Apache-2.0 */
/* Events go back as the bytes they were kept as. Lines go back as the event they make: it is made
 * here and not in the running program, so that what cannot be handled kills this command and leaves
 * the stream alone. Some entries at a time are synced in state_dir/requeue under a name that the
 * program takes up, and only then taken out of the dead letters: killed in between, they are in
 * both, and may be sent twice under one id. Doubles of an entry are taken out with it. */
#include "config.h"
#include "commands/deadletters_requeue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "conf/conf.h"
#include "base/err.h"
#include "base/mem.h"
#include "commands/state_dir.h"
#include "deliver/deadletter.h"
#include "deliver/deadletter_name.h"
#include "event/group.h"
#include "event/parse.h"
#include "event/recent.h"
#include "format/format.h"
#include "input/cutoff.h"
#include "input/record.h"
#include "engine/requeue.h"

#define CHUNK_ENTRIES 256
#define DOUBLES_MAX 4096
#define CHUNK_BYTES ((size_t)1 << 20)
#define LINE_EXTRA 1024
#define DOC_EXTRA (128u << 10)
#define NEW_FILE "new"

struct places {
    struct deadread_place *at;
    size_t n, cap;
};

struct work {
    struct deadletters *d;
    int dir_fd; /* state_dir/requeue */
    uint64_t next;
    struct buf chunk;
    size_t n_chunk;
    struct places taken; /* what is in chunk, */
    size_t n_doubles;    /* and doubles: what they double is still there, or in chunk */
    /* lines on their way to their events */
    struct places lines; /* by the number that the index has for them */
    struct group *group;
    struct recent *recent;
    struct parser *parser;
    struct format *format;
    struct buf scratch, doc, entry;
    struct event_line *event_lines;
    size_t cap_event_lines;
};

static void add_place(struct places *p, const struct deadread_place *place)
{
    if (p->n == p->cap) {
        p->cap = p->cap ? p->cap * 2 : 64;
        p->at = mem_realloc_array(p->at, p->cap, sizeof(*p->at));
    }
    p->at[p->n++] = *place;
}

static int by_place(const void *a, const void *b)
{
    const struct deadread_place *x = a, *y = b;

    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* ---- from the chunk to the disk ---------------------------------------------------------------
 */

static int write_file(struct work *w)
{
    int fd =
        openat(w->dir_fd, NEW_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int r = fd < 0 ? -errno : 0;

    for (size_t done = 0; r == 0 && done < w->chunk.len;) {
        ssize_t n = write(fd, w->chunk.data + done, w->chunk.len - done);

        if (n < 0)
            r = -errno;
        else
            done += (size_t)n;
    }
    if (r == 0 && fdatasync(fd) < 0)
        r = -errno;
    if (fd >= 0)
        close(fd);
    return r;
}

static int publish(struct work *w)
{
    char name[DEADLETTER_NAME_SIZE];

    /* The program removes files meanwhile, but makes none: the name is free, or the next is. */
    do {
        deadletter_file_name(w->next++, name);
    } while (faccessat(w->dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0);
    if (renameat(w->dir_fd, NEW_FILE, w->dir_fd, name) < 0 || fsync(w->dir_fd) < 0)
        return -errno;
    return 0;
}

static int flush(struct work *w)
{
    int r;

    if (!w->taken.n)
        return 0;
    r = w->n_chunk ? write_file(w) : 0;
    if (r == 0 && w->n_chunk)
        r = publish(w);
    if (r == 0) {
        w->d->n_done += w->taken.n - w->n_doubles;
        qsort(w->taken.at, w->taken.n, sizeof(*w->taken.at), by_place);
        r = deadread_take_out(w->d->dead_fd, w->taken.at, w->taken.n);
    }
    w->chunk.len = 0;
    w->n_chunk = w->taken.n = w->n_doubles = 0;
    return r;
}

static int put(struct work *w, const char *line, size_t len)
{
    int r = w->chunk.len + len + 1 > CHUNK_BYTES || w->n_chunk == CHUNK_ENTRIES ? flush(w) : 0;

    if (r == 0)
        r = buf_append(&w->chunk, line, len);
    if (r == 0)
        r = buf_append_char(&w->chunk, '\n');
    w->n_chunk += r == 0;
    return r;
}

/* ---- events -----------------------------------------------------------------------------------
 */

static int requeue_document(void *ctx, const struct deadread_place *place, const char *line,
                            const struct deadread *entry)
{
    struct work *w = ctx;
    int r;

    if (!entry) {
        deadletters_refuse(w->d, place, "damaged; it can only be shown and dropped");
        return 0;
    }
    if (!entry->is_document)
        return 0;
    r = put(w, line, place->len);
    if (r == 0)
        add_place(&w->taken, place);
    return r;
}

static int take_double(struct work *w, const struct deadread_place *place)
{
    add_place(&w->taken, place);
    w->n_doubles++;
    return w->n_doubles < DOUBLES_MAX ? 0 : flush(w);
}

static int double_document(void *ctx, const struct deadread_place *place, const char *line,
                           const struct deadread *entry)
{
    (void)line;
    return entry->is_document ? take_double(ctx, place) : 0;
}

static int double_line(void *ctx, const struct deadread_place *place, const char *line,
                       const struct deadread *entry)
{
    (void)line;
    return entry->is_document ? 0 : take_double(ctx, place);
}

/* ---- lines ------------------------------------------------------------------------------------
 */

static int put_event(struct work *w, const struct group_event *ev)
{
    struct deadletter_entry out = {.reason = "made from its records"};
    size_t id_len;
    const struct event *parsed;
    struct event_source src;
    const char *why = NULL;
    int r;

    if (ev->n_lines > w->cap_event_lines) {
        w->cap_event_lines = ev->n_lines * 2;
        w->event_lines =
            mem_realloc_array(w->event_lines, w->cap_event_lines, sizeof(*w->event_lines));
    }
    group_source(ev, w->event_lines, &src);
    w->doc.len = 0;
    r = parse_event(w->parser, &src, &parsed);
    if (r == 0)
        r = format_write(w->format, parsed, &w->doc);
    if (r != 0)
        why = r > 0 ? "option events excludes its event" : err_text(r);
    if (r == 0) {
        out.id = format_written_id(w->format, &id_len);
        out.doc = w->doc.data;
        out.doc_len = w->doc.len;
        deadletter_write(&w->entry, &out);
        r = put(w, w->entry.data, w->entry.len - 1);
        if (r < 0)
            return r;
    }
    for (size_t i = 0; i < ev->n_lines; i++) {
        const struct deadread_place *place = &w->lines.at[ev->lines[i].seq];

        if (why)
            deadletters_refuse(w->d, place, why);
        else
            add_place(&w->taken, place);
    }
    return 0;
}

static int put_settled(struct work *w, bool all)
{
    struct group_event *ev;
    int r = 0;

    while (r == 0 && (ev = group_take(w->group, 0, all))) {
        struct record key = group_key(ev);

        recent_add_part(w->recent, recent_event_digest(w->recent, &key), ev->part, 0);
        r = put_event(w, ev);
        group_release(w->group, ev);
    }
    return r;
}

static int requeue_line(void *ctx, const struct deadread_place *place, const char *line,
                        const struct deadread *entry)
{
    struct work *w = ctx;
    enum record_fault fault;
    struct record rec;
    unsigned part = 1;

    (void)line;
    if (!entry || entry->is_document)
        return 0;
    fault = record_parse(entry->text, entry->text_len, &w->scratch, &rec);
    if (fault != RECORD_OK) {
        char why[128];

        snprintf(why, sizeof(why), "%s; it can only be shown and dropped",
                 record_fault_text(fault));
        deadletters_refuse(w->d, place, why);
        return 0;
    }
    if (!group_has(w->group, &rec))
        part = recent_parts(w->recent, recent_event_digest(w->recent, &rec)) + 1;
    group_add(w->group, &rec, w->lines.n, cutoff_of(&rec, entry->text_len, 0), part, 0);
    add_place(&w->lines, place);
    return put_settled(w, false);
}

/* ---- all of it --------------------------------------------------------------------------------
 */

static int open_dir(struct work *w)
{
    int state_fd = w->d->state_fd;

    if (mkdirat(state_fd, REQUEUE_DIR, 0700) == 0)
        (void)fsync(state_fd); /* what is in it is synced with it, and says so */
    else if (errno != EEXIST)
        return -errno;
    w->dir_fd = openat(state_fd, REQUEUE_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    return w->dir_fd < 0 ? -errno : 0;
}

static void begin(struct work *w)
{
    const struct conf *conf = w->d->conf;
    struct group_conf limits;

    group_limits(conf, &limits);
    if (!limits.settle_ms)
        limits.settle_ms = 1;
    w->chunk = BUF_INIT(SIZE_MAX / 4); /* one entry, or CHUNK_BYTES */
    w->entry = BUF_INIT(SIZE_MAX / 4);
    w->scratch = BUF_INIT(SIZE_MAX / 4); /* a line as long as it was kept */
    w->doc = BUF_INIT(conf->max_event + DOC_EXTRA);
    w->group = group_new(&limits);
    w->recent = recent_new(RECENT_RECORDS, RECENT_EVENTS);
    w->parser = parser_new();
    w->format = format_new(conf);
}

static void end(struct work *w)
{
    format_free(w->format);
    parser_free(w->parser);
    recent_free(w->recent);
    group_free(w->group);
    buf_done(&w->doc);
    buf_done(&w->scratch);
    buf_done(&w->entry);
    buf_done(&w->chunk);
    free(w->event_lines);
    free(w->lines.at);
    free(w->taken.at);
    if (w->dir_fd >= 0)
        close(w->dir_fd);
}

int deadletters_requeue(struct deadletters *d)
{
    struct work w = {.d = d, .dir_fd = -1, .next = 1};
    int r = open_dir(&w);

    begin(&w);
    /* The events first: they can't kill us. */
    if (r == 0)
        r = deadletters_walk(d, requeue_document, double_document, &w);
    if (r == 0)
        r = flush(&w);
    if (r == 0)
        r = deadletters_walk(d, requeue_line, double_line, &w);
    if (r == 0)
        r = put_settled(&w, true);
    group_end_all(w.group, EVENT_BY_SHUTDOWN, 0);
    if (r == 0)
        r = put_settled(&w, true);
    if (r == 0)
        r = flush(&w);
    end(&w);
    printf("%zu requeued%s\n", d->n_done,
           d->n_done == 0                  ? ""
           : state_dir_in_use(d->state_fd) ? "; the running omauditjson sends them within seconds"
                                           : "; the next omauditjson sends them when it starts");
    return r;
}
