/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/stores.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/harden.h"
#include "base/log.h"
#include "engine/workitem.h"
#include "event/group.h"

#define DEADLETTER_FILES 8
#define MEMORY_BASE (UINT64_C(256) << 20)
#define LINE_EXTRA 1024 /* a canonical header may be longer than the one it replaces */

/* What the bounds of the configuration add up to, with a lot of room: libauparse takes several
 * times the bytes of an event, and a buffer that grows is there twice. */
static void limit_memory(const struct conf *conf)
{
    struct group_conf group;
    uint64_t batch = conf->batch_bytes > conf->max_event ? conf->batch_bytes : conf->max_event;

    group_limits(conf, &group);
    harden_memory(
        MEMORY_BASE + 4 * (uint64_t)(conf->in_flight + 3) * batch + 4 * group.max_bytes +
        32 * (uint64_t)group.max_event_bytes + 16 * (uint64_t)conf->max_line +
        2048 * (uint64_t)(conf->max_open_events + conf->processes + conf->max_event_records) +
        4 * (uint64_t)conf->answer_max * conf->in_flight);
}

/* Before anything is touched: what a newer program left may be read by that only. */
static int refuse_foreign(const struct stores *s)
{
    struct journal_report report;
    int r = journal_foreign(s->state_fd, &report);

    if (r < 0)
        log_error("%s/journal/%s: cannot be used: %s; not starting, nothing was changed; let the "
                  "version that wrote it deliver its records, or move the folder journal away; "
                  "rsyslog keeps new records until then",
                  s->conf->state_dir, report.bad_name, err_text(r));
    return r;
}

int stores_open(struct stores *s)
{
    int r = refuse_foreign(s);

    if (r < 0)
        return r;
    limit_memory(s->conf);
    workitem_open(&s->scoreboard, s->state_fd, s->conf);
    s->recent = recent_new(RECENT_RECORDS, RECENT_EVENTS);
    r = recent_load(s->recent, s->state_fd);
    if (r < 0)
        log_warning(
            "%s/recent: cannot be read: %s; repeats of older records will not be recognised",
            s->conf->state_dir, err_text(r));
    return 0;
}

/* What the segments held is remembered by digest. */
static void on_removing(void *ctx, uint64_t segment)
{
    struct stores *s = ctx;

    (void)recent_save(s->recent, segment); /* costs recognition of repeats, no data */
}

/* A large journal on a cold disk takes longer to read than rsyslog waits for the first OK. */
static void on_reading(void *ctx)
{
    struct stores *s = ctx;

    if (s->waiting)
        (void)replies_dot(s->waiting, clock_mono_ms(), s->conf->keepalive);
}

static void log_damage(const struct stores *s, const struct journal_report *report)
{
    const char *dir = s->conf->state_dir;

    if (report->set_aside)
        log_error("%s/journal/%s: not readable as a segment; kept as *.bad (%zu files in all); run "
                  "omauditjson journal check",
                  dir, report->bad_name, report->set_aside);
    if (report->repaired + report->found)
        log_error("%s/journal: damaged headers: %zu restored from their copy, %zu rebuilt from the "
                  "segment's entries; check the disk",
                  dir, report->repaired, report->found);
    if (report->short_files)
        log_error("%s/journal: %zu segments are truncated, by %llu bytes in all; check the disk",
                  dir, report->short_files, (unsigned long long)report->short_bytes);
    if (report->lost && report->lost == report->lost_surely)
        log_error("%s/journal: %llu acknowledged records are lost; run omauditjson journal check",
                  dir, (unsigned long long)report->lost);
    else if (report->lost)
        log_error("%s/journal: at most %llu acknowledged records are lost, at least %llu; the "
                  "others may have been delivered; run omauditjson journal check",
                  dir, (unsigned long long)report->lost, (unsigned long long)report->lost_surely);
    if (report->aside > JOURNAL_ASIDE_FILES)
        log_error("%s/journal: %zu damaged files (*.bad), more than %u; accepting no records until "
                  "they are salvaged or removed; run omauditjson journal check",
                  dir, report->aside, JOURNAL_ASIDE_FILES);
}

/* A folder of ours that can't be opened. */
static void say_folder(const struct stores *s, const char *name, int error)
{
    if (error == -ENOTDIR || error == -ELOOP)
        log_error("%s/%s: refused: not a directory; remove it", s->conf->state_dir, name);
    else
        log_error("%s/%s: %s", s->conf->state_dir, name, err_text(error));
}

