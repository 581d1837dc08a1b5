/* SPDX-License-Identifier: Apache-2.0 */
/* What server.c and take.c share: a running receiver and a request in it. */
#ifndef TESTS_RECEIVER_SERVER_INTERNAL_H
#define TESTS_RECEIVER_SERVER_INTERNAL_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdbool.h>

#include "base/buf.h"
#include "server.h"

#define SERVER_BODY_MAX ((size_t)512 << 20)

struct server {
    struct server_conf conf;
    struct MHD_Daemon *daemon;
    struct store *store;
    struct elastic *elastic; /* NULL: it is none */
    struct siem *siem;       /* NULL: it is none */
    pthread_mutex_t lock;    /* of all below */
    pthread_cond_t stopping;
    bool stop;
    struct behave_plan plan;
    uint64_t requests;
    uint64_t bad;
    uint64_t connections;
    unsigned in_flight;
};

struct request {
    uint64_t n;
    unsigned in_flight; /* requests under way, this one counted, when it came */
    uint64_t connection;
    bool control;
    struct behave how;
    struct buf body;
    bool too_large;
    struct buf answer; /* where the body is judged and answered with more than a status */
};

/* Judge and store the body of q. Sets q->how.status where it is no longer the plan's. The number
 * of documents, or negative with a message in why. */
long take_body(struct server *s, struct MHD_Connection *c, struct request *q, const char *url,
               struct buf *why);

/* Write the request's line to the log of requests. why may be NULL. */
void take_log(struct server *s, struct MHD_Connection *c, struct request *q, const char *method,
              const char *url, long events, const char *answered, const char *why);

#endif
