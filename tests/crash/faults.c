/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "making.h"

#include <errno.h>

/* -- parts ------------------------------------------------------------------------------------- */

static void step(struct making *m, bool after, unsigned stage, enum step_kind kind, long a,
                 const char *text)
{
    struct step *list = after ? m->after[stage] : m->before[stage];
    size_t *n = after ? &m->n_after[stage] : &m->n_before[stage];

    if (*n < 6)
        list[(*n)++] = (struct step){kind, a, text};
}

static struct crash_trigger *trigger(struct making *m, enum crash_point point, bool after,
                                     enum crash_action action)
{
    struct schedule *s = m->s;
    struct crash_trigger *t =
        &s->triggers[s->n_triggers < CRASH_TRIGGERS ? s->n_triggers++ : CRASH_TRIGGERS - 1];

    *t = (struct crash_trigger){.point = point, .after = after, .action = action, .repeat = 1};
    t->countdown = (int32_t)(1 + below(m, making_usual_count(m, point)));
    /* now and then in a later life: what a start does after a crash */
    if (percent(m, 30)) {
        t->from_life = 2 + below(m, 2);
        if (percent(m, 60))
            t->countdown = (int32_t)(1 + below(m, 4));
    }
    return t;
}

/* -- faults ------------------------------------------------------------------------------------ */

static void fault_kill_at_point(struct making *m)
{
    unsigned n = 1 + below(m, 3);

    for (unsigned i = 0; i < n; i++)
        trigger(m, (enum crash_point)below(m, CRASH_WORK_EVENT), percent(m, 50), CRASH_KILL_SELF);
    m->s->flags |= SCHEDULE_OAJ_DIES;
}

/* Killed in the middle of a write, or a disk that took half of it. */
static void fault_tear(struct making *m)
{
    static const enum crash_point points[] = {
        CRASH_SEGMENT_RECORD, CRASH_SEGMENT_RECORD, CRASH_SEGMENT_RECORD, CRASH_SEGMENT_SEAL,
        CRASH_SEGMENT_DONE,   CRASH_SEGMENT_WRITE,  CRASH_DEAD_WRITE,     CRASH_RECENT_WRITE};
    unsigned n = 1 + below(m, 3);

    for (unsigned i = 0; i < n; i++)
        trigger(m, ONE_OF(m, points), false, percent(m, 65) ? CRASH_TEAR : CRASH_SHORT);
    m->s->flags |= SCHEDULE_OAJ_DIES | SCHEDULE_DISK | SCHEDULE_RECENT_FAILS;
}

static void fault_kill_at_random(struct making *m)
{
    unsigned stage = below(m, m->s->pieces);

    step(m, true, stage, STEP_PAUSE, (long)below(m, 120), NULL);
    step(m, true, stage, STEP_KILL, 0, NULL);
    m->s->flags |= SCHEDULE_OAJ_DIES;
}

static void fault_rsyslogd(struct making *m)
{
    static const enum crash_point points[] = {
        CRASH_WIRE_RECORD, CRASH_WIRE_RECORD, CRASH_STDIN_READ,   CRASH_SEGMENT_RECORD,
        CRASH_WIRE_COMMIT, CRASH_WIRE_BEGIN,  CRASH_SEGMENT_SYNC, CRASH_SOCKET_SEND};
    static const enum crash_action actions[] = {
        CRASH_KILL_PARENT, CRASH_KILL_PARENT, CRASH_KILL_BOTH, CRASH_TERM_PARENT, CRASH_TERM_BOTH};
    unsigned n = 1 + below(m, 3);

    for (unsigned i = 0; i < n; i++) {
        enum crash_action action = ONE_OF(m, actions);

        if (percent(m, 70)) {
            trigger(m, ONE_OF(m, points), percent(m, 50), action);
        } else {
            unsigned stage = below(m, m->s->pieces);

            step(m, true, stage, STEP_PAUSE, (long)below(m, 100), NULL);
            step(m, true, stage,
                 action == CRASH_TERM_PARENT ? STEP_RS_STOP
                 : action == CRASH_TERM_BOTH ? STEP_RS_GROUP
                                             : STEP_RS_KILL,
                 0, NULL);
        }
        m->s->flags |= action == CRASH_TERM_PARENT || action == CRASH_TERM_BOTH ? SCHEDULE_RS_STOPS
                                                                                : SCHEDULE_RS_DIES;
        if (action == CRASH_KILL_BOTH)
            m->s->flags |= SCHEDULE_OAJ_DIES;
    }
}

