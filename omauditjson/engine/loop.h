/* SPDX-License-Identifier: Apache-2.0 */
/* One poll loop over rsyslog's pipe, signals and the transfers' sockets. A turn: wait; read; take
 * lines to their replies (intake.c); move records and events on (pipeline.c); let deliver work.
 * Private to the engine. */
#ifndef OMAUDITJSON_ENGINE_LOOP_H
#define OMAUDITJSON_ENGINE_LOOP_H

#include <stdbool.h>

#include "engine/confine.h"
#include "engine/parts.h"
#include "engine/state.h"
#include "journal/lock.h"

#define LOOP_LOCK_POLL_MS 50 /* between two looks at who else wants or has the state directory */

/* What is around the parts; borrowed. */
struct loop_outside {
    int in_fd, signal_fd;
    struct lock *lock;
    struct confine *confine;
    struct state_watch *watch;
    struct conf *(*reload)(void *ctx); /* engine.h's; NULL: there is none */
    void *reload_ctx;
};

/* Until the end of input and of what can be done then; says at the end what was. False: a new
 * process is needed to go on. */
bool loop_run(struct parts *p, const struct loop_outside *outside);

#endif
