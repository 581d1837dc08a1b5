/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a deliver: the sealed batches in the order of their events, the endpoints they go
 * to, and the books. deliver.c fills it, sender.c sends from it, conclude.c and reject.c finish
 * with what is in it, blame.c keeps the evidence; the functions here are what all of them need.
 * They send, judge and log nothing. For those files and the tests; nobody else includes this. */
#ifndef OMAUDITJSON_DELIVER_QUEUE_H
#define OMAUDITJSON_DELIVER_QUEUE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "deliver/batch.h"
#include "deliver/deliver_ops.h"
#include "deliver/endpoint.h"
#include "deliver/retry.h"

struct conf;
struct deadletter;
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
size_t queue_width(const struct deliver *d);
struct retry_pace queue_pace(const struct deliver *d);

/* Put a batch behind all others. */
void queue_append(struct deliver *d, struct batch *b, enum batch_state state);

/* Put part, which was taken out of b, behind it. */
void queue_insert(struct deliver *d, struct batch *b, struct batch *part);

/* Halve b (more than one event); the second half, which follows it. */
struct batch *queue_split(struct deliver *d, struct batch *b);

/* Unlink and free a batch all of whose events are done. */
void queue_drop(struct deliver *d, struct batch *b);

/* Answers 500 to the same events before they count as ambiguous (ambiguous_500). */
#define QUEUE_REFUSALS 5

/* Refused with 500 often, and nothing says yet whether it or the receiver is at fault. */
bool queue_is_ambiguous(const struct deliver *d, const struct batch *b);

#endif
