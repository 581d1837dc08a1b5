/* SPDX-License-Identifier: Apache-2.0 */
/* What the torture machine and the shim inside omauditjson share: a page that outlives every kill,
 * with the triggers that the machine sets and the counters that the shim keeps, and the names of
 * the points between two system calls at which something can be made to happen. */
#ifndef TESTS_CRASH_CRASH_H
#define TESTS_CRASH_CRASH_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRASH_ENV "OAJ_CRASH_DIR" /* the schedule's folder: page, answered, state */
#define CRASH_TRIGGERS 32
#define CRASH_FILES 256
#define CRASH_GARBAGE 256
#define CRASH_FROZEN 8

/* A point is a kind of call on a kind of descriptor. */
#define CRASH_POINTS(X)                                                                 \
    X(WIRE_FIRST, "wire.first")         /* the OK of a start */                         \
    X(WIRE_BEGIN, "wire.begin")         /* the reply to BEGIN TRANSACTION */            \
    X(WIRE_RECORD, "wire.record")       /* the reply to a record */                     \
    X(WIRE_COMMIT, "wire.commit")       /* the reply to COMMIT TRANSACTION */           \
    X(WIRE_DOT, "wire.dot")             /* a sign of life */                            \
    X(STDIN_READ, "stdin.read")         /* what rsyslog says */                         \
    X(SEGMENT_RECORD, "segment.record") /* a record (or garbage) appended */            \
    X(SEGMENT_SEAL, "segment.seal")     /* the mark of a batch */                       \
    X(SEGMENT_DONE, "segment.done")     /* the mark of what is delivered */             \
    X(SEGMENT_WRITE, "segment.write")   /* header, zeros, a copy */                     \
    X(SEGMENT_SYNC, "segment.sync")                                                     \
    X(SEGMENT_ALLOC, "segment.alloc")                                                   \
    X(SEGMENT_READ, "segment.read")                                                     \
    X(JOURNAL_OPEN, "journal.open") /* a file made or opened in the journal's folder */ \
    X(JOURNAL_SYNC, "journal.sync") /* the folder */                                    \
    X(JOURNAL_RENAME, "journal.rename")                                                 \
    X(JOURNAL_UNLINK, "journal.unlink")                                                 \
    X(RECENT_OPEN, "recent.open") /* the memory of repeats */                           \
    X(RECENT_READ, "recent.read")                                                       \
    X(RECENT_WRITE, "recent.write")                                                     \
    X(DEAD_OPEN, "dead.open") /* the dead letters */                                    \
    X(DEAD_WRITE, "dead.write")                                                         \
    X(DEAD_SYNC, "dead.sync")                                                           \
    X(LOCK, "lock")                                                                     \
    X(SOCKET_CONNECT, "socket.connect")                                                 \
    X(SOCKET_SEND, "socket.send")                                                       \
    X(SOCKET_RECV, "socket.recv")                                                       \
    X(WORK_EVENT, "work.event") /* a record of an event goes to libauparse */           \
    X(WORK_BATCH, "work.batch") /* a batch goes to the compressor */

enum crash_point {
#define X(id, name) CRASH_##id,
    CRASH_POINTS(X)
#undef X
        CRASH_N_POINTS,
    CRASH_NOWHERE = CRASH_N_POINTS
};

enum crash_action {
    CRASH_KILL_SELF,   /* SIGKILL to omauditjson */
    CRASH_KILL_PARENT, /* SIGKILL to rsyslogd */
    CRASH_KILL_BOTH,
    CRASH_TERM_PARENT, /* SIGTERM to rsyslogd: an orderly stop */
    CRASH_TERM_BOTH,   /* as systemd does */
    CRASH_HUP_SELF,
    CRASH_HUP_BOTH,
    CRASH_FAIL,          /* the call returns arg as errno, so often as repeat says */
    CRASH_SHORT,         /* half of it is written */
    CRASH_TEAR,          /* half of it is written, then SIGKILL */
    CRASH_CLOCK,         /* CLOCK_REALTIME steps by arg seconds */
    CRASH_FREEZE_SELF,   /* SIGSTOP to omauditjson, SIGCONT arg milliseconds later */
    CRASH_FREEZE_PARENT, /* the same to rsyslogd */
    CRASH_N_ACTIONS
};