/* An orderly stop in the middle of events, which go out as they are; and before it is known that
 * they have arrived, the end. The rest of them comes in the next life. */
static void fault_stop_and_kill(struct making *m)
{
    static const enum crash_point points[] = {CRASH_SEGMENT_DONE, CRASH_SEGMENT_DONE,
                                              CRASH_SOCKET_RECV,  CRASH_SOCKET_SEND,
                                              CRASH_RECENT_WRITE, CRASH_JOURNAL_UNLINK};
    unsigned n = 1 + below(m, 2);

    for (unsigned i = 0; i < n; i++) {
        unsigned answered = 1 + below(m, m->records / 2);
        struct crash_trigger *t = trigger(m, CRASH_WIRE_RECORD, percent(m, 50),
                                          percent(m, 50) ? CRASH_TERM_PARENT : CRASH_TERM_BOTH);

        t->from_life = 0;
        t->countdown = (int32_t)answered;
        t = trigger(m, ONE_OF(m, points), percent(m, 30), CRASH_KILL_SELF);
        t->from_life = 0;
        t->from_answered = answered;
        t->countdown = (int32_t)(1 + below(m, 3));
    }
    m->s->flags |= SCHEDULE_RS_STOPS | SCHEDULE_OAJ_DIES;
}

static void fault_hup(struct making *m)
{
    if (percent(m, 50))
        trigger(m, (enum crash_point)below(m, CRASH_WORK_EVENT), percent(m, 50),
                percent(m, 50) ? CRASH_HUP_BOTH : CRASH_HUP_SELF);
    else
        step(m, true, below(m, m->s->pieces), STEP_HUP, 0, NULL);
}

static void fault_receiver(struct making *m)
{
    /* every class of answer; what is retried for ever is over when the next piece comes */
    static const struct {
        const char *text;
        unsigned flags;
        bool plan;
    } ways[] = {
        {"503", 0, false},
        {"500", SCHEDULE_REFUSES, false},
        {"429+retry-after=0", 0, false},
        {"reset", 0, false},
        {"lost", 0, false},
        {"unknown", SCHEDULE_DOUBT, true},
        {"half", SCHEDULE_DOUBT, true},
        {"delay=30", 0, false},
        {"slow-read=5", 0, false},
        {"slow-answer=1", 0, false},
        {"hang", 0, false},
        {"200+empty", 0, false},
        {"200+close", 0, false},
        {"204+empty", 0, false},
        {"401", 0, false},
        {"403x2,404x2,407,301", 0, true},
        {"503+retry-after=0x2,reset,502,504,408x2,425,ok", 0, true},
        {"unknown,503,half,reset,lost,hang,ok", SCHEDULE_DOUBT, true},
        {"ok,413,ok,413x2", SCHEDULE_REFUSES, true},
        {"400x2,ok,422,ok,410", SCHEDULE_REFUSES, true},
        {"200+huge=200000,429+huge=100000,500,ok", SCHEDULE_REFUSES, true},
        {"500x3,ok,500x6,ok,500x2", SCHEDULE_REFUSES, true},
        {"half,unknownx3,ok,unknown", SCHEDULE_DOUBT, true},
        {"okx3,unknown,delay=200,unknown", SCHEDULE_DOUBT, true},
    };
    unsigned way = below(m, sizeof(ways) / sizeof(ways[0]));
    unsigned stage = below(m, m->s->pieces);

    step(m, false, stage, ways[way].plan ? STEP_PLAN : STEP_MODE, 0, ways[way].text);
    if (!ways[way].plan && stage + 1 < m->s->pieces)
        step(m, false, stage + 1, STEP_MODE, 0, "ok");
    m->s->flags |= ways[way].flags;
}

static void fault_down(struct making *m)
{
    unsigned stage = below(m, m->s->pieces);

    step(m, percent(m, 50), stage, STEP_DOWN, 0, NULL);
    if (stage + 1 < m->s->pieces)
        step(m, true, stage + 1, STEP_UP, 0, NULL);
    m->s->flags |= SCHEDULE_DOUBT;
}

