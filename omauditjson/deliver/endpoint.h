/* SPDX-License-Identifier: Apache-2.0 */
/* A URL that requests go to: its back-off and what the log has been told of it. Logs a line once
 * per change of state (down, to be mended, up again), never a credential. */
#ifndef OMAUDITJSON_DELIVER_ENDPOINT_H
#define OMAUDITJSON_DELIVER_ENDPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "deliver/receivers/receiver.h"
#include "deliver/retry.h"

enum endpoint_state {
    ENDPOINT_NEW, /* nothing is known */
    ENDPOINT_UP,
    ENDPOINT_DOWN, /* comes back by itself */
    ENDPOINT_HELD, /* the operator must mend something */
};

struct endpoint {
    char *url;
    char *text; /* url for the log */
    struct retry retry;
    size_t in_flight;
    enum endpoint_state state;
    char mend[160];  /* ENDPOINT_HELD: what the log said is to be done */
    int64_t since_s; /* of the wall clock: when it left ENDPOINT_UP */
    unsigned tries;  /* since then */
};

/* An array of endpoints for n urls, caller frees with endpoint_free(). One whose URL is among the
 * n_old old ones keeps its state; moved[k] becomes the new index of old k, or SIZE_MAX. Frees old.
 */
struct endpoint *endpoint_renew(struct endpoint *old, size_t n_old, char *const *urls, size_t n,
                                size_t in_flight, size_t *moved);
void endpoint_free(struct endpoint *list, size_t n);

/* The request that started in epoch was answered in a way that shows the receiver works. */
void endpoint_succeeded(struct endpoint *ep, unsigned epoch, size_t in_flight);

/* It was not; outcome is OUTCOME_RETRY or OUTCOME_HOLD. */
void endpoint_failed(struct endpoint *ep, unsigned epoch, enum outcome outcome,
                     const struct receiver *row, const struct answer *a,
                     const struct retry_pace *pace, int64_t now_ms, uint64_t *rng);

/* "503: the start of the body", or the error's text. */
void endpoint_describe(const struct answer *a, char *out, size_t size);

#endif
