/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "faults.h"
#include "oracle/judge.h"
#include "stage.h"

#define LIVES_MAX 8
#define LOST_WIRE_MS 500 /* omprog's confirmTimeout at that speed, where no reply can come */
#define SPEED "20"

struct runner {
    const struct faults_options *o;
    struct stage s;
    char shim[512];
    pid_t receiver;
    struct script old, script, last;
    bool good;
    char name[128]; /* of the run */
};

static void __attribute__((format(printf, 2, 3))) wrong(struct runner *r, const char *fmt, ...)
{
    va_list ap;

    r->good = false;
    printf("%s: ", r->name);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
}

/* Has the call failed yet? */
static bool fired(void *ctx)
{
    struct runner *r = ctx;

    return access(stage_path(&r->s, "fired"), F_OK) == 0;
}

/* ---- what is played -------------------------------------------------------------------------- */

static void refused(struct script *s, unsigned long serial)
{
    char line[256];

    snprintf(line, sizeof(line),
             "type=USER_LOGIN msg=audit(%lu.%03lu:%lu): pid=1 uid=0 auid=0 ses=1 msg='op=REFUSED "
             "res=success'",
             1700000000 + serial / 1000, serial % 1000, serial);
    script_add(s, ITEM_LINE, line);
}

static void write_scripts(struct runner *r)
{
    struct script *s = &r->old;

    script_record(s, "login", 1);
    script_record(s, "syscall", 2);
    script_record(s, "path", 2);
    script_record(s, "proctitle", 2);
    script_add(s, ITEM_LINE, "an old line that is no record");
    script_record(s, "syscall", 3);

    s = &r->script;
    script_record(s, "cwd", 3);
    script_record(s, "proctitle", 3);
    script_add(s, ITEM_BEGIN, NULL);
    script_record(s, "login", 10);
    script_record(s, "syscall", 11);
    script_record(s, "execve", 11);
    script_add(s, ITEM_LINE, "a line that is no record");
    script_record(s, "syscall", 12);
    script_record(s, "path", 11);
    script_record(s, "proctitle", 11);
    script_add(s, ITEM_COMMIT, NULL);
    script_record(s, "login", 13);
    refused(s, 14);
    script_add(s, ITEM_HUP, NULL);
    script_add(s, ITEM_BEGIN, NULL);
    script_record(s, "cwd", 12);
    script_record(s, "proctitle", 12);
    script_record(s, "login", 13); /* again */
    script_record(s, "eoe", 12);
    script_add(s, ITEM_COMMIT, NULL);
    script_add(s, ITEM_LINE, "another one");
    script_record(s, "login", 15);

    /* An event that is refused when no other is left is held until there is one. */
    script_record(&r->last, "login", 16);
}

/* ---- the receiver ---------------------------------------------------------------------------- */

static unsigned read_port(const char *path)
{
    for (unsigned i = 0; i < 2000; i++) {
        FILE *f = fopen(path, "re");
        unsigned port = 0;

        if (f) {
            if (fscanf(f, "%u", &port) != 1)
                port = 0;
            fclose(f);
        }
        if (port)
            return port;
        poll(NULL, 0, 10);
    }
    return 0;
}

static unsigned start_receiver(struct runner *r)
{
    char program[512];
    const char *out = stage_path(&r->s, "out.json"), *port = stage_path(&r->s, "port");

    snprintf(program, sizeof(program), "%s/tests/receiver/receiver", r->o->builddir);
    r->receiver = fork();
    if (r->receiver == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execl(program, program, "--port-file", port, "--out", out, "--reject", "REFUSED",
              (char *)NULL);
        _exit(127);
    }
    return read_port(port);
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "we");

    if (!f || fputs(text, f) < 0 || fclose(f) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
}

/* What a former life left, for all runs: made once, then copied. */
static void make_old(struct runner *r)
{
    write_file(stage_path(&r->s, "conf"), "url = http://127.0.0.1:1/\n"
                                          "receiver = json-array\n");
    r->s.at = 0;
    if (!stage_start(&r->s, r->shim) ||
        stage_play(&r->s, &r->old, r->shim, STAGE_WAIT_MS) != PLAY_DONE) {
        printf("the old journal can't be made: %s\n", r->s.odd);
        exit(EXIT_FAILURE);
    }
    child_done(&r->s.child);
    if (rename(stage_path(&r->s, "state"), stage_path(&r->s, "old")) < 0)
        exit(EXIT_FAILURE);
}

