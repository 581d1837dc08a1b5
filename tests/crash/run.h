/* SPDX-License-Identifier: Apache-2.0 */
/* One schedule at work: its folder, its processes, what they did. setup.c writes the configuration
 * files, machine.c runs the schedule with processes.c, verdict.c judges. A schedule has a process
 * of its own, which is the subreaper of all that it starts. */
#ifndef TESTS_CRASH_RUN_H
#define TESTS_CRASH_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "schedule.h"
#include "trail.h"

/* Where things are; all absolute. */
struct places {
    const char *program, *small, *receiver, *oracle, *gen, *shim, *stanzas, *work;
    unsigned have;    /* SCHEDULE_HAVE_... */
    unsigned rss_kib; /* an omauditjson that needs more has grown */
};

struct outcome {
    bool failed;
    char why[400];
    unsigned records, events, documents, repeats, late_parts, dead, missing, unseen, invented,
        doubled;
    unsigned lives, rsyslogds, rss_kib, fds;
    unsigned beside; /* omauditjsons that found another one alive */
    unsigned fired[CRASH_N_ACTIONS];
    unsigned kills_at[CRASH_N_POINTS][2];
    unsigned steps[STEP_N];
    uint64_t reached[CRASH_N_POINTS];
    unsigned ms;
};

struct run {
    const struct places *at;
    struct schedule s;
    char dir[512];
    struct trail *trail;
    struct crash_page *page;
    unsigned port;
    pid_t receiver, rsyslogd;
    bool down;          /* the receiver, on purpose */
    bool bad_cert;      /* it shows one */
    bool no_restart;    /* of rsyslogd: it is the end */
    bool mounted;       /* dir/state is a file system of its own */
    bool unsure;        /* rsyslogd was away when the log was rotated */
    int exit_code;      /* of the last life */
    struct outcome out; /* what is known already */
};

/* Make the folder's files. */
void setup_write(struct run *r);

/* Certificates for all schedules, in work. False: no openssl. */
bool setup_certificates(const struct places *at);

/* processes.c: the receiver (bad_cert: with a certificate that nobody should trust), a word to it,
 * rsyslogd, how large omauditjson is, whoever has ended (rsyslogd comes back) or is stopped. */
bool run_start_receiver(struct run *r, bool bad_cert);
void run_stop_receiver(struct run *r);
void run_control(struct run *r, const char *what, const char *text);
void run_start_rsyslogd(struct run *r);
void run_look_at_child(struct run *r);
void run_reap(struct run *r);

/* SIGCONT to whoever was stopped for long enough; to all of them when all is healed. */
void run_wake(struct run *r);

/* Run it to its end. False: something did not start or did not end, and out.why says what. */
bool machine_run(struct run *r);

/* How many records rsyslog may have lost before we saw them: what the stanzas say under CAN LOSE.
 */
unsigned verdict_may_be_unseen(const struct run *r);

/* Judge what is there; fills out. */
void verdict_reach(struct run *r);

void run_failed(struct run *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

int64_t run_now_ms(void);

/* A command's output (NULL: thrown away). Its exit status, or -1. */
int run_command(const char *const *argv, struct buf *out);

#endif
