/* SPDX-License-Identifier: Apache-2.0 */
/* What an answer does to a batch and to the endpoint that gave it. Logs events that are refused for
 * good, once a minute. */
#ifndef OMAUDITJSON_DELIVER_CONCLUDE_H
#define OMAUDITJSON_DELIVER_CONCLUDE_H

#include <stdint.h>

#include "deliver/queue.h"

/* A request has ended, or could not be started: judge the answer. b may be gone afterwards. */
void conclude_answer(struct deliver *d, struct batch *b, const struct answer *a, int64_t now_ms);

/* The one place that maps an outcome to what happens to a batch. reason (static) goes with
 * OUTCOME_REJECT: that batch is rejected, and reject_write() writes it to the dead letters. */
void conclude_settle(struct deliver *d, struct batch *b, enum outcome outcome, const char *reason,
                     const struct answer *a, int64_t now_ms);

#endif
