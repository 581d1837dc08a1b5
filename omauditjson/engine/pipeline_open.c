/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline's start, end and change of configuration. */
#include "config.h"
#include "engine/pipeline.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/harden.h"
#include "base/log.h"
#include "engine/resume.h"
#include "journal/hand_death.h"

#define DEADLETTER_FILES 8
#define MEMORY_BASE (UINT64_C(256) << 20)

/* A batch that a former life sealed: the same events, the same bytes, the same ids. */
static void resume_event(void *ctx, const struct event_source *src, const uint64_t *seqs)
{
    struct engine *e = ctx;
    struct deliver_event out;

    if (pipeline_make_document(e, src, &out) != PIPELINE_MADE_DOCUMENT) {
        log_error("an event of an unfinished batch can't be written as a document any more: its "
                  "records are read again");
        hand_put(&e->hand);
        resume_forget(e, seqs, src->n_lines);
        return;
    }
    out.seqs = seqs;
    out.n_seqs = src->n_lines;
    deliver_resume_add(e->deliver, &out);
    hand_put(&e->hand);
}

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

/* What may be in hand for longer has longer. */
static void watch(const struct conf *conf)
{
    uint64_t size = conf->max_event > conf->batch_bytes ? conf->max_event : conf->batch_bytes;

    hand_death_watch(
        (unsigned)(HAND_DEATH_TICK_MS * (1 + conf->max_event_records / 16384 + size / (8u << 20))));
}

static void say_death(const struct hand_report *report, const char *what)
{
    static const char *const how[] = {[HAND_UNMARKED] = "was killed",
                                      [HAND_CRASHED] = "crashed",
                                      [HAND_LOOPED] = "made no progress",
                                      [HAND_EXHAUSTED] = "ran out of memory",
                                      [HAND_EXITED] = "was ended by a library"};
    const char *then = report->deaths > 1 ? ", again: it is set aside"
                                          : "; should it do so again, that is set aside";
    char signal_text[32] = "";

    if (report->mark == HAND_UNMARKED) {
        if (report->row % HAND_ROW == 0)
            log_warning("the former process was killed while it handled %s, %u times in a row: a "
                        "child handles it first",
                        what, report->row);
        else
            log_notice("the former process was killed while it handled %s: that is not to blame",
                       what);
        return;
    }
    if (report->mark == HAND_CRASHED)
        snprintf(signal_text, sizeof(signal_text), " (signal %d)", report->signo);
    if (report->stage == HAND_BATCH)
        then = report->deaths > 1 ? ", again" : "";
    log_warning("the former process died while it handled %s: it %s%s%s", what,
                how[report->mark <= HAND_EXITED ? report->mark : HAND_CRASHED], signal_text, then);
}

static void open_hand(struct engine *e)
{
    struct hand_report report;
    char what[512];
    int r = hand_open(&e->hand, e->state_fd, &report);

    if (r < 0)
        log_warning("%s/hand: %s: going on without it: a record that kills this process is not "
                    "recognised",
                    e->conf->state_dir, err_text(r));
    watch(e->conf);
    if (report.stage == HAND_NOTHING)
        return;
    if (report.stage == HAND_EVENT)
        pipeline_name_event(report.text, what);
    else if (report.stage == HAND_BATCH)
        pipeline_name_batch(report.text, what, sizeof(what));
    else
        snprintf(what, sizeof(what), "a line of %zu bytes", report.len);
    say_death(&report, what);
}

/* The 22nd word of /proc/PID/stat; the second, in brackets, may hold anything. */
uint64_t pipeline_process_start(pid_t pid)
{
    char path[64], text[1024], *word = NULL;
    ssize_t n = -1;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        n = read(fd, text, sizeof(text) - 1);
        close(fd);
    }
    if (n > 0) {
        text[n] = '\0';
        word = strrchr(text, ')');
    }
    for (int i = 2; word && i < 22; i++)
        word = strchr(word + 1, ' ');
    return word ? strtoull(word, NULL, 10) : 0;
}

