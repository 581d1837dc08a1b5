/* SPDX-License-Identifier: Apache-2.0 */
/* Sending: which batch goes to which endpoint, and when; over HTTP, into a file or to a descriptor.
 * What comes back goes to conclude.h. */
#ifndef OMAUDITJSON_DELIVER_SENDER_H
#define OMAUDITJSON_DELIVER_SENDER_H

#include <stddef.h>
#include <stdint.h>

#include "deliver/queue.h"

/* Take what has come back and have it judged. */
void sender_take(struct deliver *d, int64_t now_ms);

/* Start what may be started. */
void sender_start(struct deliver *d, int64_t now_ms);

/* How many batches hold an event that may be at fault, without proof so far: eight, or more small
 * ones as long as they are no more than eight large ones. */
size_t sender_ambiguous(const struct deliver *d);

/* When reject_write() or sender_start() will have something to do without an answer coming. */
int64_t sender_next_ms(const struct deliver *d);

#endif
