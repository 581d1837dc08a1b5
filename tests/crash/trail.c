/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "trail_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"

#define FILE_ID_BYTES \
    512 /* by which imfile 8.2302 knows a file; it saves its state when it has them */

void trail_die(const char *what)
{
    (void)fprintf(stderr, "torture: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void path_of(const struct trail *t, const char *name, char *out, size_t size)
{
    if ((size_t)snprintf(out, size, "%s/%s", t->dir, name) >= size)
        trail_die(name);
}

/* -- making it --------------------------------------------------------------------------------- */

/* What rsyslog and the stanza put before the record. */
static const char *without_prefix(const char *p, size_t *len)
{
    static const char kernel[] = "audit: type=";
    const char *k = memmem(p, *len < 100 ? *len : 100, kernel, sizeof(kernel) - 1);

    if (k != NULL) {
        k += 7;
        *len -= (size_t)(k - p);
        return k;
    }
    while (*len > 0 && *p == ' ') {
        p++;
        (*len)--;
    }
    return p;
}

static size_t *slot_of(struct trail *t, uint64_t key)
{
    size_t at = key & (t->n_slots - 1);

    while (t->slots[at] != 0 && t->lines[t->slots[at] - 1].key != key)
        at = (at + 1) & (t->n_slots - 1);
    return &t->slots[at];
}

static void index_lines(struct trail *t)
{
    for (t->n_slots = 1024; t->n_slots < t->n * 2; t->n_slots *= 2)
        ;
    t->slots = mem_calloc(t->n_slots, sizeof(*t->slots));
    for (size_t i = 0; i < t->n; i++) {
        struct line *l = &t->lines[i];
        const char *text;
        size_t len, *slot;

        if (l->wire == NULL) {
            l->wire = l->text;
            l->wire_len = l->len;
        }
        len = l->wire_len;
        text = without_prefix(l->wire, &len);
        l->key = XXH3_64bits(text, len);
        slot = slot_of(t, l->key);
        if (*slot == 0)
            *slot = i + 1;
        l->nth = t->lines[*slot - 1].copies++;
    }
}

/* Which of several equal lines was answered is not known: the first ones. */
static bool was_answered(struct trail *t, const struct line *l)
{
    return l->nth < t->lines[*slot_of(t, l->key) - 1].answered;
}

static void write_lines(struct trail *t, const char *name, bool answered)
{
    char path[4200];
    FILE *f;

    path_of(t, name, path, sizeof(path));
    f = fopen(path, "we");
    if (f == NULL)
        trail_die(path);
    for (size_t i = 0; i < t->n; i++)
        if (!answered || was_answered(t, &t->lines[i]))
            (void)fprintf(f, "%.*s\n", (int)t->lines[i].len, t->lines[i].text);
    if (t->invented.len > 0)
        (void)fwrite(t->invented.data, 1, t->invented.len, f);
    if (fclose(f) != 0)
        trail_die(path);
}

struct trail *trail_new(const struct schedule *s, const char *gen, const char *dir)
{
    struct trail *t = mem_calloc(1, sizeof(*t));
    char path[4200];

    t->s = s;
    t->dir = mem_strdup(dir);
    t->feed_fd = t->answered_fd = -1;
    t->text = t->wire = BUF_INIT(LOG_MAX);
    t->tail = t->invented = BUF_INIT(LOG_MAX);
    trail_run_gen(s, gen, false, &t->text);
    t->n = trail_split(t->text.data, t->text.len, NULL, false);
    t->lines = mem_calloc(t->n + 1, sizeof(*t->lines));
    (void)trail_split(t->text.data, t->text.len, t->lines, false);
    if (s->stanza == STANZA_KMSG) {
        trail_run_gen(s, gen, true, &t->wire);
        (void)trail_split(t->wire.data, t->wire.len, t->lines, true);
    }
    trail_disturb(t);
    index_lines(t);
    write_lines(t, "fed", false);
    path_of(t, "answered", path, sizeof(path));
    t->answered_fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    if (t->answered_fd < 0)
        trail_die(path);
    if (s->stanza == STANZA_KMSG) {
        path_of(t, "kmsg", path, sizeof(path));
        if (mkfifo(path, 0600) < 0 ||
            (t->feed_fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)) < 0)
            trail_die(path);
    } else if (s->stanza == STANZA_AUDISP) {
        t->feed_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (t->feed_fd < 0)
            trail_die("socket");
    } else if (s->stanza != STANZA_JOURNAL) {
        path_of(t, "audit", path, sizeof(path));
        (void)mkdir(path, 0755);
        path_of(t, "audit/audit.log", path, sizeof(path));
        t->feed_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (t->feed_fd < 0)
            trail_die(path);
    }
    return t;
}

void trail_free(struct trail *t)
{
    if (t->feed_fd >= 0)
        (void)close(t->feed_fd);
    (void)close(t->answered_fd);
    buf_done(&t->text);
    buf_done(&t->wire);
    buf_done(&t->tail);
    buf_done(&t->invented);
    free(t->lines);
    free(t->slots);
    free(t->dir);
    free(t);
}

/* -- feeding it -------------------------------------------------------------------------------- */

void trail_feed(struct trail *t, unsigned piece)
{
    bool all = piece + 1 >= t->s->pieces || t->s->stanza == STANZA_JOURNAL;
    size_t end = all ? t->n : t->n * (piece + 1) / t->s->pieces;

    t->due = end;
    trail_push(t);
}

static void push_file(struct trail *t)
{
    struct buf all = BUF_INIT(LOG_MAX);

    for (; t->sent < t->due; t->sent++) {
        struct line *l = &t->lines[t->sent];
        size_t end = t->file_bytes + l->wire_len + 1;

        (void)buf_append(&all, l->wire, l->wire_len);
        (void)buf_append_char(&all, '\n');
        l->passes_mark = t->file_bytes < FILE_ID_BYTES && end >= FILE_ID_BYTES;
        t->file_bytes = end;
    }
    if (all.len > 0 && write(t->feed_fd, all.data, all.len) != (ssize_t)all.len)
        trail_die("the log can't be written");
    buf_done(&all);
}

static bool push_line(struct trail *t, const struct line *l)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    struct buf text = BUF_INIT(LOG_MAX);
    ssize_t n;

    if (t->s->stanza == STANZA_KMSG) {
        (void)buf_printf(&text, "<5>[ 4358.%06zu] %.*s\n", t->sent, (int)l->wire_len, l->wire);
        n = write(t->feed_fd, text.data, text.len);
    } else {
        (void)buf_printf(&text, "<13>Nov 22 19:00:00 audisp-syslog: %.*s", (int)l->wire_len,
                         l->wire);
        (void)snprintf(to.sun_path, sizeof(to.sun_path), "%s/log.sock", t->dir);
        n = sendto(t->feed_fd, text.data, text.len, MSG_DONTWAIT | MSG_NOSIGNAL,
                   (struct sockaddr *)&to, sizeof(to));
    }
    if (n > 0 && (size_t)n != text.len)
        trail_die("half a line went into a pipe");
    buf_done(&text);
    return n > 0;
}

