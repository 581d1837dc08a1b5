/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the delivery room share: a deliver with a configuration, dead letters, a clock
 * that jumps over waits, and a book of what became of every event. */
#ifndef TESTS_UNIT_RIG_H
#define TESTS_UNIT_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "deliver/deadletter.h"
#include "deliver/deliver.h"
#include "deliver/queue.h"
#include "deliver/receivers/receivers.h"
#include "httpd.h"

#define RIG_EVENTS 4096

struct rig {
    struct conf conf;
    char *urls[4], *headers[4];
    char dir[64];  /* for this test's files */
    char path[96]; /* of a file in it, see rig_path() */
    struct deadletter *dead;
    struct deliver *d;
    int64_t skew; /* how far the clock has jumped */
    /* the book */
    unsigned added;
    unsigned char done[RIG_EVENTS]; /* by event number: how often */
    unsigned char how[RIG_EVENTS];
    unsigned order[RIG_EVENTS]; /* event numbers as they were finished with */
    unsigned n_done;
    uint64_t sealed[RIG_EVENTS]; /* batch numbers as they were sealed */
    unsigned sealed_events[RIG_EVENTS];
    unsigned n_sealed;
    int sealed_result; /* what ops.sealed answers */
    char log[65536];   /* all that was logged, a line each */
};

/* conf has defaults for a test: in_flight 1, one event a batch, retry 1 s to 8 s. */
void rig_init(struct rig *r, int receiver);
void rig_url(struct rig *r, unsigned port, const char *path); /* add http://127.0.0.1:port/path */
void rig_start(struct rig *r);                                /* after conf was filled */
void rig_done(struct rig *r);

const char *rig_path(struct rig *r, const char *name); /* in r->dir; the string is r's */

/* Add event number r->added as {"n":NUMBER,"t":"text"}, when there is room; false: none. */
bool rig_add(struct rig *r, const char *text);
int64_t rig_now(const struct rig *r);

/* One turn of the loop: run, then wait for transfers, or jump to the next timer. False when
 * nothing is left that could happen by itself. */
bool rig_turn(struct rig *r);
void rig_finish(struct rig *r); /* flush, then turns until deliver is idle; fails after too many */
void rig_until_done(struct rig *r, unsigned n); /* turns until n events are finished with */

/* How often text is in the log. */
unsigned rig_logged(const struct rig *r, const char *text);

/* A server that answers by script, and the rig with its URL. */
struct httpd *rig_serve(struct rig *r, int receiver, httpd_script script, void *ctx);

/* Scripts. Answers in turn (ctx is a struct rig_turns), after the last one always 200. */
struct rig_turns {
    const struct httpd_answer *a;
    size_t n;
};
void rig_in_turn(void *ctx, size_t index, const struct httpd_request *r, struct httpd_answer *a);

/* At the gate while *ctx (an atomic_int) is 0; ctx NULL: always. */
void rig_gated(void *ctx, size_t index, const struct httpd_request *r, struct httpd_answer *a);

/* 413 for more events than *ctx (unsigned; NULL: any number will do), 400 for one that says BAD,
 * 500 for one that says POISON. */
void rig_by_content(void *ctx, size_t index, const struct httpd_request *r, struct httpd_answer *a);

unsigned rig_count_events(const struct httpd_request *r);
void rig_write_file(const char *path, const char *text);

/* The dead letters' text; static memory. */
const char *rig_dead(const struct rig *r);

#endif
