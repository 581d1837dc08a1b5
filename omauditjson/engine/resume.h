/* SPDX-License-Identifier: Apache-2.0 */
/* After a start: what the journal says of a former life. Refills the memory of repeats, and makes
 * batches that were sealed but not finished again exactly as they were, because the receiver may
 * have them already. Part of the engine. */
#ifndef OMAUDITJSON_ENGINE_RESUME_H
#define OMAUDITJSON_ENGINE_RESUME_H

#include "event/event.h"
#include "engine/pipeline.h"

/* Gets each event of an unfinished batch, between deliver_resume_begin() and _end(). */
typedef void (*resume_event_fn)(void *ctx, const struct event_source *src, const uint64_t *seqs);

/* Read the journal; afterwards the cursor stands at the first record and e->resumed names those to
 * be skipped. 0 or -errno (logged). */
int resume_run(struct engine *e, resume_event_fn each);

/* Not skipped after all. */
void resume_forget(struct engine *e, const uint64_t *seqs, size_t n);

#endif
