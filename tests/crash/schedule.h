/* SPDX-License-Identifier: Apache-2.0 */
/* What happens when: everything of a schedule is chosen from its seed, before it runs, and counted
 * in records, calls and pieces of the log rather than in time. Pure choice: starts nothing. */
#ifndef TESTS_CRASH_SCHEDULE_H
#define TESTS_CRASH_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "crash.h"

#define SCHEDULE_STEPS 64
#define SCHEDULE_IMPATIENT_MS 1000 /* confirmTimeout of an impatient rsyslog */

enum stanza {
    STANZA_DIRECT,
    STANZA_DISKQUEUE,
    STANZA_AUDISP,
    STANZA_KMSG,
    STANZA_JOURNAL,
    STANZA_N
};

enum step_kind {
    STEP_FEED,      /* the next piece of the log */
    STEP_WAIT,      /* until all that was fed is answered, or nothing moves any more */
    STEP_PAUSE,     /* a milliseconds */
    STEP_KILL,      /* kill -9 omauditjson */
    STEP_RS_KILL,   /* kill -9 rsyslogd; it is started again by itself after every end */
    STEP_RS_STOP,   /* SIGTERM to rsyslogd */
    STEP_RS_GROUP,  /* SIGTERM to both */
    STEP_HUP,       /* SIGHUP to both, as Debian's log rotation does */
    STEP_MODE,      /* the receiver's mode: text */
    STEP_PLAN,      /* the receiver's plan: text */
    STEP_DOWN,      /* the receiver ends */
    STEP_UP,        /* and is back */
    STEP_BAD_CERT,  /* the receiver is back with a certificate that nobody should trust */
    STEP_ROTATE,    /* the log is renamed; the next piece begins a new one */
    STEP_CLOCK,     /* the wall clock steps by a seconds */
    STEP_FILL,      /* the disk of the state directory is full */
    STEP_FREE,      /* no more */
    STEP_FREEZE,    /* SIGSTOP to omauditjson, SIGCONT a milliseconds later */
    STEP_RS_FREEZE, /* the same to rsyslogd */
    STEP_N
};

struct step {
    enum step_kind kind;
    long a;
    const char *text;
};

/* Reasons for what rsyslog may lose before we see it, or send out of order or again. */
enum {
    SCHEDULE_RS_DIES = 1,        /* kill -9 of rsyslogd */
    SCHEDULE_RS_STOPS = 2,       /* an orderly stop */
    SCHEDULE_OAJ_DIES = 4,       /* kill -9 of omauditjson */
    SCHEDULE_DOUBT = 8,          /* requests whose answer is lost */
    SCHEDULE_REFUSES = 16,       /* events that are refused for good */
    SCHEDULE_LATE = 32,          /* records out of order, or twice */
    SCHEDULE_ROTATES = 64,       /* the log */
    SCHEDULE_DISK = 128,         /* calls on the state directory fail */
    SCHEDULE_DEAD_FAILS = 256,   /* calls on the dead letters fail */
    SCHEDULE_RECENT_FAILS = 512, /* calls on the memory of repeats fail */
    SCHEDULE_REFUSES_ALL = 1024, /* every event, for a while: none of them is to blame */
    SCHEDULE_DAMAGES = 2048      /* the disk loses records, marks, or both */
};

struct schedule {
    uint64_t seed;
    enum stanza stanza;
    bool small; /* the program with segments of 64 KiB */
    bool tls;
    const char *receiver, *compress, *sync;
    unsigned in_flight, batch_events;
    /* the log */
    unsigned events, width, open, with_long, late, twice, equal, garbage;
    const char *nodes;
    bool eoe, enriched;
    unsigned pieces;
    bool window; /* the journal's is small, and the log is larger */
    /* rsyslog is impatient, and does or does not kill whom it gave up */
    bool impatient, kills;
    bool hostile; /* the environment that rsyslogd hands on */
    bool strict;  /* a system call outside the filter ends omauditjson */
    /* the receiver */
    const char *reject; /* a text whose documents it refuses, or NULL */
    unsigned max_events;
    /* what happens */
    unsigned flags;
    size_t n_steps;
    struct step steps[SCHEDULE_STEPS];
    uint32_t n_triggers;
    struct crash_trigger triggers[CRASH_TRIGGERS];
    uint32_t hunt_left, hunt_at; /* struct crash_page */
    enum crash_damage damage;
};

/* What this machine can do: where it can't, a seed makes another schedule. */
enum {
    SCHEDULE_HAVE_DISK = 1,   /* a small file system can be mounted */
    SCHEDULE_HAVE_JOURNAL = 2 /* and a journal file be made */
};

/* only: a stanza, or STANZA_N for any. */
void schedule_make(struct schedule *s, uint64_t seed, enum stanza only, unsigned have);

/* Its one line, without LF. */
void schedule_print(const struct schedule *s, struct buf *out);

const char *schedule_stanza_name(enum stanza stanza);

/* splitmix64; for the making of logs as well. */
uint64_t schedule_random(uint64_t *state);

#endif
