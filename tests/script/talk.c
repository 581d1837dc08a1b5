/* SPDX-License-Identifier: Apache-2.0 */
/* Plays transcripts: what rsyslog says, what the program must answer. Each *.talk file in
 * $srcdir/tests/script (or each argument) is one TAP result. A line of a transcript:
 *
 *   # text            nothing
 *   > TEXT            send the line; \xHH, \\ and, at the start, @KIND SERIAL (records.c)
 *   >> TEXT           send it without LF
 *   >= TEXT | TEXT    send them as one message of several records
 *   < REPLY           exactly this reply must come, with no dot before it
 *   <. REPLY          the same, with one dot or more before it
 *   <? REPLY          the same, with dots before it or none
 *   <.                one dot, and nothing said about what follows
 *   << nothing        nothing may be there, for a quarter of a second
 *   << end            stdout must be closed, and nothing be left in it
 *   !COMMAND ARGS     see commands[]
 *
 * Every `<` waits with a bound. At the end the program must be gone (!wait-exit). */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "child.h"
#include "play.h"
#include "records.h"
#include "rsyslog_json.h"
#include "scene.h"

#define QUIET_MS 250

void play_fail(struct play *p, const char *fmt, ...)
{
    va_list ap;

    p->failed = true;
    printf("# %s:%u: ", p->file, p->line);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    printf("\n");
}

/* ---- what is sent --------------------------------------------------------------------------- */

static void put_text(struct buf *out, const char *text)
{
    for (; *text; text++) {
        unsigned byte;

        if (text[0] == '\\' && text[1] == 'x' && sscanf(text + 2, "%2x", &byte) == 1) {
            buf_append_char(out, (char)byte);
            text += 3;
        } else if (text[0] == '\\' && text[1] == '\\') {
            buf_append_char(out, *text++);
        } else {
            buf_append_char(out, *text);
        }
    }
}

static void put_line(struct play *p, struct buf *out, const char *text)
{
    unsigned long serial;
    char kind[32];

    if (text[0] != '@')
        put_text(out, text);
    else if (sscanf(text + 1, "%31s %lu", kind, &serial) != 2 || !records_put(out, kind, serial))
        play_fail(p, "no such record: %s", text);
}

static void send_out(struct play *p)
{
    int r = child_send(p->now, p->out.data, p->out.len);

    if (r < 0)
        play_fail(p, "cannot send: %s", strerror(-r));
}

static void send_line(struct play *p, const char *text, bool lf)
{
    buf_truncate(&p->out, 0);
    put_line(p, &p->out, text);
    if (lf)
        buf_append_char(&p->out, '\n');
    send_out(p);
}

static void send_message(struct play *p, char *text)
{
    struct buf records;
    char *next;

    buf_init(&records, PLAY_LINE_MAX);
    for (; text; text = next) {
        next = strstr(text, " | ");
        if (next) {
            *next = '\0';
            next += 3;
        }
        put_line(p, &records, text);
        if (next)
            buf_append_char(&records, '\n');
    }
    buf_truncate(&p->out, 0);
    rsyslog_message(&p->out, records.data ? records.data : "", records.len);
    buf_append_char(&p->out, '\n');
    buf_done(&records);
    send_out(p);
}

/* ---- what must come back -------------------------------------------------------------------- */

const char *play_answer_text(enum child_answer answer, const char *text)
{
    static char shown[256];

    switch (answer) {
    case CHILD_REPLY:
        snprintf(shown, sizeof(shown), "the reply \"%s\"", text);
        return shown;
    case CHILD_DOT:
        return "a dot";
    case CHILD_NOTHING:
        return "nothing";
    case CHILD_END:
        return "the end of stdout";
    case CHILD_BROKEN:
        break;
    }
    snprintf(shown, sizeof(shown), "a write that is no whole reply: \"%s\"", text);
    return shown;
}

static void expect_reply(struct play *p, const char *reply, char dots)
{
    char text[8192];
    enum child_answer answer = child_reply(p->now, CHILD_TIMEOUT_MS, text, sizeof(text));

    if (answer != CHILD_REPLY || strcmp(text, reply) != 0)
        play_fail(p, "expected the reply \"%s\", got %s", reply, play_answer_text(answer, text));
    else if (dots != '?' && (p->now->dots > 0) != (dots == '.'))
        play_fail(p, "%u dots before the reply", p->now->dots);
}

