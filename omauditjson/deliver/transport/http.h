/* SPDX-License-Identifier: Apache-2.0 */
/* Requests over HTTP, the only place with curl (and http_options.c): POSTs go in, answers come out,
 * several at a time on connections that are kept. Knows nothing of events and outcomes: it says
 * what came back, not what that means. Nothing here blocks and no call-back of curl leaves this
 * file. */
#ifndef OMAUDITJSON_DELIVER_TRANSPORT_HTTP_H
#define OMAUDITJSON_DELIVER_TRANSPORT_HTTP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "deliver/receivers/receiver.h"

struct conf;
struct http;

/* conf is borrowed until http_reconfigure() or http_free(). 0, or -errno with a text in error: a
 * file with a secret can't be read, curl was built without what the options want. */
int http_new(const struct conf *conf, struct http **ret, struct buf *error);
void http_free(struct http *h); /* drops what is in flight */

/* Requests go by this conf from now on; what is in flight goes on as it began. */
void http_reconfigure(struct http *h, const struct conf *conf);

/* Read secrets and certificates anew for the next requests: they may be corrected. */
void http_refresh(struct http *h);

struct http_request {
    const char *url;
    const char *content_type;
    const char *encoding;      /* NULL: none */
    const char *key;           /* Idempotency-Key; NULL: none */
    const struct buf *headers; /* further "Name: value" lines */
    const struct buf *body;    /* must live until the answer was taken */
    bool ask;                  /* keep the body until the receiver says that it reads it (or does
                                * not say anything for half a second): Expect: 100-continue */
    void *user;                /* not NULL; comes back with the answer */
};

/* Start a POST. 0, or -errno: nothing was started and failed holds an answer that says why. */
int http_start(struct http *h, const struct http_request *request, struct answer *failed);

/* Move the transfers on. */
void http_run(struct http *h);

/* The user of a request that has ended, with its answer: never a 2xx that came before the request's
 * body had left in full, which says nothing about what was in it: that is no answer (what it points
 * to lives until the next call of a function here); NULL: none. */
void *http_take(struct http *h, struct answer *ret);

size_t http_in_flight(const struct http *h);

/* Wait for the transfers and for fds, at most timeout_ms (< 0: no limit of our own; may return
 * early). 0 or -errno. */
int http_poll(struct http *h, struct pollfd *fds, unsigned n_fds, int timeout_ms);

#endif
