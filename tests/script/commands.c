/* SPDX-License-Identifier: Apache-2.0 */
/* The !COMMANDs of a transcript; the table at the end lists them. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "play.h"
#include "records.h"
#include "rsyslog_json.h"

#define ARGS_MAX 64
#define FULL_MS 300

/* Replace each $DIR by the scene's folder and cut at blanks. */
static void start(struct play *p, enum child_wire wire)
{
    const char *program = getenv("omauditjson");
    char *argv[ARGS_MAX], *save = NULL;
    int n = 0, r;
    struct buf words = BUF_INIT(8192);
    CLEANUP_FREE char *text = NULL;
    const char *from = p->options, *dir;

    if (!strstr(p->options, "--url"))
        buf_append_str(&words, "--url file://$DIR/out.json --receiver file ");
    buf_append_str(&words, "--state-dir $DIR/state --stats-file $DIR/stats "
                           "--stats-interval 100ms --hostname host.example ");
    buf_append_str(&words, p->options);
    text = mem_strdup(buf_cstr(&words));
    buf_truncate(&words, 0);
    for (from = text; (dir = strstr(from, "$DIR")) != NULL; from = dir + 4) {
        buf_append(&words, from, (size_t)(dir - from));
        buf_append_str(&words, p->scene.dir);
    }
    buf_append_str(&words, from);
    buf_cstr(&words);
    argv[n++] = mem_strdup(program ? program : "omauditjson/omauditjson");
    for (char *w = strtok_r(words.data, " ", &save); w && n < ARGS_MAX - 1;
         w = strtok_r(NULL, " ", &save))
        argv[n++] = w;
    argv[n] = NULL;
    child_done(p->now);
    r = child_start(p->now, argv, wire, scene_path(&p->scene, "stderr"));
    if (r < 0)
        play_fail(p, "cannot start %s: %s", argv[0], strerror(-r));
    free(argv[0]);
    buf_done(&words);
}

static void cmd_options(struct play *p, const char *args)
{
    snprintf(p->options, sizeof(p->options), "%s", args);
}

static void cmd_start(struct play *p, const char *args)
{
    start(p, strcmp(args, "silent") == 0          ? CHILD_SILENT_NULL
             : strcmp(args, "silent-output") == 0 ? CHILD_SILENT_OUTPUT
                                                  : CHILD_CONFIRMING);
}

static void cmd_use(struct play *p, const char *args)
{
    p->now = &p->child[strcmp(args, "2") == 0];
}

static void cmd_signal(struct play *p, const char *args)
{
    int sig = strcmp(args, "KILL") == 0   ? SIGKILL
              : strcmp(args, "TERM") == 0 ? SIGTERM
              : strcmp(args, "HUP") == 0  ? SIGHUP
              : strcmp(args, "INT") == 0  ? SIGINT
                                          : 0;

    if (!sig || p->now->pid <= 0 || kill(p->now->pid, sig) < 0)
        play_fail(p, "cannot signal");
}

static void cmd_wait_exit(struct play *p, const char *args)
{
    int want = strcmp(args, "KILL") == 0 ? 1000 + SIGKILL : (int)strtol(args, NULL, 10);
    int code = p->now->pid > 0 ? child_wait(p->now, CHILD_TIMEOUT_MS) : -ESRCH;

    if (strcmp(args, "ERROR") == 0 && code > 0 && code < 126)
        return;
    if (code != want)
        play_fail(p, "exit code %d, not %s", code, args);
}

static void cmd_eof(struct play *p, const char *args)
{
    (void)args;
    child_close_input(p->now);
}

static void cmd_close_replies(struct play *p, const char *args)
{
    (void)args;
    child_close_output(p->now);
}

/* "N TEXT": exactly N events have the text; "SENT+N": N more than !logins sent. Waits for them if
 * the program still runs. */
static void cmd_events(struct play *p, const char *args)
{
    char *end;
    size_t want = strtoul(args, &end, 10), n;
    const char *text = end;

    if (strncmp(args, "SENT+", 5) == 0) {
        want = p->logins + strtoul(args + 5, &end, 10);
        text = end;
    }
    text += *text == ' ';
    if (p->now->pid > 0)
        scene_wait_events(&p->scene, text, want);
    n = scene_events(&p->scene, text);
    if (n != want)
        play_fail(p, "%zu events with \"%s\", not %zu", n, text, want);
}

/* "NAME TEXT": the file, or one in the folder, has the text, at once or soon. */
static void cmd_has(struct play *p, const char *args)
{
    char name[128];
    int at = 0;

    if (sscanf(args, "%127s %n", name, &at) != 1 || !scene_wait_has(&p->scene, name, args + at))
        play_fail(p, "\"%s\" is not in %s", args + at, name);
}

