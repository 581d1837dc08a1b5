/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's parts, and how they are connected: what each owns is its own, and all of them are
 * used through their functions. From the left: intake takes a line to its reply; the pipeline takes
 * journalled records to events, the emitter events to deliver; outcomes come back to the journal;
 * requeue and salvage bring in what an operator has put back. Private to the engine. */
#ifndef OMAUDITJSON_ENGINE_PARTS_H
#define OMAUDITJSON_ENGINE_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/emit.h"
#include "engine/input_clock.h"
#include "engine/intake.h"
#include "engine/outcomes.h"
#include "engine/pipeline.h"
#include "engine/replies.h"
#include "engine/requeue.h"
#include "engine/salvage.h"
#include "engine/setaside.h"
#include "engine/stores.h"

struct parts {
    struct stores stores;
    struct replies replies;
    struct input_clock clock;
    struct setaside *setaside;
    struct emitter *emitter;
    struct requeue *requeue;
    struct outcomes *outcomes;
    struct pipeline *pipeline;
    struct intake *intake;
    struct salvage *salvage;
};

struct parts_wire {
    int in_fd, doc_fd;       /* as engine.h has them */
    uint64_t sender_started; /* the process that feeds us, in the kernel's ticks; 0: not known */
};

/* Make all parts, take up what a former life left. stores.conf, stores.state_fd and replies are
 * there. 0 or -errno (logged); parts_close() in any case. */
int parts_open(struct parts *p, const struct parts_wire *wire);
void parts_close(struct parts *p); /* and the configuration */

/* A new configuration is taken over; the caller frees the old one. */
void parts_reconfigure(struct parts *p, struct conf *conf);

/* Nothing open, nothing unread, nothing undelivered. */
bool parts_are_idle(const struct parts *p);

#endif
