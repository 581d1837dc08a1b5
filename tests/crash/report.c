/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct report {
    FILE *log;
    enum stanza only;
    unsigned have;
    int64_t began_ms;
    unsigned schedules, failed, by_stanza[STANZA_N], unseen_schedules;
    uint64_t failed_seeds[100];
    struct outcome sum;
    uint64_t records, events, documents, repeats, late_parts, dead, missing, unseen, invented,
        doubled, lives, beside, rsyslogds, ms;
};

static void __attribute__((format(printf, 2, 3))) say(struct report *r, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)vprintf(fmt, ap);
    va_end(ap);
    (void)fflush(stdout);
    if (r->log == NULL)
        return;
    va_start(ap, fmt);
    (void)vfprintf(r->log, fmt, ap);
    va_end(ap);
    (void)fflush(r->log);
}

struct report *report_new(const char *log, enum stanza only, unsigned have)
{
    struct report *r = mem_calloc(1, sizeof(*r));

    r->only = only;
    r->have = have;
    r->began_ms = run_now_ms();
    if (log != NULL && (r->log = fopen(log, "ae")) == NULL) {
        (void)fprintf(stderr, "torture: %s: %s\n", log, strerror(errno));
        exit(2);
    }
    if (!(have & SCHEDULE_HAVE_JOURNAL))
        say(r, "no systemd-journal-remote, or no right to mount: no schedule reads the journal\n");
    if (!(have & SCHEDULE_HAVE_DISK))
        say(r, "no right to mount: no schedule fills a disk, ENOSPC comes from the shim alone\n");
    return r;
}

bool report_add(struct report *r, uint64_t seed, const struct outcome *o)
{
    struct schedule s;
    struct buf line = BUF_INIT(65536);
    struct outcome *sum = &r->sum;
    unsigned fired = 0;

    schedule_make(&s, seed, r->only, r->have);
    schedule_print(&s, &line);
    for (size_t i = 0; i < CRASH_N_ACTIONS; i++) {
        fired += o->fired[i];
        sum->fired[i] += o->fired[i];
    }
    for (size_t i = 0; i < CRASH_N_POINTS; i++) {
        sum->kills_at[i][0] += o->kills_at[i][0];
        sum->kills_at[i][1] += o->kills_at[i][1];
        sum->reached[i] += o->reached[i];
    }
    for (size_t i = 0; i < STEP_N; i++)
        sum->steps[i] += o->steps[i];
    if (o->rss_kib > sum->rss_kib)
        sum->rss_kib = o->rss_kib;
    if (o->fds > sum->fds)
        sum->fds = o->fds;
    r->records += o->records;
    r->events += o->events;
    r->documents += o->documents;
    r->repeats += o->repeats;
    r->late_parts += o->late_parts;
    r->dead += o->dead;
    r->missing += o->missing;
    r->doubled += o->doubled;
    r->unseen += o->unseen;
    r->invented += o->invented;
    r->unseen_schedules += o->unseen > 0;
    r->lives += o->lives;
    r->beside += o->beside;
    r->rsyslogds += o->rsyslogds;
    r->ms += o->ms;
    r->by_stanza[s.stanza]++;
    r->schedules++;
    if (o->failed && r->failed < 100)
        r->failed_seeds[r->failed] = seed;
    r->failed += o->failed;
    say(r,
        "%s: %s: records %u, documents %u, repeats %u, late %u, dead %u, lives %u, rsyslogds %u, "
        "fired %u, doubled %u, never answered %u, missing %u, %u KiB, %u.%u s%s%s\n",
        buf_cstr(&line), o->failed ? "FAILED" : "ok", o->records, o->documents, o->repeats,
        o->late_parts, o->dead, o->lives, o->rsyslogds, fired, o->doubled, o->unseen, o->missing,
        o->rss_kib, o->ms / 1000, o->ms / 100 % 10, o->failed ? ": " : "", o->failed ? o->why : "");
    buf_done(&line);
    return o->failed;
}

bool report_end(struct report *r, const char *work)
{
    static const char *const steps[STEP_N] = {[STEP_KILL] = "kill at random",
                                              [STEP_RS_KILL] = "kill of rsyslogd",
                                              [STEP_RS_STOP] = "stop of rsyslogd",
                                              [STEP_RS_GROUP] = "stop of both",
                                              [STEP_HUP] = "HUP of both",
                                              [STEP_MODE] = "receiver's mode",
                                              [STEP_PLAN] = "receiver's plan",
                                              [STEP_DOWN] = "receiver down",
                                              [STEP_BAD_CERT] = "wrong certificate",
                                              [STEP_ROTATE] = "rotation",
                                              [STEP_CLOCK] = "clock step",
                                              [STEP_FILL] = "disk full",
                                              [STEP_FREEZE] = "freeze",
                                              [STEP_RS_FREEZE] = "freeze of rsyslogd"};
    bool failed = r->failed > 0;

    say(r, "schedules %u (failed %u) in %lld s", r->schedules, r->failed,
        (long long)(run_now_ms() - r->began_ms) / 1000);
    for (size_t i = 0; i < STANZA_N; i++)
        if (r->by_stanza[i] > 0)
            say(r, ", %s %u", schedule_stanza_name((enum stanza)i), r->by_stanza[i]);
    say(r,
        "\nrecords %" PRIu64 ", events %" PRIu64 ", documents %" PRIu64 ", repeats %" PRIu64
        ", late parts %" PRIu64 ", dead letters %" PRIu64 "; lives %" PRIu64 " (%" PRIu64
        " beside another one), rsyslogds %" PRIu64 ", largest %u KiB\n",
        r->records, r->events, r->documents, r->repeats, r->late_parts, r->dead, r->lives,
        r->beside, r->rsyslogds, r->sum.rss_kib);
    say(r,
        "never answered by omauditjson %" PRIu64 " (in %u schedules), spoilt lines %" PRIu64
        ": rsyslog's own; doubled %" PRIu64 ", lost %" PRIu64 "\n",
        r->unseen, r->unseen_schedules, r->invented, r->doubled, r->missing);
    say(r, "triggers fired:");
    for (size_t i = 0; i < CRASH_N_ACTIONS; i++)
        say(r, " %s %u", crash_action_names[i], r->sum.fired[i]);
    say(r, "\nsteps:");
    for (size_t i = 0; i < STEP_N; i++)
        if (steps[i] != NULL)
            say(r, " %s %u,", steps[i], r->sum.steps[i]);
    say(r, "\nkills at a point (before, after; how often it was passed):\n");
    for (size_t i = 0; i < CRASH_N_POINTS; i++)
        say(r, "  %-16s %4u %4u %9" PRIu64 "\n", crash_point_names[i], r->sum.kills_at[i][0],
            r->sum.kills_at[i][1], r->sum.reached[i]);
    for (unsigned i = 0; i < r->failed && i < 100; i++)
        say(r, "failed: seed %" PRIu64 ", see %s/%" PRIu64 "\n", r->failed_seeds[i], work,
            r->failed_seeds[i]);
    if (r->log != NULL)
        (void)fclose(r->log);
    free(r);
    return failed;
}
