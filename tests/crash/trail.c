/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "trail.h"

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

#define LOG_MAX ((size_t)64 << 20)
#define FILE_ID_BYTES \
    512 /* by which imfile 8.2302 knows a file; it saves its state when it has them */

struct line {
    const char *text; /* as the oracle knows it */
    const char *wire; /* as rsyslog gets it */
    size_t len, wire_len;
    uint64_t key;
    bool answered;
    bool first;       /* no equal line before it */
    bool passes_mark; /* with it its file passes FILE_ID_BYTES */
};

struct trail {
    const struct schedule *s;
    char *dir;
    struct buf text, wire;
    struct line *lines;
    size_t n;
    size_t *slots, n_slots; /* by key: index + 1 */
    size_t due, sent;
    size_t due_distinct, answered_distinct;
    int feed_fd, answered_fd;
    size_t file_bytes;
    unsigned rotations;
    struct buf invented; /* lines that were answered and never fed, each with an LF */
    size_t n_invented;
    struct buf tail; /* of the list of answered lines, an unfinished line */
};

static void die(const char *what)
{
    (void)fprintf(stderr, "torture: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void path_of(const struct trail *t, const char *name, char *out, size_t size)
{
    if ((size_t)snprintf(out, size, "%s/%s", t->dir, name) >= size)
        die(name);
}

/* -- making it --------------------------------------------------------------------------------- */

static void run_gen(const struct schedule *s, const char *gen, bool kernel, struct buf *out)
{
    char events[16], width[16], seed[24], open[8], with_long[8];
    const char *argv[24] = {gen, "--seed", seed, "--events", events, "--width", width};
    size_t n = 7;
    int fds[2];
    pid_t pid = -1;
    ssize_t got;
    char piece[65536];
    int status;

    (void)snprintf(seed, sizeof(seed), "%llu", (unsigned long long)(s->seed * 7919 + 1));
    (void)snprintf(events, sizeof(events), "%u", s->events);
    (void)snprintf(width, sizeof(width), "%u", s->width);
    (void)snprintf(open, sizeof(open), "%u", s->open);
    (void)snprintf(with_long, sizeof(with_long), "%u", s->with_long);
    argv[n++] = "--open";
    argv[n++] = open;
    argv[n++] = "--long";
    argv[n++] = with_long;
    if (s->nodes != NULL && !kernel && s->stanza != STANZA_KMSG) {
        argv[n++] = "--nodes";
        argv[n++] = s->nodes;
    }
    if (s->eoe)
        argv[n++] = "--eoe";
    if (s->enriched)
        argv[n++] = "--enriched";
    if (kernel)
        argv[n++] = "--kernel";
    argv[n] = NULL;
    if (pipe2(fds, O_CLOEXEC) < 0 || (pid = fork()) < 0)
        die("gen");
    if (pid == 0) {
        (void)dup2(fds[1], STDOUT_FILENO);
        (void)execv(gen, (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    (void)close(fds[1]);
    while ((got = read(fds[0], piece, sizeof(piece))) > 0)
        (void)buf_append(out, piece, (size_t)got);
    (void)close(fds[0]);
    if (waitpid(pid, &status, 0) < 0 || status != 0)
        die("gen failed");
}

static size_t split(char *text, size_t len, struct line *lines, bool wire)
{
    size_t n = 0;

    for (char *p = text, *end = text + len, *lf; p < end; p = lf + 1) {
        lf = memchr(p, '\n', (size_t)(end - p));
        if (lf == NULL)
            break;
        if (lines != NULL && wire) {
            lines[n].wire = p;
            lines[n].wire_len = (size_t)(lf - p);
        } else if (lines != NULL) {
            lines[n].text = p;
            lines[n].len = (size_t)(lf - p);
        }
        n++;
    }
    return n;
}

/* Some lines come later than they should, some twice, and some are no records. */
static void disturb(struct trail *t)
{
    static const char *const garbage[] = {"no record at all", "type=SYSCALL msg=audit(x): broken",
                                          "type= msg=audit(1.2:3)", "\x01\x02\xff\xfe odd bytes",
                                          "type=USER_AUTH msg=audit(99999.123: missing"};
    const struct schedule *s = t->s;
    uint64_t random = s->seed ^ 0x74726f75626c65U;
    size_t n = 0;
    struct line *out = mem_calloc(t->n * 2 + 1, sizeof(*out));

    for (size_t i = 0; i < t->n; i++) {
        if (schedule_random(&random) % 100 < s->late) { /* behind up to 200 others */
            size_t to = i + 1 + (size_t)(schedule_random(&random) % 200);
            struct line moved = t->lines[i];

            if (to >= t->n)
                to = t->n - 1;
            memmove(&t->lines[i], &t->lines[i + 1], (to - i) * sizeof(moved));
            t->lines[to] = moved;
        }
    }
    for (size_t i = 0; i < t->n; i++) {
        out[n++] = t->lines[i];
        if (schedule_random(&random) % 100 < s->twice)
            out[n++] = t->lines[i - (size_t)(schedule_random(&random) % (i < 50 ? i + 1 : 50))];
        if (schedule_random(&random) % 100 < s->garbage && n < t->n * 2) {
            const char *g = garbage[schedule_random(&random) % 5];
            size_t len = strlen(g) + 24;
            char *own = mem_alloc(len); /* lives as long as the process */

            (void)snprintf(own, len, "%s %zu", g, i);
            out[n++] = (struct line){.text = own, .len = strlen(own)};
        }
    }
    free(t->lines);
    t->lines = out;
    t->n = n;
}

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
        l->first = *slot == 0;
        if (l->first)
            *slot = i + 1;
    }
}

static void write_lines(const struct trail *t, const char *name, bool answered)
{
    char path[4200];
    FILE *f;

    path_of(t, name, path, sizeof(path));
    f = fopen(path, "we");
    if (f == NULL)
        die(path);
    for (size_t i = 0; i < t->n; i++)
        if (!answered || t->lines[i].answered)
            (void)fprintf(f, "%.*s\n", (int)t->lines[i].len, t->lines[i].text);
    if (t->invented.len > 0)
        (void)fwrite(t->invented.data, 1, t->invented.len, f);
    if (fclose(f) != 0)
        die(path);
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
    run_gen(s, gen, false, &t->text);
    t->n = split(t->text.data, t->text.len, NULL, false);
    t->lines = mem_calloc(t->n + 1, sizeof(*t->lines));
    (void)split(t->text.data, t->text.len, t->lines, false);
    if (s->stanza == STANZA_KMSG) {
        run_gen(s, gen, true, &t->wire);
        (void)split(t->wire.data, t->wire.len, t->lines, true);
    }
    disturb(t);
    index_lines(t);
    write_lines(t, "fed", false);
    path_of(t, "answered", path, sizeof(path));
    t->answered_fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    if (t->answered_fd < 0)
        die(path);
    if (s->stanza == STANZA_KMSG) {
        path_of(t, "kmsg", path, sizeof(path));
        if (mkfifo(path, 0600) < 0 ||
            (t->feed_fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)) < 0)
            die(path);
    } else if (s->stanza == STANZA_AUDISP) {
        t->feed_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (t->feed_fd < 0)
            die("socket");
    } else if (s->stanza != STANZA_JOURNAL) {
        path_of(t, "audit", path, sizeof(path));
        (void)mkdir(path, 0755);
        path_of(t, "audit/audit.log", path, sizeof(path));
        t->feed_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (t->feed_fd < 0)
            die(path);
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

    for (; t->due < end; t->due++) {
        struct line *l = &t->lines[t->due];

        t->due_distinct += l->first;
    }
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
        die("the log can't be written");
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
        die("half a line went into a pipe");
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
        die(from);
    t->feed_fd = open(from, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    t->file_bytes = 0;
    if (t->feed_fd < 0)
        die(from);
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
    } else if (!t->lines[*slot - 1].answered) {
        t->lines[*slot - 1].answered = true;
        t->answered_distinct++;
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
    return t->due_distinct - t->answered_distinct;
}

void trail_write_seen(const struct trail *t)
{
    if (t->n_invented > 0)
        write_lines(t, "fed", false);
    write_lines(t, "seen", true);
}

size_t trail_unanswered_marks(const struct trail *t)
{
    size_t n = 0;

    for (size_t i = 0; i < t->n; i++)
        n += t->lines[i].passes_mark && !t->lines[i].answered;
    return n;
}
