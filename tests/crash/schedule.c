/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "schedule.h"

#include <inttypes.h>
#include <string.h>

#include "making.h"

uint64_t schedule_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

const char *const crash_point_names[CRASH_N_POINTS] = {
#define X(id, name) [CRASH_##id] = name,
    CRASH_POINTS(X)
#undef X
};

const char *const crash_action_names[CRASH_N_ACTIONS] = {
    "kill",  "kill-rsyslogd", "kill-both",      "stop-rsyslogd", "stop-both",
    "hup",   "hup-both",      "fail",           "short",         "tear",
    "clock", "freeze",        "freeze-rsyslogd"};

static const char *const stanza_names[STANZA_N] = {"direct", "diskqueue", "audisp-syslog", "kmsg",
                                                   "journal"};

const char *schedule_stanza_name(enum stanza stanza)
{
    return stanza_names[stanza];
}

/* -- the whole --------------------------------------------------------------------------------- */

static void choose_setting(struct making *m, enum stanza only)
{
    static const enum stanza stanzas[] = {STANZA_DIRECT,    STANZA_DIRECT,    STANZA_DIRECT,
                                          STANZA_DIRECT,    STANZA_DISKQUEUE, STANZA_DISKQUEUE,
                                          STANZA_DISKQUEUE, STANZA_DISKQUEUE, STANZA_AUDISP,
                                          STANZA_KMSG,      STANZA_JOURNAL};
    static const char *const receivers[] = {"ndjson",      "json-array", "json-array",
                                            "mozdef-bulk", "mozdef",     "single"};
    static const char *const compressions[] = {"none", "none", "gzip", "zstd"};
    static const char *const syncs[] = {"commit", "commit", "commit", "always", "never"};
    static const unsigned widths[] = {1, 3, 10, 30};
    struct schedule *s = m->s;

    s->stanza = ONE_OF(m, stanzas);
    if (only != STANZA_N)
        s->stanza = only;
    if (s->stanza == STANZA_JOURNAL && !m->have_journal)
        s->stanza = STANZA_DISKQUEUE;
    s->small = percent(m, 65);
    s->receiver = ONE_OF(m, receivers);
    s->compress = ONE_OF(m, compressions);
    if (strncmp(s->receiver, "mozdef", 6) == 0)
        s->compress = "none";
    s->sync = ONE_OF(m, syncs);
    s->in_flight = percent(m, 50) ? 1 : 2 + below(m, 4);
    s->batch_events = 1 + below(m, percent(m, 50) ? 20 : 300);
    s->events = 100 + below(m, 400);
    s->width = ONE_OF(m, widths);
    s->nodes = percent(m, 30) && s->stanza != STANZA_KMSG ? "alpha,beta" : NULL;
    if (s->stanza == STANZA_JOURNAL)
        s->nodes = NULL;
    s->eoe = percent(m, 60) && s->stanza != STANZA_JOURNAL; /* journald drops them */
    s->enriched = percent(m, 50) && s->stanza < STANZA_AUDISP;
    s->open = percent(m, 20) ? 3 : 0;
    s->with_long = s->stanza == STANZA_KMSG ? 0 : percent(m, 20) ? 20 : 2;
    if (s->stanza < STANZA_AUDISP) {
        s->late = percent(m, 40) ? 1 + below(m, 5) : 0;
        s->twice = percent(m, 20) ? 1 + below(m, 5) : 0;
        s->garbage = percent(m, 30) ? 1 + below(m, 3) : 0;
    }
    s->pieces = 2 + below(m, STAGES - 2);
    s->flags = s->late || s->twice ? SCHEDULE_LATE : 0;
    m->records = s->events * 5;
}

static void put(struct schedule *s, struct step step)
{
    if (s->n_steps < SCHEDULE_STEPS)
        s->steps[s->n_steps++] = step;
}