/* A large journal on a cold disk takes longer to read than rsyslog waits for the first OK. */
static void on_reading(void *ctx)
{
    struct engine *e = ctx;

    if (e->starting)
        intake_starting(e, clock_mono_ms());
}

static void log_damage(const struct engine *e, const struct journal_report *report)
{
    const char *dir = e->conf->state_dir;

    if (report->set_aside)
        log_error(
            "%s/journal/%s can't be read as a segment: set aside as *.bad (%zu files in all); "
            "omauditjson journal check says more",
            dir, report->bad_name, report->set_aside);
    if (report->mended + report->found)
        log_error("%s/journal: damaged headers: %zu restored from their copy, %zu found from the "
                  "segment's entries; check the disk",
                  dir, report->mended, report->found);
    if (report->short_files)
        log_error("%s/journal: %zu segments are shorter than they were made, by %llu bytes", dir,
                  report->short_files, (unsigned long long)report->short_bytes);
    if (report->lost && report->lost == report->lost_surely)
        log_error("%s/journal: %llu records that were answered are gone", dir,
                  (unsigned long long)report->lost);
    else if (report->lost)
        log_error("%s/journal: at most %llu records that were answered are gone, at least %llu: of "
                  "the others it is not known whether they had been delivered",
                  dir, (unsigned long long)report->lost, (unsigned long long)report->lost_surely);
    if (report->aside > JOURNAL_ASIDE_FILES)
        log_error("%s/journal: %zu damaged files are kept, more than %u: no further records are "
                  "taken until they are looked after (omauditjson journal check, journal salvage)",
                  dir, report->aside, JOURNAL_ASIDE_FILES);
}

/* A folder of ours that can't be opened. */
static void say_folder(const struct engine *e, const char *name, int error)
{
    if (error == -ENOTDIR || error == -ELOOP)
        log_error(
            "%s/%s: refused: it is a link or a file and not the folder that we made: remove it",
            e->conf->state_dir, name);
    else
        log_error("%s/%s: %s", e->conf->state_dir, name, err_text(error));
}

static int open_journal(struct engine *e)
{
    struct journal_conf jc = {.state_fd = e->state_fd,
                              .window = e->conf->window,
                              .removing = pipeline_on_removing,
                              .reading = on_reading,
                              .tally = &e->hand.page->tally,
                              .ctx = e};
    struct journal_report report;
    int r = journal_open(&jc, &e->journal, &report);

    if (r < 0) {
        say_folder(e, "journal", r);
        return r;
    }
    log_damage(e, &report);
    if (report.damaged_bytes)
        log_error("%s/journal: %zu damaged bytes stepped over; the segment is kept as *.bad when "
                  "it is done with",
                  e->conf->state_dir, report.damaged_bytes);
    if (report.undone)
        log_notice("%s/journal: %zu of %zu records were not delivered yet: going on with them",
                   e->conf->state_dir, report.undone, report.records);
    journal_set_holding(e->journal, !e->confirming);
    e->stats.journal_damaged +=
        report.set_aside + report.damaged_bytes + report.mended + report.found + report.short_files;
    e->stats.lost_records += report.lost;
    e->marks_whole = report.same_boot;
    return 0;
}

static int open_dead(struct engine *e)
{
    char path[4096];
    int r;

    snprintf(path, sizeof(path), "%s/deadletter", e->conf->state_dir);
    r = deadletter_new(path, e->conf->deadletter_bytes / DEADLETTER_FILES, DEADLETTER_FILES,
                       &e->dead);
    if (r == 0)
        deadletter_set_hold(e->dead, e->conf->deadletter_full == CONF_DEADLETTER_HOLD);
    if (r < 0)
        say_folder(e, "deadletter", r);
    return r;
}

/* Something of a former life goes on: it may have died while it wrote dead letters. */
static void recall_dead(struct engine *e)
{
    int r = 0;

    if (journal_undone(e->journal) > 0 || faccessat(e->state_fd, REQUEUE_DIR, F_OK, 0) == 0)
        r = deadletter_recall(e->dead);
    if (r < 0)
        log_warning("%s/deadletter: %s: what the former process wrote there last may come twice",
                    e->conf->state_dir, err_text(r));
}

