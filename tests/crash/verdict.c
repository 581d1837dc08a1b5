/* SPDX-License-Identifier: Apache-2.0 */
/* What a schedule must have come to: the oracle of all delivery tests is content with what was
 * fed, answered and received, and nothing is left behind. */
#include "config.h"

#include "run.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEAD_KEY ((size_t)40) /* an entry's beginning, {"key":"... */
#define DOUBLED_MAX 32        /* records a death */
#define OUTPUT_MAX ((size_t)1 << 20)
#define FDS_MAX 64 /* size of the kernel's table, as /proc has it, without our own high ones */

static void path_of(const struct run *r, const char *name, char *out, size_t size)
{
    (void)snprintf(out, size, "%s/%s", r->dir, name);
}

/* The number behind a word of the oracle's summary. */
static unsigned number_behind(const char *text, const char *word)
{
    const char *p = strstr(text, word);

    return p != NULL ? (unsigned)strtoul(p + strlen(word), NULL, 10) : 0;
}

/* Documents come again when an answer is lost, or with whoever should have read it. */
static bool repeats_allowed(const struct run *r)
{
    return r->s.flags & (SCHEDULE_OAJ_DIES | SCHEDULE_RS_DIES | SCHEDULE_RS_STOPS | SCHEDULE_DOUBT |
                         SCHEDULE_DISK | SCHEDULE_REFUSES_ALL | SCHEDULE_DAMAGES) ||
           r->s.reject != NULL || r->s.max_events != 0;
}

/* One request at a time, nobody dies, nothing is refused or comes late: the order is promised. */
static bool ordered(const struct run *r)
{
    return r->s.in_flight == 1 && r->s.reject == NULL && r->s.max_events == 0 &&
           !(r->s.flags &
             (SCHEDULE_OAJ_DIES | SCHEDULE_RS_DIES | SCHEDULE_RS_STOPS | SCHEDULE_REFUSES |
              SCHEDULE_REFUSES_ALL | SCHEDULE_LATE | SCHEDULE_DISK));
}

/* imfile does not read the rest of a file that is renamed twice as fast as it reads; stopped, it
 * reads nothing. */
static bool rotates_while_stopped(const struct run *r)
{
    bool stops = false;

    for (size_t i = 0; i < r->s.n_steps; i++)
        stops = stops || r->s.steps[i].kind == STEP_RS_FREEZE;
    return stops && r->s.flags & SCHEDULE_ROTATES;
}

unsigned verdict_may_be_unseen(const struct run *r)
{
    unsigned f = r->s.flags, stops = 0;

    if (rotates_while_stopped(r))
        return UINT_MAX;
    if (!(f & (SCHEDULE_RS_STOPS | SCHEDULE_RS_DIES)))
        return 0;
    /* The rest of a file that is renamed while rsyslogd is away is not read. A queue on disk loses
     * its end, now and then, when it is killed almost empty, and the batch in flight at a stop
     * while omauditjson's disk fails. What comes by a socket or a pipe can't be read twice. */
    if (f & SCHEDULE_ROTATES || (r->s.stanza != STANZA_DIRECT && r->s.stanza != STANZA_DISKQUEUE))
        return UINT_MAX;
    if (r->s.stanza == STANZA_DISKQUEUE)
        return f & (SCHEDULE_RS_DIES | SCHEDULE_DISK | SCHEDULE_OAJ_DIES) ? UINT_MAX : 0;
    /* The record that is not answered when rsyslogd is stopped, where omauditjson could not take
     * it. */
    if (f & SCHEDULE_RS_STOPS && f & (SCHEDULE_DISK | SCHEDULE_OAJ_DIES))
        stops = r->out.rsyslogds;
    return stops + (unsigned)trail_unanswered_marks(r->trail);
}

/* Records that may come more often than they were fed: what rsyslog sends again and nobody can tell
 * from a further one (event/recent.h). None where nobody died; else a few lines for each death, or
 * what a stretch may hold that is not proven. */
static unsigned may_be_doubled(const struct run *r)
{
    unsigned deaths = r->out.lives + r->out.rsyslogds;

    /* With a mark goes what it said: what is in the journal is delivered once more. */
    if (r->s.flags & (SCHEDULE_RECENT_FAILS | SCHEDULE_DAMAGES))
        return UINT_MAX;
    return deaths > 2 ? (deaths - 2) * DOUBLED_MAX : 0;
}