/* The same, without waiting. */
static void cmd_has_now(struct play *p, const char *args)
{
    char name[128];
    int at = 0;

    if (sscanf(args, "%127s %n", name, &at) != 1 || !scene_has(&p->scene, name, args + at))
        play_fail(p, "\"%s\" is not in %s now", args + at, name);
}

static void cmd_has_not(struct play *p, const char *args)
{
    char name[128];
    int at = 0;

    if (sscanf(args, "%127s %n", name, &at) != 1 || scene_has(&p->scene, name, args + at))
        play_fail(p, "\"%s\" is in %s", args + at, name);
}

/* "KEY N": the counter reaches N or more; "KEY = N": it comes to be exactly N. */
static void cmd_stat(struct play *p, const char *args)
{
    char key[64], equal[2] = "";
    long long n;

    if (sscanf(args, "%63s %1[=] %lld", key, equal, &n) != 3 &&
        sscanf(args, "%63s %lld", key, &n) != 2)
        play_fail(p, "not understood");
    else if (!scene_wait_stat(&p->scene, key, n, *equal))
        play_fail(p, "counter %s is %lld, not %lld", key, (long long)scene_stat(&p->scene, key), n);
}

/* "FIRST COUNT BYTES REPLY": so many logins, padded to so many bytes, each with that reply. */
static void cmd_logins(struct play *p, const char *args)
{
    unsigned long first, count, bytes;
    char reply[64], text[8192];

    if (sscanf(args, "%lu %lu %lu %63s", &first, &count, &bytes, reply) != 4) {
        play_fail(p, "not understood");
        return;
    }
    for (unsigned long i = 0; i < count && !p->failed; i++) {
        enum child_answer answer;
        buf_truncate(&p->out, 0);
        records_put(&p->out, "login", first + i);
        buf_append_str(&p->out, p->out.len + 8 < bytes ? " pad=" : "");
        while (p->out.len < bytes)
            buf_append_char(&p->out, 'x');
        buf_append_char(&p->out, '\n');
        if (child_send(p->now, p->out.data, p->out.len) < 0)
            play_fail(p, "cannot send");
        p->logins++;
        answer = child_answer(p->now, CHILD_TIMEOUT_MS, text, sizeof(text));
        if (strcmp(reply, "UNTIL-HELD") == 0 && answer == CHILD_DOT)
            return;
        if (answer != CHILD_REPLY ||
            strcmp(text, strcmp(reply, "UNTIL-HELD") == 0 ? "OK" : reply) != 0)
            play_fail(p, "login %lu: got %s", first + i, play_answer_text(answer, text));
    }
    if (strcmp(reply, "UNTIL-HELD") == 0 && !p->failed)
        play_fail(p, "no reply was held");
}

static void send_piece(struct play *p, const char *text, size_t n, enum child_answer wanted)
{
    char reply[8192];
    enum child_answer answer;

    buf_truncate(&p->out, 0);
    rsyslog_message(&p->out, text, n);
    buf_append_char(&p->out, '\n');
    if (child_send(p->now, p->out.data, p->out.len) < 0)
        play_fail(p, "cannot send");
    answer = child_answer(p->now, CHILD_TIMEOUT_MS, reply, sizeof(reply));
    if (answer != wanted || (answer == CHILD_REPLY && strcmp(reply, "OK") != 0))
        play_fail(p, "message: got %s", play_answer_text(answer, reply));
}

/* "FIRST COUNT BYTES LIMIT OK|HELD": so many logins, padded to so many bytes, as one message; one
 * that is longer than LIMIT is split there as rsyslog does. The last one's reply is that. */
static void cmd_message(struct play *p, const char *args)
{
    unsigned long first, count, bytes, limit;
    struct buf text;
    char last[8];

    if (sscanf(args, "%lu %lu %lu %lu %7s", &first, &count, &bytes, &limit, last) != 5) {
        play_fail(p, "not understood");
        return;
    }
    buf_init(&text, PLAY_LINE_MAX);
    for (unsigned long i = 0; i < count; i++) {
        size_t from;

        if (i)
            buf_append_char(&text, '\n');
        from = text.len;
        records_put(&text, "login", first + i);
        buf_append_str(&text, " pad=");
        while (text.len - from < bytes)
            buf_append_char(&text, 'x');
        p->logins++;
    }
    for (size_t at = 0; at < text.len && !p->failed; at += limit) {
        bool more = text.len - at > limit;

        send_piece(p, text.data + at, more ? limit : text.len - at,
                   more || strcmp(last, "OK") == 0 ? CHILD_REPLY : CHILD_DOT);
    }
    buf_done(&text);
}