static void expect_answer(struct play *p, enum child_answer wanted, int timeout_ms)
{
    char text[8192];
    enum child_answer answer = child_answer(p->now, timeout_ms, text, sizeof(text));

    if (answer != wanted) {
        char first[256];

        snprintf(first, sizeof(first), "%s", play_answer_text(wanted, ""));
        play_fail(p, "expected %s, got %s", first, play_answer_text(answer, text));
    }
}

static void play_reply(struct play *p, const char *line)
{
    if (strcmp(line, "<.") == 0)
        expect_answer(p, CHILD_DOT, CHILD_TIMEOUT_MS);
    else if (strncmp(line, "<. ", 3) == 0 || strncmp(line, "<? ", 3) == 0)
        expect_reply(p, line + 3, line[1]);
    else if (strncmp(line, "< ", 2) == 0)
        expect_reply(p, line + 2, ' ');
    else if (strcmp(line, "<< nothing") == 0)
        expect_answer(p, CHILD_NOTHING, QUIET_MS);
    else if (strcmp(line, "<< end") == 0)
        expect_answer(p, CHILD_END, CHILD_TIMEOUT_MS);
    else
        play_fail(p, "not understood: %s", line);
}

/* ---- a transcript --------------------------------------------------------------------------- */

static bool play_file(const char *path)
{
    struct play p = {.file = strrchr(path, '/') ? strrchr(path, '/') + 1 : path};
    FILE *f = fopen(path, "re");
    CLEANUP_FREE char *line = NULL;
    size_t size = 0;
    ssize_t n;

    scene_init(&p.scene);
    p.now = &p.child[0];
    buf_init(&p.out, PLAY_LINE_MAX);
    if (!f)
        play_fail(&p, "%s", strerror(errno));
    while (f && !p.failed && (n = getline(&line, &size, f)) > 0) {
        p.line++;
        if (line[n - 1] == '\n')
            line[n - 1] = '\0';
        if (line[0] == '\0' || line[0] == '#')
            continue;
        if (line[0] == '!')
            play_command(&p, line + 1);
        else if (line[0] == '<')
            play_reply(&p, line);
        else if (strncmp(line, ">> ", 3) == 0)
            send_line(&p, line + 3, false);
        else if (strncmp(line, ">= ", 3) == 0)
            send_message(&p, line + 3);
        else if (strncmp(line, "> ", 2) == 0 || strcmp(line, ">") == 0)
            send_line(&p, line + 1 + (line[1] == ' '), true);
        else
            play_fail(&p, "not understood: %s", line);
    }
    for (int i = 0; i < PLAY_CHILDREN; i++) {
        if (p.child[i].pid > 0 && !p.failed)
            play_fail(&p, "process %d still runs", i + 1);
        child_done(&p.child[i]);
    }
    if (f)
        fclose(f);
    if (p.failed)
        scene_show(&p.scene, "stderr");
    buf_done(&p.out);
    scene_done(&p.scene);
    return !p.failed;
}

static int is_transcript(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return len > 5 && strcmp(entry->d_name + len - 5, ".talk") == 0;
}

int main(int argc, char **argv)
{
    const char *srcdir = getenv("srcdir");
    struct dirent **entry = NULL;
    char dir[4096], path[8192];
    int n = argc - 1, failed = 0;

    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    snprintf(dir, sizeof(dir), "%s/tests/script", srcdir ? srcdir : ".");
    if (argc == 1)
        n = scandir(dir, &entry, is_transcript, alphasort);
    printf("1..%d\n", n);
    for (int i = 0; i < n; i++) {
        const char *file = argc > 1 ? argv[i + 1] : path;
        bool ok;

        if (argc == 1) {
            snprintf(path, sizeof(path), "%s/%s", dir, entry[i]->d_name);
            free(entry[i]);
        }
        ok = play_file(file);
        printf("%s %d - %s\n", ok ? "ok" : "not ok", i + 1,
               strrchr(file, '/') ? strrchr(file, '/') + 1 : file);
        failed += !ok;
    }
    free(entry);
    return n > 0 && !failed ? EXIT_SUCCESS : EXIT_FAILURE;
}