/* Records that the program reported as gone, at most, in all lives. */
static unsigned reported_lost(const struct run *r)
{
    static const char words[] = " acknowledged records are lost";
    char path[600];
    char *line = NULL;
    size_t room = 0;
    unsigned n = 0;
    FILE *f;

    path_of(r, "oaj.log", path, sizeof(path));
    f = fopen(path, "re");
    while (f != NULL && getline(&line, &room, f) >= 0) {
        char *p = strstr(line, words);

        while (p != NULL && p > line && p[-1] >= '0' && p[-1] <= '9')
            p--;
        n += p != NULL ? (unsigned)strtoul(p, NULL, 10) : 0;
    }
    free(line);
    if (f != NULL)
        (void)fclose(f);
    return n;
}

static void ask_oracle(struct run *r)
{
    char out[600], dead[600], seen[600], fed[600];
    char doubled[16], missing[16];
    const char *argv[20] = {r->at->oracle, "--out", out,          "--answered", seen,
                            "--copies",    doubled, "--may-miss", missing};
    struct buf text = BUF_INIT(OUTPUT_MAX);
    size_t n = 9;
    const char *t;
    DIR *d;
    int status;

    (void)snprintf(doubled, sizeof(doubled), "%u", may_be_doubled(r));
    (void)snprintf(missing, sizeof(missing), "%u",
                   r->s.flags & SCHEDULE_DAMAGES ? reported_lost(r) : 0);
    path_of(r, "out.json", out, sizeof(out));
    path_of(r, "state/deadletter", dead, sizeof(dead));
    path_of(r, "seen", seen, sizeof(seen));
    path_of(r, "fed", fed, sizeof(fed));
    d = opendir(dead);
    if (d != NULL) {
        (void)closedir(d);
        argv[n++] = "--deadletter";
        argv[n++] = dead;
    }
    if (repeats_allowed(r))
        argv[n++] = "--allow-repeats";
    if (ordered(r))
        argv[n++] = "--ordered";
    argv[n++] = fed;
    argv[n] = NULL;
    status = run_command(argv, &text);
    t = buf_cstr(&text);
    r->out.documents = number_behind(t, "; documents ");
    r->out.repeats = number_behind(t, "repeats ");
    r->out.late_parts = number_behind(t, "late parts ");
    r->out.dead = number_behind(t, "dead letters ");
    r->out.doubled = number_behind(t, "doubled ");
    r->out.missing = number_behind(t, "missing ");
    r->out.unseen = number_behind(t, "never answered ");
    r->out.events = number_behind(t, "events ");
    if (status != 0) {
        const char *lf = strchr(t, '\n');

        run_failed(r, "oracle: %.*s", lf != NULL ? (int)(lf - t) : 200, t);
    }
    if (r->out.unseen > verdict_may_be_unseen(r))
        run_failed(r, "%u records were never answered", r->out.unseen);
    buf_done(&text);
}

static void nothing_is_left(struct run *r)
{
    char path[600];
    DIR *d;

    path_of(r, "state/journal", path, sizeof(path));
    d = opendir(path);
    if (d == NULL)
        return;
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        if (e->d_name[0] != '.' && strncmp(e->d_name, "spare", 5) != 0 && /* its reserve */
            !(r->s.flags & SCHEDULE_DAMAGES && strstr(e->d_name, ".bad") != NULL))
            run_failed(r, "journal/%s is left", e->d_name);
    (void)closedir(d);
}

/* Lines of a file that contain the text. */
static unsigned count_in(const struct run *r, const char *name, const char *text)
{
    char path[600];
    char *line = NULL;
    size_t room = 0;
    unsigned n = 0;
    FILE *f;

    path_of(r, name, path, sizeof(path));
    f = fopen(path, "re");
    while (f != NULL && getline(&line, &room, f) >= 0)
        n += strstr(line, text) != NULL;
    free(line);
    if (f != NULL)
        (void)fclose(f);
    return n;
}

static void no_event_is_dead(struct run *r)
{
    char path[600];
    unsigned n = 0;
    DIR *d;

    if (r->s.flags & SCHEDULE_REFUSES)
        return;
    path_of(r, "state/deadletter", path, sizeof(path));
    d = opendir(path);
    for (const struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        char name[400];

        (void)snprintf(name, sizeof(name), "state/deadletter/%.200s", e->d_name);
        if (e->d_name[0] != '.')
            n += count_in(r, name, "\"event\":");
    }
    if (d != NULL)
        (void)closedir(d);
    if (n > 0)
        run_failed(r, "%u events in the dead letters that nobody refused", n);
}