static void fault_tls(struct making *m)
{
    unsigned stage = below(m, m->s->pieces);

    step(m, false, stage, STEP_BAD_CERT, 0, NULL);
    if (stage + 1 < m->s->pieces)
        step(m, false, stage + 1, STEP_UP, 0, NULL);
    m->s->flags |= SCHEDULE_DOUBT; /* the one before it was cut off */
}

static void fault_disk(struct making *m)
{
    unsigned stage = below(m, m->s->pieces);

    if (!m->have_disk)
        return;
    step(m, percent(m, 50), stage, STEP_FILL, 0, NULL);
    if (stage + 1 < m->s->pieces)
        step(m, true, stage + 1, STEP_FREE, 0, NULL);
    m->s->flags |= SCHEDULE_DISK;
}

static void fault_call_fails(struct making *m)
{
    static const enum crash_point points[] = {
        CRASH_SEGMENT_RECORD, CRASH_SEGMENT_RECORD, CRASH_SEGMENT_SEAL,   CRASH_SEGMENT_DONE,
        CRASH_SEGMENT_WRITE,  CRASH_SEGMENT_SYNC,   CRASH_SEGMENT_SYNC,   CRASH_SEGMENT_ALLOC,
        CRASH_JOURNAL_OPEN,   CRASH_JOURNAL_SYNC,   CRASH_JOURNAL_RENAME, CRASH_JOURNAL_UNLINK,
        CRASH_RECENT_WRITE,   CRASH_DEAD_WRITE,     CRASH_DEAD_SYNC,      CRASH_DEAD_OPEN,
        CRASH_SOCKET_CONNECT, CRASH_SOCKET_SEND,    CRASH_SEGMENT_READ};
    enum crash_point p = ONE_OF(m, points);
    bool network = p == CRASH_SOCKET_CONNECT || p == CRASH_SOCKET_SEND;
    bool writes = p == CRASH_SEGMENT_RECORD || p == CRASH_SEGMENT_SEAL || p == CRASH_SEGMENT_DONE ||
                  p == CRASH_DEAD_WRITE;
    struct crash_trigger *t =
        trigger(m, p, false, writes && percent(m, 30) ? CRASH_SHORT : CRASH_FAIL);

    t->arg = network ? ECONNRESET : percent(m, 50) ? EIO : ENOSPC;
    t->repeat = percent(m, 70) ? 1 : 2 + below(m, 3);
    if (p == CRASH_SEGMENT_READ)
        t->from_life = 2; /* a start that can't read its journal ends itself */
    m->s->flags |= SCHEDULE_DISK | (network ? SCHEDULE_DOUBT : 0);
    if (p == CRASH_DEAD_WRITE || p == CRASH_DEAD_SYNC || p == CRASH_DEAD_OPEN)
        m->s->flags |= SCHEDULE_DEAD_FAILS;
    if (p == CRASH_RECENT_WRITE)
        m->s->flags |= SCHEDULE_RECENT_FAILS;
    if (p == CRASH_SEGMENT_READ || p == CRASH_DEAD_OPEN || p == CRASH_JOURNAL_OPEN)
        m->s->flags |= SCHEDULE_OAJ_DIES;
}

/* rsyslogd killed or stopped while it waits for an answer. */
static void fault_held(struct making *m)
{
    static const enum crash_action actions[] = {
        CRASH_KILL_PARENT, CRASH_KILL_BOTH, CRASH_TERM_PARENT, CRASH_TERM_BOTH, CRASH_KILL_SELF};
    enum crash_point held =
        m->s->stanza == STANZA_DIRECT || percent(m, 50) ? CRASH_SEGMENT_RECORD : CRASH_SEGMENT_SYNC;
    enum crash_action action = ONE_OF(m, actions);
    struct crash_trigger *t;

    if (held == CRASH_SEGMENT_SYNC && m->s->sync[0] == 'n')
        held = CRASH_SEGMENT_RECORD;
    t = trigger(m, held, false, CRASH_FAIL);
    t->arg = ENOSPC;
    t->repeat = 1 + below(m, 2);
    t->from_life = 0;
    t = trigger(m, CRASH_WIRE_DOT, percent(m, 50), action);
    t->countdown = (int32_t)(1 + below(m, 4));
    t->from_life = 0;
    m->s->flags |= SCHEDULE_DISK;
    if (action == CRASH_KILL_PARENT || action == CRASH_KILL_BOTH)
        m->s->flags |= SCHEDULE_RS_DIES;
    if (action == CRASH_KILL_SELF || action == CRASH_KILL_BOTH)
        m->s->flags |= SCHEDULE_OAJ_DIES;
    if (action == CRASH_TERM_PARENT || action == CRASH_TERM_BOTH)
        m->s->flags |= SCHEDULE_RS_STOPS;
}

