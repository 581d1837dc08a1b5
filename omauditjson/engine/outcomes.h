/* SPDX-License-Identifier: Apache-2.0 */
/* What deliver says of its batches, back to the journal: how a batch is made up, before it is sent;
 * what is in process while it is; which records are done with afterwards. Part of the engine. */
#ifndef OMAUDITJSON_ENGINE_OUTCOMES_H
#define OMAUDITJSON_ENGINE_OUTCOMES_H

#include <stdbool.h>

#include "deliver/deliver.h"
#include "engine/requeue.h"
#include "engine/stores.h"

struct outcomes;

struct outcomes *outcomes_new(struct stores *s, struct requeue *q); /* both are borrowed */
void outcomes_free(struct outcomes *o);

/* For deliver_new(); o must outlive the deliver. */
struct deliver_ops outcomes_ops(struct outcomes *o);

/* Is there memory of finished documents to be given back, in a pause? Do that. */
bool outcomes_may_tidy(const struct outcomes *o);
void outcomes_tidy(struct outcomes *o);

#endif
