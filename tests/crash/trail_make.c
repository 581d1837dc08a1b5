/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "trail_internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

void trail_run_gen(const struct schedule *s, const char *gen, bool kernel, struct buf *out)
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
        trail_die("gen");
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
        trail_die("gen failed");
}

size_t trail_split(char *text, size_t len, struct line *lines, bool wire)
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

/* Equal records, as a log may have them, of whatever type and event the lines from i on are: A A,
 * A A A, A B A B, A B B A, a stretch of events twice. How many lines of the log they take; where
 * they end in out. */
static size_t put_equal(const struct trail *t, size_t i, uint64_t *random, struct line *out,
                        size_t *n)
{
    static const char *const ways[] = {"aa", "aaa", "abab", "abba", "aabb", "abcabc", "ababab"};
    unsigned way = (unsigned)(schedule_random(random) % (sizeof(ways) / sizeof(ways[0]) + 1));
    size_t took = 0;

    if (way == sizeof(ways) / sizeof(ways[0])) {
        took = 4 + (size_t)(schedule_random(random) % 7);
        if (took > t->n - i)
            took = t->n - i;
        for (size_t k = 0; k < 2 * took; k++)
            out[(*n)++] = t->lines[i + k % took];
        return took;
    }
    for (const char *p = ways[way]; *p != '\0'; p++) {
        size_t at = (size_t)(*p - 'a');

        if (i + at >= t->n)
            break;
        if (at >= took)
            took = at + 1;
        out[(*n)++] = t->lines[i + at];
    }
    return took;
}

static void add_equal(struct trail *t)
{
    uint64_t random = t->s->seed ^ 0x657175616cU;
    size_t n = 0, cap = t->n * 2 + 64;
    struct line *out = mem_calloc(cap, sizeof(*out));

    for (size_t i = 0; i < t->n;) {
        if (n + 32 < cap - (t->n - i) && schedule_random(&random) % 100 < t->s->equal)
            i += put_equal(t, i, &random, out, &n);
        else
            out[n++] = t->lines[i++];
    }
    free(t->lines);
    t->lines = out;
    t->n = n;
}

/* Some lines come later than they should, some more than once, and some are no records. */
void trail_disturb(struct trail *t)
{
    static const char *const garbage[] = {"no record at all", "type=SYSCALL msg=audit(x): broken",
                                          "type= msg=audit(1.2:3)", "\x01\x02\xff\xfe odd bytes",
                                          "type=USER_AUTH msg=audit(99999.123: missing"};
    const struct schedule *s = t->s;
    uint64_t random = s->seed ^ 0x74726f75626c65U;
    size_t n = 0;
    struct line *out;

    if (s->equal)
        add_equal(t); /* before some are late, and so their copies, too */
    out = mem_calloc(t->n * 2 + 1, sizeof(*out));
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
