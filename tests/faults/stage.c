/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "stage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "records.h"

/* ---- scripts --------------------------------------------------------------------------------- */

void script_add(struct script *s, enum item_kind kind, const char *text)
{
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 64;
        s->items = mem_realloc_array(s->items, s->cap, sizeof(*s->items));
    }
    s->items[s->n++] = (struct item){kind, text ? mem_strdup(text) : NULL, s->inside};
    if (kind == ITEM_BEGIN)
        s->inside = true;
    else if (kind == ITEM_COMMIT)
        s->inside = false;
}

void script_record(struct script *s, const char *kind, unsigned long serial)
{
    struct buf line = BUF_INIT(1 << 16);

    if (records_put(&line, kind, serial))
        script_add(s, ITEM_LINE, buf_cstr(&line));
    buf_done(&line);
}

void script_done(struct script *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->items[i].text);
    free(s->items);
    *s = (struct script){0};
}

/* ---- the folder ------------------------------------------------------------------------------ */

static int remove_one(const char *path, const struct stat *st, int what, struct FTW *ftw)
{
    (void)st;
    (void)what;
    (void)ftw;
    return remove(path);
}

void stage_remove(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static bool copy_file(int from, int to)
{
    static const char zeros[65536];
    static char data[65536];
    off_t off = 0;
    ssize_t n;

    while ((n = read(from, data, sizeof(data))) > 0) {
        if (memcmp(data, zeros, (size_t)n) != 0 && pwrite(to, data, (size_t)n, off) != n)
            return false;
        off += n;
    }
    return n == 0 && ftruncate(to, off) == 0;
}

bool stage_copy(const char *from, const char *to)
{
    DIR *d = opendir(from);
    bool good = d && (mkdir(to, 0700) == 0 || errno == EEXIST);

    for (const struct dirent *e; good && (e = readdir(d));) {
        char a[512], b[512];

        if (e->d_name[0] == '.')
            continue;
        snprintf(a, sizeof(a), "%s/%s", from, e->d_name);
        snprintf(b, sizeof(b), "%s/%s", to, e->d_name);
        if (e->d_type == DT_DIR) {
            good = stage_copy(a, b);
        } else {
            int in = open(a, O_RDONLY | O_CLOEXEC);
            int out = open(b, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

            good = in >= 0 && out >= 0 && copy_file(in, out);
            if (in >= 0)
                close(in);
            if (out >= 0)
                close(out);
        }
    }
    if (d)
        closedir(d);
    return good;
}

const char *stage_path(const struct stage *s, const char *name)
{
    static char path[4][512];
    static unsigned at;

    at = (at + 1) % 4;
    snprintf(path[at], sizeof(path[at]), "%s/%s", s->dir, name);
    return path[at];
}

void stage_arg(struct stage *s, const char *name, const char *value)
{
    if (s->argc + 2 > STAGE_ARGS)
        abort();
    s->argv[s->argc++] = mem_strdup(name);
    s->argv[s->argc++] = mem_strdup(value);
}

void stage_init(struct stage *s, const char *program)
{
    const char *tmp = getenv("TMPDIR"), *old = getenv("ASAN_OPTIONS");
    char options[512];

    *s = (struct stage){.argc = 1};
    if (!tmp || !*tmp)
        tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(s->dir, sizeof(s->dir), "%s/oaj-faults.XXXXXX", tmp);
    if (!mkdtemp(s->dir)) {
        perror(s->dir);
        exit(EXIT_FAILURE);
    }
    s->argv[0] = mem_strdup(program);
    /* shim.so comes before a sanitizer's library, and may. */
    if (!old || !strstr(old, "verify_asan_link_order")) {
        snprintf(options, sizeof(options), "%s:verify_asan_link_order=0", old ? old : "");
        setenv("ASAN_OPTIONS", options, 1);
    }
}

void stage_done(struct stage *s)
{
    child_done(&s->child);
    if (!getenv("KEEP"))
        stage_remove(s->dir);
    for (size_t i = 0; i < s->argc; i++)
        free(s->argv[i]);
    free(s->replies);
}

/* ---- playing --------------------------------------------------------------------------------- */

bool stage_start(struct stage *s, const char *shim)
{
    int r;

    child_done(&s->child);
    if (shim)
        setenv("LD_PRELOAD", shim, 1);
    r = child_start(&s->child, s->argv, CHILD_CONFIRMING, stage_path(s, "stderr"));
    unsetenv("LD_PRELOAD");
    return r == 0;
}

static void remember(struct stage *s)
{
    if (s->n_replies == s->cap_replies) {
        s->cap_replies = s->cap_replies ? s->cap_replies * 2 : 256;
        s->replies = mem_realloc_array(s->replies, s->cap_replies, sizeof(*s->replies));
    }
    s->replies[s->n_replies++] = (struct stage_reply){s->lines, s->committed};
}

static enum play take(struct stage *s, const char *want, int silent_ms)
{
    char text[256];
    enum child_answer answer = child_reply(&s->child, silent_ms, text, sizeof(text));

    if (answer == CHILD_NOTHING && s->lost && !s->lost(s->ctx))
        answer = child_reply(&s->child, STAGE_WAIT_MS, text, sizeof(text));
    switch (answer) {
    case CHILD_REPLY:
        if (strcmp(text, want) == 0)
            return PLAY_DONE;
        break;
    case CHILD_DOT:
    case CHILD_NOTHING:
        return PLAY_SILENT;
    case CHILD_END:
        return PLAY_ENDED;
    case CHILD_BROKEN:
        break;
    }
    snprintf(s->odd, sizeof(s->odd), "%.200s", text);
    return PLAY_GARBAGE;
}

static enum play ask(struct stage *s, const char *line, const char *want, int silent_ms)
{
    struct buf out = BUF_INIT(4 << 20);
    int r;

    buf_printf(&out, "%s\n", line);
    r = child_send(&s->child, out.data, out.len);
    buf_done(&out);
    return r == -ETIMEDOUT ? PLAY_SILENT : take(s, want, silent_ms);
}

static enum play play_one(struct stage *s, const struct item *it, const char *shim, int silent_ms)
{
    enum play r;

    switch (it->kind) {
    case ITEM_BEGIN:
        r = ask(s, "BEGIN TRANSACTION", "OK", silent_ms);
        if (r == PLAY_DONE)
            remember(s);
        return r;
    case ITEM_COMMIT:
        r = ask(s, "COMMIT TRANSACTION", "OK", silent_ms);
        if (r == PLAY_DONE) {
            s->committed = s->lines;
            remember(s);
        }
        return r;
    case ITEM_LINE:
        r = ask(s, it->text, it->inside ? "DEFER_COMMIT" : "OK", silent_ms);
        if (r == PLAY_DONE) {
            s->lines++;
            remember(s);
        }
        return r;
    case ITEM_HUP:
        kill(s->child.pid, SIGHUP);
        return PLAY_DONE;
    case ITEM_END:
    case ITEM_KILL:
        if (it->kind == ITEM_END)
            (void)stage_finish(s, STAGE_WAIT_MS);
        else if (kill(s->child.pid, SIGUSR2) == 0) /* shim.h */
            (void)child_wait(&s->child, STAGE_WAIT_MS);
        s->at++;
        return stage_start(s, shim) ? stage_play(s, NULL, shim, silent_ms) : PLAY_ENDED;
    case ITEM_CALL:
        s->call(s->ctx, it->text);
        return PLAY_DONE;
    }
    return PLAY_DONE;
}

enum play stage_play(struct stage *s, const struct script *script, const char *shim, int silent_ms)
{
    enum play r = take(s, "OK", silent_ms);

    if (r == PLAY_DONE)
        remember(s);
    if (!script)
        return r;
    if (r == PLAY_DONE && s->at < script->n && script->items[s->at].inside) {
        r = ask(s, "BEGIN TRANSACTION", "OK", silent_ms);
        if (r == PLAY_DONE)
            remember(s);
    }
    while (r == PLAY_DONE && s->at < script->n) {
        const struct item *it = &script->items[s->at];

        r = play_one(s, it, shim, silent_ms);
        if (it->kind == ITEM_KILL || it->kind == ITEM_END) {
            if (r == PLAY_DONE && s->at < script->n && script->items[s->at].inside) {
                r = ask(s, "BEGIN TRANSACTION", "OK", silent_ms);
                if (r == PLAY_DONE)
                    remember(s);
            }
        } else if (r == PLAY_DONE) {
            s->at++;
        }
    }
    return r;
}

int stage_finish(struct stage *s, int timeout_ms)
{
    child_close_input(&s->child);
    return child_wait(&s->child, timeout_ms);
}