struct runner *runner_new(const struct faults_options *o, unsigned worker)
{
    struct runner *r = mem_calloc(1, sizeof(*r));
    char text[256];
    unsigned port;

    r->o = o;
    snprintf(r->name, sizeof(r->name), "worker %u", worker);
    snprintf(r->shim, sizeof(r->shim), "%s/tests/faults/shim.so", o->builddir);
    setenv("OAJ_SPEED", SPEED, 1);
    write_scripts(r);
    stage_init(&r->s, o->program);
    r->s.lost = fired;
    r->s.ctx = r;
    stage_arg(&r->s, "--config", stage_path(&r->s, "conf"));
    stage_arg(&r->s, "--state-dir", stage_path(&r->s, "state"));
    stage_arg(&r->s, "--log", stage_path(&r->s, "log"));
    stage_arg(&r->s, "--stats-file", stage_path(&r->s, "stats"));
    stage_arg(&r->s, "--hostname", "host");
    make_old(r);
    port = start_receiver(r);
    if (!port) {
        printf("no receiver\n");
        exit(EXIT_FAILURE);
    }
    snprintf(text, sizeof(text),
             "url = http://127.0.0.1:%u/\n"
             "receiver = json-array\n"
             "compress = gzip\n"
             "shutdown_timeout = 60s\n",
             port);
    write_file(stage_path(&r->s, "conf"), text);
    return r;
}

void runner_free(struct runner *r)
{
    if (r->receiver > 0) {
        kill(r->receiver, SIGKILL);
        waitpid(r->receiver, NULL, 0);
    }
    script_done(&r->old);
    script_done(&r->script);
    script_done(&r->last);
    stage_done(&r->s);
    free(r);
}

#define DOUBLED_MAX 32 /* as the torture machine allows for a death */

/* ---- the judgement --------------------------------------------------------------------------- */

static off_t size_of(const char *path)
{
    struct stat st;

    return stat(path, &st) < 0 ? 0 : st.st_size;
}

static void each_line(const char *path, off_t from, struct judge *j,
                      void (*fn)(struct judge *j, const char *line, size_t len))
{
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    ssize_t n;

    if (f && fseeko(f, from, SEEK_SET) == 0)
        while ((n = getline(&line, &room, f)) > 0)
            if (line[n - 1] == '\n') /* half a line is what a full disk left; the whole follows */
                fn(j, line, (size_t)n - 1);
    free(line);
    if (f)
        fclose(f);
}

static void feed(struct judge *j, const struct script *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->items[i].kind == ITEM_LINE)
            ledger_feed(&j->ledger, s->items[i].text, strlen(s->items[i].text));
}

static void ask_oracle(struct runner *r, off_t out_from)
{
    /* Equal records are records; what rsyslog sends again may be kept when that cannot be told. */
    struct judge j = {
        .allow_repeats = true, .check_garbage = true, .copies = true, .doubled_max = DOUBLED_MAX};
    DIR *d = opendir(stage_path(&r->s, "state/deadletter"));

    ledger_init(&j.ledger);
    feed(&j, &r->old);
    feed(&j, &r->script);
    feed(&j, &r->last);
    each_line(stage_path(&r->s, "out.json"), out_from, &j, judge_document);
    for (const struct dirent *e; d && (e = readdir(d));) {
        char path[512];

        snprintf(path, sizeof(path), "%s/state/deadletter/%s", r->s.dir, e->d_name);
        if (e->d_name[0] != '.')
            each_line(path, 0, &j, judge_dead_letter);
    }
    if (d)
        closedir(d);
    judge_end(&j);
    if (j.differences)
        wrong(r, "the oracle has %llu differences", (unsigned long long)j.differences);
    ledger_done(&j.ledger);
}

static void journal_is_empty(struct runner *r)
{
    DIR *d = opendir(stage_path(&r->s, "state/journal"));
    const struct dirent *e;

    if (!d)
        wrong(r, "no journal");
    while (d && (e = readdir(d)))
        if (e->d_name[0] != '.' && !strstr(e->d_name, ".bad") &&
            strncmp(e->d_name, "spare", 5) != 0)
            wrong(r, "left behind: journal/%s", e->d_name);
    if (d)
        closedir(d);
}