void trail_push(struct trail *t)
{
    if (t->s->stanza == STANZA_JOURNAL)
        t->sent = t->due; /* it is there from the beginning */
    if (t->s->stanza < STANZA_AUDISP) {
        push_file(t);
        return;
    }
    while (t->sent < t->due && push_line(t, &t->lines[t->sent]))
        t->sent++;
}

bool trail_pushed(const struct trail *t)
{
    return t->sent == t->due;
}

void trail_rotate(struct trail *t)
{
    char from[4200], to[4200], name[64];

    (void)snprintf(name, sizeof(name), "audit/audit.log.%u", ++t->rotations);
    path_of(t, "audit/audit.log", from, sizeof(from));
    path_of(t, name, to, sizeof(to));
    (void)close(t->feed_fd);
    if (rename(from, to) < 0)
        trail_die(from);
    t->feed_fd = open(from, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    t->file_bytes = 0;
    if (t->feed_fd < 0)
        trail_die(from);
}

/* -- hearing of it ------------------------------------------------------------------------------
 */

static void answered(struct trail *t, const char *line, size_t len)
{
    const char *text = without_prefix(line, &len);
    size_t *slot = slot_of(t, XXH3_64bits(text, len));

    if (*slot == 0) {
        (void)buf_append(&t->invented, text, len);
        (void)buf_append_char(&t->invented, '\n');
        t->n_invented++;
    } else {
        struct line *l = &t->lines[*slot - 1];

        t->answered += l->answered++ < l->copies;
    }
}

void trail_listen(struct trail *t)
{
    char piece[65536];
    size_t at = 0;
    ssize_t n;
    char *lf;

    while ((n = read(t->answered_fd, piece, sizeof(piece))) > 0)
        (void)buf_append(&t->tail, piece, (size_t)n);
    while (at < t->tail.len && (lf = memchr(t->tail.data + at, '\n', t->tail.len - at)) != NULL) {
        answered(t, t->tail.data + at, (size_t)(lf - t->tail.data) - at);
        at = (size_t)(lf - t->tail.data) + 1;
    }
    buf_consume(&t->tail, at);
}

size_t trail_invented(const struct trail *t)
{
    return t->n_invented;
}

size_t trail_records(const struct trail *t)
{
    return t->n;
}

size_t trail_unanswered(const struct trail *t)
{
    return t->due > t->answered ? t->due - t->answered : 0;
}

void trail_write_seen(struct trail *t)
{
    if (t->n_invented > 0)
        write_lines(t, "fed", false);
    write_lines(t, "seen", true);
}

size_t trail_unanswered_marks(struct trail *t)
{
    size_t n = 0;

    for (size_t i = 0; i < t->n; i++)
        n += t->lines[i].passes_mark && !was_answered(t, &t->lines[i]);
    return n;
}
