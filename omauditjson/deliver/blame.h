/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at fault when a receiver refuses an event: the event, or a receiver that refuses all of
 * them? An event is rejected only when the same endpoint refused it alone, then accepted another
 * one in a request that was started after that refusal, and then refused it alone again. Whatever
 * the endpoint accepted before, or another endpoint accepts, says nothing on how it fares now.
 * The other one is a canary, the copy of an event that was accepted, sent again with the same bytes
 * and id; or the next events, when there is none, or when the order of events is not promised. An
 * endpoint that refuses the canary too, or so many different events in a row, or the only one that
 * there is, is held, and nothing leaves the journal. Part of deliver; logs nothing. */
#ifndef OMAUDITJSON_DELIVER_BLAME_H
#define OMAUDITJSON_DELIVER_BLAME_H

#include <stdbool.h>
#include <stdint.h>

#include "deliver/queue.h"

enum blame {
    BLAME_NOBODY,   /* nothing is known yet: another event is tried at once */
    BLAME_EVENT,    /* to the dead letters with it */
    BLAME_RECEIVER, /* hold */
};

/* ep (NULL: it is no longer configured) refused the only event of b, or the canary. */
enum blame blame_refused(struct deliver *d, struct endpoint *ep, struct batch *b);

/* ep refused a batch of several events, which is going to be halved. */
enum blame blame_refused_many(const struct endpoint *ep);

/* ep accepted b (or some of its events); keeps a copy of one. True when that ends a hold for
 * refusing everything. */
bool blame_accepted(struct deliver *d, struct endpoint *ep, const struct batch *b, int64_t now_ms);

/* A request failed, or was held, for another reason than a refusal. */
void blame_other_failure(struct endpoint *ep);

/* May ep be asked before its back-off is over? An event that it has not seen has come. */
bool blame_may_ask(const struct deliver *d, const struct endpoint *ep);

/* Is there an event that was refused by ep, without proof that ep accepts others since? Then
 * *ret is what to send next, NULL: nothing before an answer has come. */
bool blame_choose(const struct deliver *d, const struct endpoint *ep, int64_t now_ms,
                  struct batch **ret);

/* ep is about to be sent b. */
void blame_sending(const struct deliver *d, struct endpoint *ep, const struct batch *b);

/* Is b an event that was refused and not yet rejected? */
bool blame_is_suspect(const struct batch *b);

/* The canary's request has ended, or it cannot be sent. */
void blame_canary_back(struct deliver *d, bool keep);

/* A new configuration: nothing is known of any receiver any more. */
void blame_forget(struct deliver *d);

#endif
