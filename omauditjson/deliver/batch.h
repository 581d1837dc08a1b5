/* SPDX-License-Identifier: Apache-2.0 */
/* A batch: events that are sent, judged and finished with together. Owns copies of its events and,
 * once they were framed, the request's body. Knows the limits of its own filling; decides nothing
 * about when or where it goes. */
#ifndef OMAUDITJSON_DELIVER_BATCH_H
#define OMAUDITJSON_DELIVER_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "deliver/receivers/receiver.h"

enum batch_state {
    BATCH_SEALED, /* full; its make-up is not in the journal yet */
    BATCH_READY,  /* may be sent */
    BATCH_SENT,   /* a request is on its way */
    BATCH_DEAD,   /* refused for good; not yet safe in the dead letters */
};

struct batch {
    struct batch *next;
    uint64_t no;
    enum batch_state state;
    struct deliver_event *events; /* all that one points to is one block, which begins at seqs */
    size_t n, cap;
    size_t bytes;     /* of the documents */
    int64_t first_ms; /* when the first event came */

    const struct receiver *row; /* it is framed for; NULL: not framed */
    struct buf body, headers;
    const char *encoding; /* of body; NULL: none */
    size_t written;       /* of body, for a receiver that is a descriptor */

    size_t endpoint; /* the request's, while BATCH_SENT */
    unsigned epoch;  /* of the endpoint's back-off when the request started */

    unsigned refusals; /* answers 500 so far, where the row says ambiguous_500 */
    uint64_t accepted; /* what the receiver had accepted before the first of them */
    bool last_500;     /* the last answer was one */
    bool passed;       /* another batch went before this one as a probe */

    uint64_t started; /* number of its last request, see struct deliver */
    size_t accuser;   /* the endpoint that refused this single event last; SIZE_MAX: none */
    uint64_t accused; /* the last request that had been started by then */

    const char *reason; /* BATCH_DEAD: why; static */
    long status;
    struct buf answer;
    bool in_dead_letters; /* it was added to the dead letters, not synced */
};

struct batch *batch_new(uint64_t no, int64_t now_ms);
void batch_free(struct batch *b);

/* Copy an event in. */
void batch_add(struct batch *b, const struct deliver_event *ev);

/* Does a document of doc_len still belong in here? An empty batch takes any. */
bool batch_fits(const struct batch *b, size_t doc_len, size_t max_events, size_t max_bytes);

/* Nothing more fits, whatever its size. */
bool batch_full(const struct batch *b, size_t max_events, size_t max_bytes);

/* Move the second half (the smaller one) into a new batch with the same number, which follows b
 * in b->next. Precondition: n > 1. b's request is forgotten; what is known of refusals goes on in
 * both. */
struct batch *batch_split(struct batch *b);

/* Move the events i with want[i] == which into a new batch (not linked), in their order; NULL when
 * there is none. b's request is forgotten when something was moved. */
struct batch *batch_take(struct batch *b, const enum outcome *want, enum outcome which);

/* Make the request's body for row, compressed when asked and when that makes it smaller; nothing
 * is done when it stands already. compress is an enum conf_compress. 0 or -errno. */
int batch_frame(struct batch *b, const struct receiver *row, const struct conf *conf, int compress);

/* Forget the body (another configuration). */
void batch_unframe(struct batch *b);

/* A name that depends on the events' ids alone: the same for every send of the same events. */
#define BATCH_ID_SIZE 17
void batch_id(const struct batch *b, char out[BATCH_ID_SIZE]);

#endif
