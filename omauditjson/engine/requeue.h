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

#define REQUEUE_DIR "requeue"

struct engine;

/* Zeroed memory is one that has not looked yet. */
struct requeue {
    int64_t next_look_ms;
    int dir_fd;      /* open while a file is in work */
    uint64_t number; /* of the file in work, 0: none */
    uint64_t undeletable;
    char *text;
    size_t len, at;
    size_t unfinished; /* events of it that deliver has */
    bool damaged;
};

/* Look for files when it is time, hand events over as there is room. */
void requeue_run(struct engine *e, int64_t now_ms);
/* There is something to hand over and room for it. */
bool requeue_can_go_on(const struct engine *e);
/* These are finished with, for good; those with journal numbers are not ours. */
void requeue_done(struct engine *e, const struct deliver_event *events, size_t n);
void requeue_look_soon(struct requeue *q);
void requeue_close(struct engine *e);

#endif