void schedule_make(struct schedule *s, uint64_t seed, enum stanza only, unsigned have)
{
    struct making m = {.s = s,
                       .random = seed,
                       .have_disk = have & SCHEDULE_HAVE_DISK,
                       .have_journal = have & SCHEDULE_HAVE_JOURNAL};

    *s = (struct schedule){.seed = seed};
    choose_setting(&m, only);
    faults_choose(&m);
    /* last, so that a seed of old makes the schedule of old */
    s->hostile = percent(&m, 40);
    s->strict = percent(&m, 80);
    for (unsigned i = 0; i < s->pieces; i++) {
        for (size_t k = 0; k < m.n_before[i]; k++)
            put(s, m.before[i][k]);
        put(s, (struct step){STEP_FEED, (long)i, NULL});
        for (size_t k = 0; k < m.n_after[i]; k++)
            put(s, m.after[i][k]);
        put(s, (struct step){STEP_WAIT, 0, NULL});
    }
    /* As the last: the seeds of before make what they made. */
    if (s->stanza < STANZA_AUDISP && percent(&m, 40)) {
        s->equal = 1 + below(&m, 6);
        s->flags |= SCHEDULE_LATE;
    }
    if (s->flags & SCHEDULE_OAJ_DIES && percent(&m, 35))
        s->damage = percent(&m, 50) ? CRASH_DAMAGE_GONE : CRASH_DAMAGE_HEADER;
    if (s->damage == CRASH_DAMAGE_GONE) {
        s->flags |= SCHEDULE_DAMAGES;
        s->garbage = 0; /* it is told from records by its place only */
    }
}

void schedule_print(const struct schedule *s, struct buf *out)
{
    static const char *const names[STEP_N] = {
        "feed",          "wait",      "pause",    "kill",           "kill-rsyslogd",
        "stop-rsyslogd", "stop-both", "hup-both", "mode",           "plan",
        "down",          "up",        "bad-cert", "rotate",         "clock",
        "disk-full",     "disk-free", "freeze",   "freeze-rsyslogd"};

    (void)buf_printf(out, "seed=%" PRIu64 " %s %s %s%s", s->seed, stanza_names[s->stanza],
                     s->small ? "small" : "real", s->receiver, s->tls ? "+tls" : "");
    (void)buf_printf(out, " in_flight=%u batch=%u sync=%s", s->in_flight, s->batch_events, s->sync);
    if (s->window)
        (void)buf_append_str(out, " window");
    if (s->impatient)
        (void)buf_append_str(out, s->kills ? " impatient" : " impatient-spares");
    if (s->hostile)
        (void)buf_append_str(out, " hostile-environment");
    if (s->strict)
        (void)buf_append_str(out, " strict");
    if (s->reject != NULL)
        (void)buf_append_str(out, " reject");
    if (s->max_events != 0)
        (void)buf_printf(out, " max-events=%u", s->max_events);
    if (s->equal)
        (void)buf_printf(out, " equal=%u%%", s->equal);
    for (uint32_t i = 0; i < s->n_triggers; i++) {
        const struct crash_trigger *t = &s->triggers[i];

        (void)buf_printf(out, " %s@%s-%s:%d", crash_action_names[t->action],
                         t->after ? "after" : "before", crash_point_names[t->point],
                         (int)t->countdown);
        if (t->from_life != 0)
            (void)buf_printf(out, "/life%u", t->from_life);
        if (t->from_answered != 0)
            (void)buf_printf(out, "/answered%" PRIu64, t->from_answered);
        if (t->action == CRASH_FREEZE_SELF || t->action == CRASH_FREEZE_PARENT)
            (void)buf_printf(out, "/%dms", (int)t->arg);
        if (t->repeat > 1)
            (void)buf_printf(out, "x%u", t->repeat);
    }
    if (s->damage)
        (void)buf_printf(out, " damage=%s", s->damage == CRASH_DAMAGE_GONE ? "gone" : "header");
    if (s->hunt_left)
        (void)buf_printf(out, " hunt@work.event:%ux%u", s->hunt_at, s->hunt_left);
    for (size_t i = 0; i < s->n_steps; i++) {
        const struct step *p = &s->steps[i];

        if (p->kind == STEP_FEED || p->kind == STEP_WAIT || p->kind == STEP_PAUSE)
            continue;
        (void)buf_printf(out, " %s", names[p->kind]);
        if (p->kind == STEP_CLOCK)
            (void)buf_printf(out, "%+ld", p->a);
        if (p->kind == STEP_FREEZE || p->kind == STEP_RS_FREEZE)
            (void)buf_printf(out, "/%ldms", p->a);
        if (p->text != NULL)
            (void)buf_printf(out, "=%s", p->text);
    }
}
