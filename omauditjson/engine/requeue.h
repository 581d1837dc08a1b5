/* SPDX-License-Identifier: Apache-2.0 */
/* Dead letters that are to be sent again: files that `omauditjson deadletter requeue` has put into
 * state_dir/requeue, each a few entries as deliver/deadletter.h writes them. Taken up at the start,
 * at SIGHUP and every few seconds, one file at a time, as far as deliver has room, under the ids
 * and with the bytes they were kept with. A file is removed when all of it was judged delivered, or
 * is in the dead letters again; killed before that, we send it once more. Part of the engine. */
#ifndef OMAUDITJSON_ENGINE_REQUEUE_H
#define OMAUDITJSON_ENGINE_REQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "deliver/deliver.h"
#include "engine/stores.h"

#define REQUEUE_DIR "requeue"

struct requeue;

struct requeue *requeue_new(struct stores *s); /* s is borrowed */
/* Removes the file in work if all of it was dealt with. */
void requeue_free(struct requeue *q);

/* Has anything ever been put there? */
bool requeue_is_used(int state_fd);

/* Look for files when it is time, hand events over as there is room. */
void requeue_run(struct requeue *q, int64_t now_ms, bool input_ended);
/* When it is time to look again, with more input to come; CLOCK_NEVER: a file is in work. */
int64_t requeue_next_ms(const struct requeue *q);
/* There is something to hand over and room for it. */
bool requeue_can_go_on(const struct requeue *q);
/* These are finished with, for good; those with journal numbers are not ours. */
void requeue_done(struct requeue *q, const struct deliver_event *events, size_t n);
void requeue_look_soon(struct requeue *q);

#endif