/* Nobody died but by a kill from outside, and that sets nothing aside. */
static unsigned died_of(struct run *r, const char *name)
{
    return count_in(r, name, "\"reason\":\"the process died twice");
}

static int by_text(const void *a, const void *b)
{
    return memcmp(a, b, DEAD_KEY);
}

/* Entries that have the key of another one in the file. */
static unsigned doubles_in(struct run *r, const char *name)
{
    char path[1024], *line = NULL, *keys = NULL;
    unsigned n = 0, doubles = 0;
    size_t cap = 0;
    FILE *f;

    path_of(r, name, path, sizeof(path));
    f = fopen(path, "r");
    while (f != NULL && getline(&line, &cap, f) > (ssize_t)DEAD_KEY) {
        if (memcmp(line, "{\"key\":\"", 8) != 0)
            continue;
        if (n % 256 == 0 && (keys = realloc(keys, (size_t)(n + 256) * DEAD_KEY)) == NULL)
            abort();
        memcpy(keys + (size_t)n++ * DEAD_KEY, line, DEAD_KEY);
    }
    if (n > 0)
        qsort(keys, n, DEAD_KEY, by_text);
    for (unsigned i = 1; i < n; i++)
        doubles += by_text(keys + (size_t)(i - 1) * DEAD_KEY, keys + (size_t)i * DEAD_KEY) == 0;
    free(keys);
    free(line);
    if (f != NULL)
        (void)fclose(f);
    return doubles;
}

/* Each once, unless the disk failed under them. */
static void dead_letters_are_few(struct run *r)
{
    char path[600];
    unsigned died = 0, doubles = 0;
    DIR *d;

    path_of(r, "state/deadletter", path, sizeof(path));
    d = opendir(path);
    for (const struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        char name[400];

        (void)snprintf(name, sizeof(name), "state/deadletter/%.200s", e->d_name);
        if (e->d_name[0] == '.')
            continue;
        died += died_of(r, name);
        doubles += doubles_in(r, name);
    }
    if (d != NULL)
        (void)closedir(d);
    if (died > 0)
        run_failed(r, "%u records were set aside because of kills", died);
    if (doubles > 0 && !(r->s.flags & (SCHEDULE_DISK | SCHEDULE_DEAD_FAILS)))
        run_failed(r, "%u dead letters were written twice", doubles);
}

static void nobody_crashed(struct run *r)
{
    static const char *const words[] = {"AddressSanitizer", "runtime error:", "Assertion"};
    static const char *const files[] = {"oaj.err", "oaj.log", "rsyslogd.err", "receiver.err"};

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
            if (count_in(r, files[i], words[k]) > 0)
                run_failed(r, "%s has a line with %s", files[i], words[k]);
    for (int sig = 1; sig < 32; sig++) {
        char text[64];

        (void)snprintf(text, sizeof(text), "terminated by signal %d.", sig);
        if (sig != 9 && count_in(r, "internal.log", text) > 0)
            run_failed(r, "omauditjson was %s", text);
    }
}

void verdict_reach(struct run *r)
{
    struct outcome *o = &r->out;

    trail_write_seen(r->trail);
    o->records = (unsigned)trail_records(r->trail);
    o->lives = atomic_load(&r->page->lives);
    for (uint32_t i = 0; i < r->page->n_triggers; i++) {
        const struct crash_trigger *t = &r->page->triggers[i];
        unsigned fired = atomic_load(&t->fired);

        o->fired[t->action] += fired;
        if (t->action <= CRASH_KILL_BOTH || t->action == CRASH_TEAR)
            o->kills_at[t->point][t->after != 0] += fired;
    }
    for (size_t i = 0; i < CRASH_N_POINTS; i++)
        o->reached[i] = atomic_load(&r->page->reached[i]);
    o->beside = count_in(r, "oaj.log", "is in use by another omauditjson");
    o->invented = (unsigned)trail_invented(r->trail);
    if (o->invented > 0 && !(r->s.flags & SCHEDULE_RS_DIES && r->s.stanza != STANZA_DIRECT))
        run_failed(r, "%u lines were answered that nobody fed", o->invented);
    ask_oracle(r);
    nothing_is_left(r);
    no_event_is_dead(r);
    dead_letters_are_few(r);
    nobody_crashed(r);
    if (atomic_load(&r->page->violations) > 0)
        run_failed(r, "%s", r->page->violation);
    if (r->exit_code != 0)
        run_failed(r, "the last life ended with %d", r->exit_code);
    if (o->rss_kib > r->at->rss_kib)
        run_failed(r, "omauditjson grew to %u KiB", o->rss_kib);
}