/* The window is full because nobody takes anything, and then rsyslogd or we are killed or stopped.
 */
static void fault_window(struct making *m)
{
    static const enum crash_action actions[] = {
        CRASH_KILL_PARENT, CRASH_KILL_BOTH, CRASH_TERM_PARENT, CRASH_TERM_BOTH, CRASH_KILL_SELF};
    struct schedule *s = m->s;
    enum crash_action action = ONE_OF(m, actions);
    struct crash_trigger *t;

    if (!s->small || (s->stanza != STANZA_DIRECT && s->stanza != STANZA_DISKQUEUE))
        return;
    s->window = true;
    s->events = s->stanza == STANZA_DIRECT ? 2500 : 4000; /* beyond the reserve too */
    s->with_long = 100;
    s->pieces = 2;
    m->records = s->events * 5;
    step(m, false, 0, STEP_MODE, 0, percent(m, 50) ? "503" : "reset");
    step(m, true, 1, STEP_MODE, 0, "ok");
    t = trigger(m, CRASH_WIRE_DOT, percent(m, 50), action);
    t->countdown = (int32_t)(1 + below(m, 8));
    t->from_life = 0;
    if (action == CRASH_KILL_PARENT || action == CRASH_KILL_BOTH)
        s->flags |= SCHEDULE_RS_DIES;
    if (action == CRASH_KILL_SELF || action == CRASH_KILL_BOTH)
        s->flags |= SCHEDULE_OAJ_DIES;
    if (action == CRASH_TERM_PARENT || action == CRASH_TERM_BOTH)
        s->flags |= SCHEDULE_RS_STOPS;
}

static void fault_rotate(struct making *m)
{
    if (m->s->stanza != STANZA_DIRECT && m->s->stanza != STANZA_DISKQUEUE)
        return;
    step(m, false, 1 + below(m, m->s->pieces - 1), STEP_ROTATE, 0, NULL);
    m->s->flags |= SCHEDULE_ROTATES;
}

static void fault_clock(struct making *m)
{
    static const long steps[] = {-3600, -2, -90000, 3600, 5, 86400 * 400, -86400 * 365};

    for (unsigned i = 0; i < 2; i++) {
        if (percent(m, 50))
            step(m, percent(m, 50), below(m, m->s->pieces), STEP_CLOCK, ONE_OF(m, steps), NULL);
        else
            trigger(m, (enum crash_point)below(m, CRASH_WORK_EVENT), false, CRASH_CLOCK)->arg =
                (int32_t)ONE_OF(m, steps);
    }
}

static void fault_refused_events(struct making *m)
{
    if (percent(m, 50))
        m->s->reject = "/home/eve/.ssh";
    else
        m->s->max_events = 1 + below(m, 20);
    m->s->flags |= SCHEDULE_REFUSES;
}

/* Everything is refused for a while, or answered well before it was read (which can be told from a
 * receiver that is not known yet alone): nothing of that may be set aside or count as delivered. */
static void fault_refuses_all(struct making *m)
{
    static const char *const ways[] = {"400", "405", "410", "413", "415", "422", "early"};
    const char *way = ONE_OF(m, ways);
    unsigned stage = way[0] == 'e' ? 0 : below(m, m->s->pieces);

    step(m, false, stage, STEP_MODE, 0, way);
    if (stage + 1 < m->s->pieces)
        step(m, false, stage + 1, STEP_MODE, 0, "ok");
    m->s->flags |= SCHEDULE_REFUSES_ALL;
}

