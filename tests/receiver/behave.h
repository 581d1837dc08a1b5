/* SPDX-License-Identifier: Apache-2.0 */
/* How the test receiver treats the n-th request: a plan is a list of behaviours, each for so many
 * requests; when it is used up the mode applies. Owns the parsed plan; knows nothing of HTTP.
 *
 *   PLAN       STEP,STEP,...                 (a script file: one STEP a line, # starts a comment)
 *   STEP       WORD+WORD+...[xTIMES]         (a blank may stand for the +)
 *   WORD       a status, or a word of the table in behave.c: "503+retry-after=2x3,reset,ok" */
#ifndef TESTS_RECEIVER_BEHAVE_H
#define TESTS_RECEIVER_BEHAVE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum behave_kind {
    BEHAVE_ANSWER,
    BEHAVE_RESET,   /* before the body is read */
    BEHAVE_EARLY,   /* answered before the body is read, nothing stored */
    BEHAVE_LOST,    /* after the body, nothing stored */
    BEHAVE_UNKNOWN, /* after the body: stored, and no answer */
    BEHAVE_HANG,    /* body read, nothing stored, no answer as long as the client waits */
    BEHAVE_HALF,    /* stored; half of the promised answer, then a reset */
    BEHAVE_RAW,     /* stored; the bytes of a file instead of an HTTP answer */
};

struct behave {
    enum behave_kind kind;
    unsigned status; /* documents are stored only under a 2xx */
    unsigned delay_ms;
    unsigned slow_read_ms;   /* before each piece of the body */
    unsigned slow_answer_ms; /* before each byte of the answer */
    size_t huge;             /* bytes of the answer's body, 0: not huge */
    bool empty;              /* answer without a body */
    bool close;              /* Connection: close */
    char retry_after[64];
    char text[512]; /* body of the answer; with BEHAVE_RAW the file's path */
};

struct behave_step {
    struct behave what;
    unsigned long times;
};

struct behave_plan {
    struct behave_step *steps;
    size_t n;
    size_t at;
    struct behave mode; /* when the steps are used up */
};

void behave_plan_init(struct behave_plan *p); /* mode ok */
void behave_plan_done(struct behave_plan *p);

/* Replace the steps, or the mode. 0, or -EINVAL with a message in why and p unchanged. */
int behave_plan_set(struct behave_plan *p, const char *text, struct buf *why);
int behave_plan_set_mode(struct behave_plan *p, const char *text, struct buf *why);

/* Replace the steps by those of a script file. 0 or a negative errno with a message in why. */
int behave_plan_read(struct behave_plan *p, const char *path, struct buf *why);

/* The next request's behaviour; counts it. */
struct behave behave_plan_next(struct behave_plan *p);

#endif
