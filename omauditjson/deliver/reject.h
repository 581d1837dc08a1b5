/* SPDX-License-Identifier: Apache-2.0 */
/* The end of the events that were refused for good: they go to the dead letters, and are finished
 * with when these are synced; until then they wait in the queue. Logs once when that fails, and
 * when it goes again. */
#ifndef OMAUDITJSON_DELIVER_REJECT_H
#define OMAUDITJSON_DELIVER_REJECT_H

#include <stdint.h>

#include "deliver/queue.h"

/* Write what is BATCH_DEAD to the dead letters, unless they failed a moment ago. */
void reject_write(struct deliver *d, int64_t now_ms);

#endif