/* Happens before or after the countdown-th call at the point, counted from the life and the number
 * of answered records given. Countdowns go on across kills. */
struct crash_trigger {
    uint32_t point;
    uint32_t after;
    uint32_t action;
    int32_t arg;
    uint32_t from_life;
    uint32_t repeat;
    uint64_t from_answered;
    _Atomic int32_t countdown;
    _Atomic uint32_t fired;
};

/* Who is stopped, until when (CLOCK_MONOTONIC). */
struct crash_frozen {
    _Atomic int32_t pid; /* 0: a free place; -1: somebody is about to fill it */
    _Atomic int64_t wake_ms;
};

/* What is written and not synced: by inode, so that it is known across kills. */
struct crash_file {
    _Atomic uint64_t inode;
    _Atomic uint32_t dirty; /* 1: a segment; 2: a dead letter; 0: clean */
};

/* What a disk does to the journal between two lives. */
enum crash_damage {
    CRASH_DAMAGE_NONE,
    CRASH_DAMAGE_HEADER, /* at each start, in every segment: bits of one of the two headers */
    CRASH_DAMAGE_GONE,   /* once: a segment goes, or its end, or a stretch of it is zeros */
    CRASH_N_DAMAGES
};

struct crash_page {
    _Atomic uint32_t healed;    /* nothing is to happen any more */
    uint32_t sync_mode;         /* 0 never, 1 commit, 2 always */
    _Atomic int64_t wall_shift; /* seconds on CLOCK_REALTIME */
    _Atomic uint32_t lives;
    _Atomic int32_t pid;
    _Atomic int32_t rsyslogd;  /* whom to signal; an orphan's parent is somebody else */
    _Atomic uint64_t answered; /* replies to records, repeats too */
    _Atomic uint64_t commits;
    _Atomic uint64_t dots;
    _Atomic uint64_t reached[CRASH_N_POINTS];
    _Atomic uint64_t garbage[CRASH_GARBAGE]; /* numbers of lines that are no records, 0: free */
    _Atomic uint32_t dead_failed;            /* a sync of the dead letters was made to fail */
    _Atomic uint32_t violations;
    char violation[240]; /* the first */
    /* The same record of an event kills again and again when it is in process: the first one in
     * process behind hunt_at others, hunt_left times. */
    _Atomic uint32_t hunt_left, hunt_at;
    _Atomic uint64_t hunted; /* its digest; 0: not chosen yet */
    uint32_t damage;         /* enum crash_damage */
    uint32_t damage_seed;
    _Atomic uint32_t damaged; /* segments, so far */
    struct crash_frozen frozen[CRASH_FROZEN];
    struct crash_file files[CRASH_FILES];
    uint32_t n_triggers;
    struct crash_trigger triggers[CRASH_TRIGGERS];
};

/* SIGSTOP to a process, by send(); the machine wakes it. False: not now. */
static inline bool crash_freeze(struct crash_page *page, int32_t pid, int64_t wake_ms,
                                int (*send)(pid_t pid, int sig))
{
    for (size_t i = 0; i < CRASH_FROZEN; i++) {
        int32_t none = 0;

        if (atomic_compare_exchange_strong(&page->frozen[i].pid, &none, -1)) {
            atomic_store(&page->frozen[i].wake_ms, wake_ms);
            atomic_store(&page->frozen[i].pid, pid);
            return send(pid, SIGSTOP) == 0;
        }
    }
    return false;
}

extern const char *const crash_point_names[CRASH_N_POINTS];
extern const char *const crash_action_names[CRASH_N_ACTIONS];

#endif
