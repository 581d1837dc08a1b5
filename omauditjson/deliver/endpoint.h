/* SPDX-License-Identifier: Apache-2.0 */
/* A URL that requests go to: its back-off and what the log has been told of it. Logs a line once
 * per change of state (down, held, up again), never a credential. */
#ifndef OMAUDITJSON_DELIVER_ENDPOINT_H
#define OMAUDITJSON_DELIVER_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "deliver/receivers/receiver.h"
#include "deliver/retry.h"

enum endpoint_state {
    ENDPOINT_NEW, /* nothing is known */
    ENDPOINT_UP,
    ENDPOINT_DOWN, /* comes back by itself */
    ENDPOINT_HELD, /* the operator must correct something */
};

struct endpoint {
    char *url;
    char *text; /* url for the log */
    struct retry retry;
    size_t in_flight;
    enum endpoint_state state;
    char advice[160]; /* ENDPOINT_HELD: what the log said is to be done */
    char last[264];   /* and the answer */
    int64_t said_ms;  /* and when */
    int64_t pace_ms;  /* and how often it is tried */
    int64_t since_s;  /* of the wall clock: when it left ENDPOINT_UP */
    unsigned tries;   /* since then */
    /* blame.h's: who is at fault when it refuses */
    uint64_t accepted; /* number of the youngest request that it accepted; 0: none */
    uint64_t refused;  /* the last request that had been started when it refused the last time */
    unsigned refusals; /* of single events, since it accepted something */
    bool refusing;     /* ENDPOINT_HELD: for refusing everything */
    bool canary_sent;  /* since it accepted something */
    bool ask_other;    /* ENDPOINT_HELD: another event once, before the back-off is over */
    unsigned turn;     /* which kind of event is tried next while it refuses everything */
};

/* An array of endpoints for n urls, caller frees with endpoint_free(). One whose URL is among the
 * n_old old ones keeps its state; moved[k] becomes the new index of old k, or SIZE_MAX. Frees old.
 */
struct endpoint *endpoint_renew(struct endpoint *old, size_t n_old, char *const *urls, size_t n,
                                size_t in_flight, size_t *moved);
void endpoint_free(struct endpoint *list, size_t n);

/* The request that started in epoch was answered in a way that shows the receiver works. */
void endpoint_succeeded(struct endpoint *ep, unsigned epoch, size_t in_flight);

/* It was not; outcome is OUTCOME_RETRY or OUTCOME_HOLD. The latter with an answer that refuses is
 * said to be one to everything. */
void endpoint_failed(struct endpoint *ep, unsigned epoch, enum outcome outcome,
                     const struct receiver *row, const struct answer *a,
                     const struct retry_pace *pace, int64_t now_ms, uint64_t *rng);

/* What holds is said again every ten minutes, for the operator who did not see it. */
void endpoint_remind(struct endpoint *ep, int64_t now_ms);
int64_t endpoint_remind_ms(const struct endpoint *ep); /* when; CLOCK_NEVER */

/* Forget back-off and evidence: another configuration may have corrected it. */
void endpoint_try_anew(struct endpoint *ep);

/* "503: the start of the body", or the error's text. */
void endpoint_describe(const struct answer *a, char *out, size_t size);

#endif