/* Before anything is touched: what a newer program left may be read by that only. */
static int refuse_foreign(const struct engine *e)
{
    struct journal_report report;
    int r = journal_foreign(e->state_fd, &report);

    if (r < 0)
        log_error("%s/journal/%s: %s: not started, nothing was changed; let the version that wrote "
                  "it deliver what is there, or move the folder journal away; rsyslog keeps its "
                  "records meanwhile",
                  e->conf->state_dir, report.bad_name, err_text(r));
    return r;
}

int pipeline_open(struct engine *e)
{
    const struct deliver_ops ops = {.sealed = pipeline_on_sealed,
                                    .done = pipeline_on_done,
                                    .sending = pipeline_on_sending,
                                    .sent = pipeline_on_sent,
                                    .ctx = e};
    struct group_conf limits;
    bool new_sender;
    int r = refuse_foreign(e);

    if (r < 0)
        return r;
    limit_memory(e->conf);
    e->doc = BUF_INIT(e->conf->max_event + PIPELINE_DOC_AROUND);
    e->seal = BUF_INIT(SEGMENT_PAYLOAD_MAX);
    e->mark = BUF_INIT(SEAL_MARK_MAX);
    e->processes = lineage_new(e->conf->processes);
    open_hand(e);
    e->recent = recent_new(RECENT_RECORDS, RECENT_EVENTS);
    r = recent_load(e->recent, e->state_fd);
    if (r < 0)
        log_warning("%s/recent: %s: repeats of older records will not be recognised",
                    e->conf->state_dir, err_text(r));
    new_sender = hand_sender_is_new(&e->hand, (uint64_t)getppid(), e->sender_started);
    if (new_sender)
        recent_new_sender(e->recent);
    twice_start(e, !new_sender);
    group_limits(e->conf, &limits);
    e->group = group_new(&limits);
    e->parser = parser_new();
    e->format = format_new(e->conf);
    journal_cursor_init(&e->cursor);
    r = open_dead(e);
    if (r == 0)
        r = open_journal(e);
    if (r == 0)
        recall_dead(e);
    if (r == 0 && fsync(e->state_fd) < 0) { /* the folders of both may be new */
        r = -errno;
        log_error("%s: %s", e->conf->state_dir, err_text(r));
    }
    if (r == 0)
        r = deliver_new(e->conf, e->dead, &ops, &e->deliver);
    if (r == 0) {
        if (e->wire.doc_fd >= 0)
            deliver_set_output(e->deliver, e->wire.doc_fd);
        r = resume_run(e, resume_event);
    }
    return r;
}

void pipeline_close(struct engine *e)
{
    if (!e->hand.page) /* refused */
        return;
    requeue_close(e);
    deliver_free(e->deliver);
    if (e->stuck)
        group_release(e->group, e->stuck);
    journal_cursor_done(&e->cursor);
    journal_close(e->journal);
    deadletter_free(e->dead);
    format_free(e->format);
    parser_free(e->parser);
    group_free(e->group);
    recent_free(e->recent);
    hand_close(&e->hand);
    buf_done(&e->doc);
    buf_done(&e->seal);
    buf_done(&e->mark);
    lineage_free(e->processes);
    free(e->lines);
    free(e->seqs);
    free(e->resumed);
    free(e->set_aside);
}

void pipeline_reconfigure(struct engine *e)
{
    struct group_conf limits;

    limit_memory(e->conf);
    group_limits(e->conf, &limits);
    group_set_conf(e->group, &limits);
    journal_set_window(e->journal, e->conf->window);
    format_free(e->format);
    e->format = format_new(e->conf);
    if (lineage_size(e->processes) != e->conf->processes) {
        lineage_free(e->processes);
        e->processes = lineage_new(e->conf->processes);
    }
    e->doc.max = e->conf->max_event + PIPELINE_DOC_AROUND;
    deadletter_set_hold(e->dead, e->conf->deadletter_full == CONF_DEADLETTER_HOLD);
    deliver_reconfigure(e->deliver, e->conf);
}