/* How long: shorter than rsyslog waits for a reply; or longer, so that it starts a second
 * omauditjson beside the one that is stopped (2.5 s later: confirmTimeout, closeTimeout,
 * resumeInterval), which then wakes up. */
static long freeze_ms(struct making *m, bool ours)
{
    struct schedule *s = m->s;

    if (percent(m, 40))
        return (long)(20 + below(m, 250));
    if (ours) {
        s->impatient = true;
        s->kills = percent(m, 30);
        s->flags |= SCHEDULE_OAJ_DIES; /* killed, or leaves what it has to the other one */
    }
    return (long)(SCHEDULE_IMPATIENT_MS + 200 + below(m, 4000));
}

static void fault_freeze(struct making *m)
{
    static const enum crash_point busy[] = {
        CRASH_WIRE_RECORD,  CRASH_STDIN_READ,   CRASH_SEGMENT_RECORD, CRASH_SEGMENT_SEAL,
        CRASH_SEGMENT_DONE, CRASH_SEGMENT_SYNC, CRASH_WIRE_COMMIT,    CRASH_SOCKET_SEND,
        CRASH_SOCKET_RECV,  CRASH_WIRE_FIRST};
    unsigned n = 1 + below(m, 2);

    for (unsigned i = 0; i < n; i++) {
        bool ours = percent(m, 75);
        long ms = freeze_ms(m, ours);

        if (percent(m, 75)) {
            enum crash_point p =
                percent(m, 75) ? ONE_OF(m, busy) : (enum crash_point)below(m, CRASH_WORK_EVENT);
            struct crash_trigger *t =
                trigger(m, p, percent(m, 50), ours ? CRASH_FREEZE_SELF : CRASH_FREEZE_PARENT);

            t->arg = (int32_t)ms;
            t->from_life = percent(m, 80) ? 0 : t->from_life;
        } else {
            unsigned stage = below(m, m->s->pieces);

            step(m, true, stage, STEP_PAUSE, (long)below(m, 100), NULL);
            step(m, true, stage, ours ? STEP_FREEZE : STEP_RS_FREEZE, ms, NULL);
        }
    }
}

/* Killed at one event, beyond a suspect's trial, but not so often that it ends badly. */
static void fault_hunt(struct making *m)
{
    m->s->hunt_left = 2 + below(m, 9);
    m->s->hunt_at = below(m, 1 + m->records / 8); /* it needs others to start us again */
    m->s->flags |= SCHEDULE_OAJ_DIES;
}

/* While a batch is compressed, or between two dead letters. */
static void fault_kill_at_stage(struct making *m)
{
    bool dead = m->s->garbage > 0 || m->s->flags & SCHEDULE_REFUSES;

    for (unsigned n = 1 + below(m, 4); n > 0; n--) {
        trigger(m, dead ? CRASH_DEAD_WRITE : CRASH_WORK_BATCH, percent(m, 70), CRASH_KILL_SELF);
    }
    m->s->flags |= SCHEDULE_OAJ_DIES;
}

void faults_choose(struct making *m)
{
    static void (*const faults[])(struct making *) = {
        fault_kill_at_point, fault_kill_at_point, fault_kill_at_point,  fault_kill_at_point,
        fault_kill_at_point, fault_tear,          fault_kill_at_random, fault_rsyslogd,
        fault_rsyslogd,      fault_stop_and_kill, fault_stop_and_kill,  fault_hup,
        fault_receiver,      fault_receiver,      fault_receiver,       fault_down,
        fault_disk,          fault_call_fails,    fault_call_fails,     fault_held,
        fault_window,        fault_rotate,        fault_clock,          fault_refused_events};
    unsigned n = 1 + below(m, 4);

    m->s->tls = percent(m, 8);
    if (m->s->tls)
        fault_tls(m);
    for (unsigned i = 0; i < n; i++)
        ONE_OF(m, faults)(m);
    /* Last, so that the seeds of before make what they made, and this beside it now and then. */
    if (percent(m, 20))
        fault_freeze(m);
    if (percent(m, 15))
        fault_hunt(m);
    if (percent(m, 15))
        fault_kill_at_stage(m);
    if (!m->s->window && percent(m, 25))
        fault_refuses_all(m);
}
