/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/buf.h"
#include "base/mem.h"
#include "oracle/judge.h"
#include "power.h"

/* What was promised, and what had arrived, when the power went. */
struct book {
    size_t synced;    /* lines answered in a way that survives */
    size_t required;  /* that, or more when rsyslog sends them again */
    size_t fed;       /* lines that the journal may have */
    struct buf taken; /* by the receiver */
};

struct cut {
    struct session *ss;
    struct stage after;
    struct book book;
    bool good;
};

static void __attribute__((format(printf, 2, 3))) wrong(struct cut *c, const char *fmt, ...)
{
    va_list ap;

    c->good = false;
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
}

/* ---- up to the cut --------------------------------------------------------------------------- */

static bool in_sink(const char *path, size_t len)
{
    return len > 5 && memcmp(path, "sink/", 5) == 0;
}

/* Feeds the model, and the book. */
static void go_to(struct cut *c, struct model *m, size_t n)
{
    struct session *ss = c->ss;
    uint64_t sink = 0;
    struct trace_op op;
    const char *path, *path2, *data;
    size_t at = 0, replies = 0;

    for (size_t i = 0; i < n && session_next(ss, &at, &op, &path, &path2, &data); i++) {
        if (op.kind == TRACE_CREATE && in_sink(path, op.path_len)) {
            sink = op.ino;
        } else if (op.kind == TRACE_REPLY && replies < ss->s.n_replies) {
            const struct stage_reply *r = &ss->s.replies[replies++];

            c->book.required = c->book.synced = ss->always ? r->lines : r->committed;
            c->book.fed = r->lines;
        } else if (op.ino && op.ino == sink) {
            if (op.kind == TRACE_WRITE)
                buf_append(&c->book.taken, data, op.data_len);
            else if (op.kind == TRACE_SIZE && op.len < c->book.taken.len)
                c->book.taken.len = op.len;
        } else {
            model_step(m, &op, path, path2, data);
        }
    }
    /* The line that was being dealt with may be in the journal. */
    if (replies < ss->s.n_replies)
        c->book.fed = ss->s.replies[replies].lines;
}

/* ---- after it -------------------------------------------------------------------------------- */

/* What rsyslog sends after the power is back: nothing, what had no answer, or all of its queue. */
static void write_resend(struct cut *c, struct script *s, uint64_t *random)
{
    uint64_t what = model_below(random, 4);
    size_t from = what == 0 ? 0 : c->book.required, line = 0;

    if (what > 1)
        return;
    for (size_t i = 0; i < c->ss->script.n; i++) {
        if (c->ss->script.items[i].kind != ITEM_LINE || line++ < from || line > c->book.fed)
            continue;
        if (!s->inside)
            script_add(s, ITEM_BEGIN, NULL);
        script_add(s, ITEM_LINE, c->ss->script.items[i].text);
    }
    if (s->inside)
        script_add(s, ITEM_COMMIT, NULL);
}

static void live(struct cut *c, uint64_t *random)
{
    struct script resend = {0};
    enum play p;
    int code;

    write_resend(c, &resend, random);
    if (resend.n)
        c->book.required = c->book.fed;
    p = stage_start(&c->after, c->ss->shim)
            ? stage_play(&c->after, &resend, c->ss->shim, STAGE_WAIT_MS)
            : PLAY_ENDED;
    if (p != PLAY_DONE)
        wrong(c, "the start after the cut: play %d at item %zu %s", (int)p, c->after.at,
              c->after.odd);
    code = stage_finish(&c->after, STAGE_WAIT_MS);
    if (code != 0)
        wrong(c, "the start after the cut ends with %d", code);
    script_done(&resend);
}

/* ---- the judgement --------------------------------------------------------------------------- */

static void each_document(struct judge *j, const char *text, size_t len)
{
    const char *end = len ? text + len : text;

    while (text < end) {
        const char *lf = memchr(text, '\n', (size_t)(end - text));

        if (!lf) /* half a document: the receiver had not taken it */
            break;
        judge_document(j, text, (size_t)(lf - text));
        text = lf + 1;
    }
}