/* "FIRST COUNT": logins without waiting for replies, until the pipe stays full. */
static void cmd_flood(struct play *p, const char *args)
{
    unsigned long first, count;
    int r = 0;

    if (sscanf(args, "%lu %lu", &first, &count) != 2) {
        play_fail(p, "not understood");
        return;
    }
    for (unsigned long i = 0; i < count && r == 0; i++) {
        buf_truncate(&p->out, 0);
        records_put(&p->out, "login", first + i);
        buf_append_str(&p->out, " pad=");
        while (p->out.len < 4000)
            buf_append_char(&p->out, 'x');
        buf_append_char(&p->out, '\n');
        r = child_try_send(p->now, p->out.data, p->out.len, FULL_MS);
        p->logins += r == 0;
    }
    if (r != -EAGAIN)
        play_fail(p, "the pipe did not fill");
}

/* The line that was sent last, once more; its reply is for a < line. */
static void cmd_again(struct play *p, const char *args)
{
    (void)args;
    if (child_send(p->now, p->out.data, p->out.len) < 0)
        play_fail(p, "cannot send");
}

static void cmd_write(struct play *p, const char *args)
{
    char name[128];
    int at = 0;
    FILE *f =
        sscanf(args, "%127s %n", name, &at) == 1 ? fopen(scene_path(&p->scene, name), "ae") : NULL;

    if (!f || fprintf(f, "%s\n", args + at) < 0 || fclose(f) != 0)
        play_fail(p, "cannot write %s", name);
}

static void cmd_random(struct play *p, const char *args)
{
    char name[128];
    size_t n;

    if (sscanf(args, "%127s %zu", name, &n) != 2 || !scene_random_file(&p->scene, name, n, 1))
        play_fail(p, "cannot write");
}

static void cmd_mkdir(struct play *p, const char *args)
{
    if (mkdir(scene_path(&p->scene, args), 0700) < 0)
        play_fail(p, "%s", strerror(errno));
}

static void cmd_rename(struct play *p, const char *args)
{
    char from[128], to[128];

    if (sscanf(args, "%127s %127s", from, to) != 2 ||
        rename(scene_path(&p->scene, from), scene_path(&p->scene, to)) < 0)
        play_fail(p, "%s", strerror(errno));
}

static void cmd_hwm(struct play *p, const char *args)
{
    long kib = child_hwm_kib(p->now);

    if (!CHILD_MEMORY_IS_MEASURED)
        return;
    if (kib < 0 || kib > strtol(args, NULL, 10))
        play_fail(p, "peak memory %ld KiB", kib);
}

static void cmd_rests(struct play *p, const char *args)
{
    (void)args;
    if (!child_rests(p->now))
        play_fail(p, "it keeps the processor busy");
}

static const struct {
    const char *name;
    void (*run)(struct play *p, const char *args);
} commands[] = {
    {"again", cmd_again},
    {"close-replies", cmd_close_replies}, /* as when rsyslogd is killed */
    {"eof", cmd_eof},
    {"events", cmd_events},       /* N|SENT+N [TEXT] */
    {"flood", cmd_flood},         /* FIRST COUNT */
    {"has", cmd_has},             /* FILE-OR-FOLDER TEXT */
    {"has-now", cmd_has_now},     /* FILE-OR-FOLDER TEXT */
    {"has-not", cmd_has_not},     /* FILE-OR-FOLDER TEXT */
    {"hwm", cmd_hwm},             /* KIB */
    {"logins", cmd_logins},       /* FIRST COUNT BYTES REPLY|UNTIL-HELD */
    {"message", cmd_message},     /* FIRST COUNT BYTES LIMIT OK|HELD */
    {"mkdir", cmd_mkdir},         /* NAME */
    {"options", cmd_options},     /* for the starts that follow; $DIR is the folder */
    {"random", cmd_random},       /* NAME BYTES */
    {"rename", cmd_rename},       /* FROM TO */
    {"rests", cmd_rests},         /* it waits without using the processor */
    {"signal", cmd_signal},       /* KILL|TERM|HUP|INT */
    {"start", cmd_start},         /* [silent|silent-output] */
    {"stat", cmd_stat},           /* KEY [=] N */
    {"use", cmd_use},             /* 1|2: the process that is talked to */
    {"wait-exit", cmd_wait_exit}, /* CODE|KILL|ERROR (any but 0) */
    {"write", cmd_write},         /* NAME TEXT */
};

void play_command(struct play *p, const char *line)
{
    size_t len = strcspn(line, " ");

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strlen(commands[i].name) == len && strncmp(commands[i].name, line, len) == 0) {
            commands[i].run(p, line + len + (line[len] == ' '));
            return;
        }
    }
    play_fail(p, "no such command: %s", line);
}