static int open_journal(struct stores *s, bool confirming, bool *marks_whole)
{
    struct journal_conf jc = {.state_fd = s->state_fd,
                              .window = s->conf->window,
                              .removing = on_removing,
                              .reading = on_reading,
                              .tally = &s->scoreboard.page->tally,
                              .ctx = s};
    struct journal_report report;
    int r = journal_open(&jc, &s->journal, &report);

    if (r < 0) {
        say_folder(s, "journal", r);
        return r;
    }
    log_damage(s, &report);
    if (report.damaged_bytes)
        log_error("%s/journal: skipped %zu damaged bytes; the segment is kept as *.bad after its "
                  "records are delivered",
                  s->conf->state_dir, report.damaged_bytes);
    if (report.undone)
        log_notice("%s/journal: %zu of %zu records are not delivered yet; resuming delivery",
                   s->conf->state_dir, report.undone, report.records);
    journal_set_holding(s->journal, !confirming);
    s->stats.journal_damaged += report.set_aside + report.damaged_bytes + report.repaired +
                                report.found + report.short_files;
    s->stats.lost_records += report.lost;
    *marks_whole = report.same_boot;
    return 0;
}

static int open_dead(struct stores *s)
{
    char path[4096];
    int r;

    snprintf(path, sizeof(path), "%s/deadletter", s->conf->state_dir);
    r = deadletter_new(path, s->conf->deadletter_bytes / DEADLETTER_FILES, DEADLETTER_FILES,
                       &s->dead);
    if (r == 0)
        deadletter_set_hold(s->dead, s->conf->deadletter_full == CONF_DEADLETTER_HOLD);
    if (r < 0)
        say_folder(s, "deadletter", r);
    return r;
}

int stores_open_journal(struct stores *s, struct replies *waiting, bool *marks_whole)
{
    int r = open_dead(s);

    s->waiting = waiting;
    return r < 0 ? r : open_journal(s, replies_confirming(waiting), marks_whole);
}

void stores_started(struct stores *s)
{
    s->waiting = NULL;
}

/* The former process may have died while it wrote dead letters. */
static void recall_dead(struct stores *s)
{
    int r = deadletter_recall(s->dead);

    if (r < 0)
        log_warning("%s/deadletter: cannot be read: %s; the last entries of the previous process "
                    "may be written twice",
                    s->conf->state_dir, err_text(r));
}

int stores_open_deliver(struct stores *s, bool recall, const struct deliver_ops *ops, int doc_fd)
{
    int r;

    if (recall || journal_undone(s->journal) > 0)
        recall_dead(s);
    if (fsync(s->state_fd) < 0) { /* the folders of both may be new */
        r = -errno;
        log_error("%s: %s", s->conf->state_dir, err_text(r));
        return r;
    }
    r = deliver_new(s->conf, s->dead, ops, &s->deliver);
    if (r == 0 && doc_fd >= 0)
        deliver_set_output(s->deliver, doc_fd);
    return r;
}

void stores_close(struct stores *s)
{
    deliver_free(s->deliver);
    journal_close(s->journal);
    deadletter_free(s->dead);
    recent_free(s->recent);
    scoreboard_close(&s->scoreboard);
    conf_done(s->conf);
    free(s->conf);
}

void stores_reconfigure(struct stores *s, struct conf *conf)
{
    s->conf = conf;
    limit_memory(conf);
    journal_set_window(s->journal, conf->window);
    deadletter_set_hold(s->dead, conf->deadletter_full == CONF_DEADLETTER_HOLD);
    deliver_reconfigure(s->deliver, conf);
}

size_t stores_line_max(const struct stores *s)
{
    return s->conf->max_line + LINE_EXTRA;
}

void stores_say_full(struct stores *s)
{
    if (!s->window_logged)
        log_warning("journal window (%llu bytes) is full; holding replies to rsyslog until the "
                    "receiver accepts events",
                    (unsigned long long)s->conf->window);
    s->window_logged = true;
}

void stores_done_with(struct stores *s, const uint64_t *seqs, size_t n)
{
    journal_done(s->journal, seqs, n);
    if (s->window_logged && journal_has_room(s->journal) == 0) {
        log_notice("journal window has room again");
        s->window_logged = false;
    }
}

struct deadletter_key stores_dead_key(const struct stores *s, uint64_t seq, const char *line,
                                      size_t len)
{
    return deadletter_key_of_record(journal_seed_of(s->journal, seq), seq, line, len);
}

void stores_gauges(struct stores *s)
{
    struct deliver_counts counts = deliver_counts(s->deliver);
    struct deadletter_counts dead = deadletter_counts(s->dead);

    s->stats.requests = counts.requests;
    s->stats.retries = counts.retries;
    s->stats.splits = counts.splits;
    s->stats.delivered_before = counts.known;
    s->stats.receiver_up = deliver_receiver_up(s->deliver);
    s->stats.request_failures = counts.failures;
    s->stats.batches = counts.batches;
    s->stats.deadletters_held = dead.held;
    s->stats.deadletters_dropped = dead.dropped_entries;
    s->stats.window_bytes = s->conf->window;
    s->stats.window_used = journal_bytes(s->journal);
    s->stats.undelivered_records = journal_undone(s->journal);
    s->stats.set_aside = journal_aside(s->journal);
}
