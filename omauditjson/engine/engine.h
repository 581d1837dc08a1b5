/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline, and the only place that knows both ends: rsyslog's pipe on the left, the journal in
 * the middle, the receiver on the right. Owns every module's instance; one thread, one poll loop.
 */
#ifndef OMAUDITJSON_ENGINE_ENGINE_H
#define OMAUDITJSON_ENGINE_ENGINE_H

#include <stdbool.h>

#include "conf/conf.h"

/* Exit codes [man page EXIT STATUS]. */
enum engine_exit {
    ENGINE_EXIT_OK = 0,
    ENGINE_EXIT_STATE = 73, /* the state directory can't be used */
    ENGINE_EXIT_AGAIN = 75, /* start me again: no memory, or a reply was held for too long */
    ENGINE_EXIT_CONFIG = 78,
};

struct engine_wire {
    int in_fd;     /* rsyslog's lines */
    int out_fd;    /* replies; -1: nobody reads any (confirmMessages=off) */
    int signal_fd; /* signalfd of SIGTERM, SIGHUP, SIGINT; -1: none */
    int doc_fd;    /* where receiver=stdout writes; -1: nowhere */
};

/* Reads the configuration again after SIGHUP; NULL and a logged message when it is bad. The
 * engine frees what it gets (conf_done, free). */
typedef struct conf *(*engine_reload)(void *ctx);

/* Run to the end of input. conf is taken over. Returns an exit code. */
int engine_run(struct conf *conf, const struct engine_wire *wire, engine_reload reload, void *ctx);

#endif