/* An exit other than 0 must be one of those in the manual, and must have been explained. */
static void judge_exit(struct runner *r, int code, off_t said, struct verdict *v, bool memory)
{
    off_t says = size_of(stage_path(&r->s, "log")) + size_of(stage_path(&r->s, "stderr"));
    char text[16] = "";
    FILE *f = fopen(stage_path(&r->s, "fired"), "re");

    if (f) {
        if (!fgets(text, sizeof(text), f))
            text[0] = '\0';
        fclose(f);
    }
    if (code > 1000 && memory && strcmp(text, "library\n") == 0) {
        v->crashed = true; /* a library that does not look at what malloc() gave */
        return;
    }
    if (code != 0 && code != 73 && code != 75 && code != 78)
        wrong(r, "exit %d is not documented", code);
    else if (code != 0 && says == said)
        wrong(r, "exit %d without a message", code);
}

/* ---- a run ----------------------------------------------------------------------------------- */

static void set_fault(struct runner *r, const struct faults_row *row, unsigned long n)
{
    char text[128];

    snprintf(text, sizeof(text), "%s:%lu:%d:%u", row->call, n, row->how, row->times);
    setenv("OAJ_FAIL", text, 1);
    setenv("OAJ_FIRED", stage_path(&r->s, "fired"), 1);
}

/* One life with what is left of the script; the first one has the fault. True: there is nothing
 * left to do. */
static bool live(struct runner *r, const struct faults_row *row, bool first, struct verdict *v)
{
    off_t said = size_of(stage_path(&r->s, "log")) + size_of(stage_path(&r->s, "stderr"));
    bool memory = strcmp(row->call, "malloc") == 0, may_be_lost = row->lost_wire && first;
    enum play p;
    int code;

    if (!stage_start(&r->s, r->shim)) {
        wrong(r, "fork");
        return true;
    }
    p = stage_play(&r->s, &r->script, r->shim, may_be_lost ? LOST_WIRE_MS : STAGE_WAIT_MS);
    if (p == PLAY_GARBAGE) {
        wrong(r, "not a reply, or not the right one: '%s'", r->s.odd);
        return true;
    }
    if (p == PLAY_SILENT && !(may_be_lost && fired(r))) {
        wrong(r, "no reply at item %zu", r->s.at);
        return true;
    }
    if (p == PLAY_SILENT)
        child_close_output(&r->s.child);
    code = stage_finish(&r->s, STAGE_WAIT_MS);
    if (code == -ETIMEDOUT) {
        wrong(r, "it does not end");
        return true;
    }
    judge_exit(r, code, said, v, memory);
    if (p == PLAY_ENDED) {
        v->exited = true;
        if (code == 0)
            wrong(r, "it ended by itself with exit 0 at item %zu", r->s.at);
    }
    return p == PLAY_DONE || !r->good;
}

struct verdict runner_run(struct runner *r, const struct faults_row *row, unsigned long n)
{
    static const char *const leftovers[] = {"log", "stats", "stderr", "fired"};
    off_t out_from = size_of(stage_path(&r->s, "out.json"));
    struct verdict v = {.good = false};
    int code;

    snprintf(r->name, sizeof(r->name), "%s %s, n = %lu", row->call, faults_row_text(row), n);
    r->good = true;
    stage_remove(stage_path(&r->s, "state"));
    for (size_t i = 0; i < sizeof(leftovers) / sizeof(leftovers[0]); i++)
        unlink(stage_path(&r->s, leftovers[i]));
    if (!stage_copy(stage_path(&r->s, "old"), stage_path(&r->s, "state"))) {
        wrong(r, "copy: %s", strerror(errno));
        return v;
    }
    r->s.at = 0;
    set_fault(r, row, n);
    for (unsigned lives = 0; !live(r, row, lives == 0, &v); lives++) {
        unsetenv("OAJ_FAIL"); /* one fault a run */
        if (lives == LIVES_MAX) {
            wrong(r, "%u lives were not enough", lives);
            break;
        }
    }
    unsetenv("OAJ_FAIL");
    v.fired = fired(r);
    if (r->good) {
        r->s.at = 0;
        if (!stage_start(&r->s, r->shim) ||
            stage_play(&r->s, &r->last, r->shim, STAGE_WAIT_MS) != PLAY_DONE)
            wrong(r, "a clean start does not take a record");
        code = stage_finish(&r->s, STAGE_WAIT_MS);
        if (code != 0)
            wrong(r, "a clean start ends with %d", code);
        ask_oracle(r, out_from);
        journal_is_empty(r);
    }
    child_done(&r->s.child);
    if (!r->good && r->o->only) {
        char command[600];

        snprintf(command, sizeof(command), "tail -n 30 %s/log %s/stderr", r->s.dir, r->s.dir);
        fflush(stdout);
        (void)!system(command);
    }
    v.good = r->good;
    return v;
}
