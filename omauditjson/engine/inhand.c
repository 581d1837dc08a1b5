/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/inhand.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "conf/conf.h"
#include "journal/hand_death.h"

size_t inhand_event(const struct event_source *src, struct inhand_event *key)
{
    size_t n = src->node_len < sizeof(key->node) ? src->node_len : sizeof(key->node);

    key->sec = src->sec;
    key->serial = src->serial;
    key->ms = src->ms;
    key->node_len = (uint32_t)n;
    if (n)
        memcpy(key->node, src->node, n);
    return offsetof(struct inhand_event, node) + n;
}

void inhand_name_event(const char *text, char out[INHAND_NAME_SIZE])
{
    struct inhand_event key;

    memcpy(&key, text, offsetof(struct inhand_event, node));
    snprintf(out, INHAND_NAME_SIZE, "event %lld.%03u:%llu", (long long)key.sec, key.ms,
             (unsigned long long)key.serial);
}

size_t inhand_batch(const struct deliver_event *events, size_t n, bool compress,
                    struct inhand_batch *key)
{
    const struct deliver_event *last = &events[n - 1];
    size_t a = events->id_len < INHAND_ID ? events->id_len : INHAND_ID;
    size_t b = last->id_len < INHAND_ID ? last->id_len : INHAND_ID;

    key->n_events = n;
    key->compress = compress;
    key->first_len = (uint32_t)a;
    memcpy(key->ids, events->id, a);
    memcpy(key->ids + a, last->id, b);
    return offsetof(struct inhand_batch, ids) + a + b;
}

static void name_batch(const char *text, char *out, size_t size)
{
    struct inhand_batch key;

    memcpy(&key, text, sizeof(key));
    snprintf(out, size, "a batch of %llu events from %.*s on", (unsigned long long)key.n_events,
             key.first_len < INHAND_ID ? (int)key.first_len : 0, key.ids);
}

/* ---- what the former process died with ------------------------------------------------------ */

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

void inhand_open(struct hand *h, int state_fd, const struct conf *conf)
{
    struct hand_report report;
    char what[512];
    int r = hand_open(h, state_fd, &report);

    if (r < 0)
        log_warning("%s/hand: %s: going on without it: a record that kills this process is not "
                    "recognised",
                    conf->state_dir, err_text(r));
    watch(conf);
    if (report.stage == HAND_NOTHING)
        return;
    if (report.stage == HAND_EVENT)
        inhand_name_event(report.text, what);
    else if (report.stage == HAND_BATCH)
        name_batch(report.text, what, sizeof(what));
    else
        snprintf(what, sizeof(what), "a line of %zu bytes", report.len);
    say_death(&report, what);
}
