/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/workitem.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "conf/conf.h"
#include "journal/scoreboard_death.h"

size_t workitem_event(const struct event_source *src, struct workitem_event *key)
{
    size_t n = src->node_len < sizeof(key->node) ? src->node_len : sizeof(key->node);

    key->sec = src->sec;
    key->serial = src->serial;
    key->ms = src->ms;
    key->node_len = (uint32_t)n;
    if (n)
        memcpy(key->node, src->node, n);
    return offsetof(struct workitem_event, node) + n;
}

void workitem_name_event(const char *text, char out[WORKITEM_NAME_SIZE])
{
    struct workitem_event key;

    memcpy(&key, text, offsetof(struct workitem_event, node));
    snprintf(out, WORKITEM_NAME_SIZE, "event %lld.%03u:%llu", (long long)key.sec, key.ms,
             (unsigned long long)key.serial);
}

size_t workitem_batch(const struct deliver_event *events, size_t n, bool compress,
                      struct workitem_batch *key)
{
    const struct deliver_event *last = &events[n - 1];
    size_t a = events->id_len < WORKITEM_ID ? events->id_len : WORKITEM_ID;
    size_t b = last->id_len < WORKITEM_ID ? last->id_len : WORKITEM_ID;

    key->n_events = n;
    key->compress = compress;
    key->first_len = (uint32_t)a;
    memcpy(key->ids, events->id, a);
    memcpy(key->ids + a, last->id, b);
    return offsetof(struct workitem_batch, ids) + a + b;
}

static void name_batch(const char *text, char *out, size_t size)
{
    struct workitem_batch key;

    memcpy(&key, text, sizeof(key));
    snprintf(out, size, "a batch of %llu events from %.*s on", (unsigned long long)key.n_events,
             key.first_len < WORKITEM_ID ? (int)key.first_len : 0, key.ids);
}

/* ---- what the former process died with ------------------------------------------------------ */

/* What may be in process for longer has longer. */
static void watch(const struct conf *conf)
{
    uint64_t size = conf->max_event > conf->batch_bytes ? conf->max_event : conf->batch_bytes;

    scoreboard_death_watch((unsigned)(SCOREBOARD_DEATH_TICK_MS *
                                      (1 + conf->max_event_records / 16384 + size / (8u << 20))));
}

static void say_death(const struct scoreboard_report *report, const char *what)
{
    static const char *const how[] = {[SCOREBOARD_UNMARKED] = "was killed",
                                      [SCOREBOARD_CRASHED] = "crashed",
                                      [SCOREBOARD_LOOPED] = "made no progress",
                                      [SCOREBOARD_EXHAUSTED] = "ran out of memory",
                                      [SCOREBOARD_EXITED] = "was ended by a library"};
    const char *then = report->deaths > 1 ? ", for the second time; quarantining it"
                                          : "; a second time quarantines it";
    char signal_text[32] = "";

    if (report->mark == SCOREBOARD_UNMARKED) {
        if (report->row % SCOREBOARD_ROW == 0)
            log_warning("the previous process was killed while processing %s, %u times in a row; "
                        "processing it in a child process first",
                        what, report->row);
        else
            log_notice(
                "the previous process was killed while processing %s; not counted as a crash",
                what);
        return;
    }
    if (report->mark == SCOREBOARD_CRASHED)
        snprintf(signal_text, sizeof(signal_text), " (signal %d)", report->signo);
    if (report->stage == SCOREBOARD_BATCH)
        then = report->deaths > 1 ? ", for the second time" : "";
    log_warning("the previous process died while processing %s: it %s%s%s", what,
                how[report->mark <= SCOREBOARD_EXITED ? report->mark : SCOREBOARD_CRASHED],
                signal_text, then);
}

void workitem_open(struct scoreboard *h, int state_fd, const struct conf *conf)
{
    struct scoreboard_report report;
    char what[512];
    int r = scoreboard_open(h, state_fd, &report);

    if (r < 0)
        log_warning("%s/scoreboard: cannot be used: %s; continuing without it: a record that "
                    "crashes this process is not detected",
                    conf->state_dir, err_text(r));
    watch(conf);
    if (report.stage == SCOREBOARD_NOTHING)
        return;
    if (report.stage == SCOREBOARD_EVENT)
        workitem_name_event(report.text, what);
    else if (report.stage == SCOREBOARD_BATCH)
        name_batch(report.text, what, sizeof(what));
    else
        snprintf(what, sizeof(what), "a line of %zu bytes", report.len);
    say_death(&report, what);
}
