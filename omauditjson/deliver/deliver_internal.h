/* SPDX-License-Identifier: Apache-2.0 */
/* What deliver.c (batches come in, are sealed, are finished with), sender.c (they go
 * out), conclude.c (they are judged) and the tests share. Nobody else includes this. */
#ifndef OMAUDITJSON_DELIVER_DELIVER_INTERNAL_H
#define OMAUDITJSON_DELIVER_DELIVER_INTERNAL_H

#include "deliver/batch.h"
#include "deliver/deliver.h"
#include "deliver/endpoint.h"

struct http;

struct deliver {
    const struct conf *conf;
    const struct receiver *row;
    struct deadletter *dead;
    struct deliver_ops ops;
    struct http *http; /* NULL until a row goes via HTTP */
    int output_fd;     /* for RECEIVER_VIA_DESCRIPTOR; -1: none */
    bool output_closed;

    struct endpoint *endpoints; /* in the order of preference */
    size_t n_endpoints;

    struct batch *first; /* all sealed batches, in the order of their events */
    size_t n_batches, n_sent;
    struct batch *filling;  /* NULL or at least one event */
    struct batch *resuming; /* between deliver_resume_begin() and _end() */
    uint64_t next_no;
    bool flush;   /* seal filling as soon as there is room */
    bool stopped; /* deliver_stop_sending() */

    uint64_t requests;    /* number of the last request that was started; never starts anew */
    struct batch *canary; /* blame.h's: a copy of an event that was accepted; not in the list */
    bool canary_stale;    /* it is on its way since before the configuration changed */
    uint64_t accepted;    /* batches the receiver has taken */
    enum outcome *items;  /* room for a judge */
    size_t cap_items;

    int seal_error;    /* of the last ops.sealed(), 0: it went well */
    bool dead_failing; /* the dead letters could not be written the last time */
    int64_t dead_said_ms;
    struct retry dead_retry;
    int64_t rejects_ms; /* when the last line about a refused event was logged; 0: never */
    uint64_t rejects_unsaid;

    int64_t next_ms; /* deliver_next_ms() */
    uint64_t rng;
    struct deliver_counts counts;
    struct pollfd *fds;
    size_t cap_fds;
};

/* Requests at a time, and the pace of back-off, as configured. */
size_t deliver_width(const struct deliver *d);
struct retry_pace deliver_pace(const struct deliver *d);

/* Unlink and free a batch all of whose events are done. */
void deliver_drop(struct deliver *d, struct batch *b);

/* Answers 500 to the same events before they are doubted, where the row doubts them. */
#define SENDER_REFUSALS 5

/* The one place that maps an outcome to what happens to a batch. reason (static) goes with
 * OUTCOME_REJECT: that batch is condemned, and sender_bury() writes it to the dead letters. */
void sender_settle(struct deliver *d, struct batch *b, enum outcome outcome, const char *reason,
                   const struct answer *a, int64_t now_ms);

/* A request has ended, or could not be started: judge the answer. b may be gone afterwards. */
void sender_conclude(struct deliver *d, struct batch *b, const struct answer *a, int64_t now_ms);

/* Take what has come back and judge it. */
void sender_take(struct deliver *d, int64_t now_ms);

/* Write refused events to the dead letters and finish with them. */
void sender_bury(struct deliver *d, int64_t now_ms);

/* Start what may be started. */
void sender_start(struct deliver *d, int64_t now_ms);

/* Refused with 500 often, and nothing says yet whether it or the receiver is at fault. */
bool sender_is_doubtful(const struct deliver *d, const struct batch *b);

/* How many batches hold an event that may be at fault, without proof so far: eight, or more small
 * ones as long as they are no more than eight large ones. */
size_t sender_doubtful(const struct deliver *d);

/* When sender_bury() or sender_start() will have something to do without an answer coming. */
int64_t sender_next_ms(const struct deliver *d);

#endif