static void each_file_line(const char *path, struct judge *j,
                           void (*fn)(struct judge *j, const char *line, size_t len), bool dead)
{
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    ssize_t n;

    while (f && (n = getline(&line, &room, f)) > 0) {
        if (line[n - 1] != '\n')
            continue;
        /* A dead letter that was not synced may be torn; what counts is that a whole one is there.
         */
        if (dead && (n < 3 || line[0] != '{' || line[n - 2] != '}' || strlen(line) != (size_t)n))
            continue;
        fn(j, line, (size_t)n - 1);
    }
    free(line);
    if (f)
        fclose(f);
}

static bool is_missing(const struct ledger *l, XXH128_hash_t hash)
{
    for (size_t i = 0; i < l->n_garbage; i++)
        if (XXH128_isEqual(l->garbage[i], hash))
            return true;
    return false;
}

static void judge_it(struct cut *c)
{
    /* What was answered before the cut and comes again is a repeat only where that is proven: each
     * line that was fed may be there once more, and 32 for the kills before. */
    struct judge j = {.allow_repeats = true,
                      .copies = true,
                      .doubled_max = c->book.fed + 32,
                      .partly = true,
                      .required = c->book.required,
                      .synced = c->book.synced};
    DIR *d = opendir(stage_path(&c->after, "root/state/deadletter"));
    const struct script *s = &c->ss->script;
    size_t line = 0;

    ledger_init(&j.ledger);
    for (size_t i = 0; i < s->n; i++)
        if (s->items[i].kind == ITEM_LINE && line++ < c->book.fed)
            ledger_feed(&j.ledger, s->items[i].text, strlen(s->items[i].text));
    each_document(&j, c->book.taken.data, c->book.taken.len);
    each_file_line(stage_path(&c->ss->s, "after/out.json"), &j, judge_document, false);
    for (const struct dirent *e; d && (e = readdir(d));) {
        char path[512];

        snprintf(path, sizeof(path), "%s/root/state/deadletter/%s", c->after.dir, e->d_name);
        if (e->d_name[0] != '.')
            each_file_line(path, &j, judge_dead_letter, true);
    }
    if (d)
        closedir(d);
    judge_end(&j);
    line = 0;
    for (size_t i = 0; i < s->n; i++)
        if (s->items[i].kind == ITEM_LINE && line++ < c->book.required &&
            is_missing(&j.ledger, XXH3_128bits(s->items[i].text, strlen(s->items[i].text))))
            wrong(c, "line %zu is no record and not in the dead letters", line);
    if (j.differences)
        wrong(c, "the oracle has %llu differences", (unsigned long long)j.differences);
    ledger_done(&j.ledger);
}

bool session_cut(struct session *ss, enum model_kind kind, size_t n, uint64_t seed)
{
    struct cut c = {.ss = ss, .good = true};
    struct model *m = model_new(kind);
    uint64_t random = seed;

    c.book.taken = BUF_INIT((size_t)1 << 30);
    stage_init(&c.after, ss->s.argv[0]);
    stage_arg(&c.after, "--config", stage_path(&ss->s, "conf-after"));
    stage_arg(&c.after, "--state-dir", stage_path(&c.after, "root/state"));
    stage_arg(&c.after, "--log", stage_path(&c.after, "log"));
    stage_arg(&c.after, "--hostname", "host");
    stage_remove(stage_path(&ss->s, "after"));
    go_to(&c, m, n);
    if (mkdir(stage_path(&ss->s, "after"), 0700) < 0 ||
        mkdir(stage_path(&c.after, "root"), 0700) < 0 ||
        !model_cut(m, stage_path(&c.after, "root"), &random)) {
        wrong(&c, "the tree can't be made: %s", strerror(errno));
    } else {
        if (getenv("KEEP")) /* before the start changes it */
            (void)stage_copy(stage_path(&c.after, "root"), stage_path(&c.after, "found"));
        live(&c, &random);
        judge_it(&c);
    }
    if (!c.good) {
        printf(
            "kind %s, after %zu of %zu operations, seed %llu; sync %s, %zu lines synced of %zu\n",
            kind == MODEL_EXT4 ? "ext4" : "strict", n, ss->n_ops, (unsigned long long)seed,
            ss->always ? "always" : "commit", c.book.synced, c.book.fed);
        if (getenv("KEEP"))
            printf("kept: %s, %s\n", c.after.dir, ss->s.dir);
    }
    model_free(m);
    buf_done(&c.book.taken);
    child_done(&c.after.child);
    if (c.good)
        stage_remove(c.after.dir);
    stage_done(&c.after);
    return c.good;
}
