/* SPDX-License-Identifier: Apache-2.0 */
/* What the owner of a deliver gives it, the calls that say what became of the events, and gets of
 * it, the numbers. Plain values: deliver.h hands them over, and its parts below use them. */
#ifndef OMAUDITJSON_DELIVER_DELIVER_OPS_H
#define OMAUDITJSON_DELIVER_DELIVER_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "deliver/receivers/receiver.h"

enum deliver_how {
    DELIVER_DELIVERED, /* the receiver said so in the way its row says */
    DELIVER_REJECTED,  /* in the dead letters, synced */
};

/* Called from deliver_run() only; they must not call deliver_* functions that change it. */
struct deliver_ops {
    /* A batch is sealed: its make-up must be in the journal before it is sent. 0, or -errno: the
     * batch waits and the call is made again later. batch_no grows by one a batch. */
    int (*sealed)(void *ctx, uint64_t batch_no, const struct deliver_event *events, size_t n);
    /* These events of a batch are finished with. Called once for every event. */
    void (*done)(void *ctx, const struct deliver_event *events, size_t n, enum deliver_how how);
    /* A batch is about to go through the compressor (or not) and to libcurl, which waits for
     * nothing, and has: who dies in between died of it. sending() answers false when that has
     * happened twice; sent() is then not called. Both NULL: nobody keeps count. */
    bool (*sending)(void *ctx, const struct deliver_event *events, size_t n, bool compress);
    void (*sent)(void *ctx);
    void *ctx;
};

struct deliver_counts {
    uint64_t batches;   /* sealed and journalled */
    uint64_t requests;  /* started */
    uint64_t failures;  /* of them, those that did not end in "delivered" */
    uint64_t delivered; /* events */
    uint64_t known;     /* of them, those that the receiver said it had stored before */
    uint64_t rejected;  /* events, now in the dead letters */
    uint64_t retries;   /* batches that have to go again */
    uint64_t splits;    /* batches that were halved */
};

#endif
