/* SPDX-License-Identifier: Apache-2.0 */
/* Elasticsearch's _bulk for the test receiver: refuses every byte that a data stream's create does
 * not need, keeps the ids, and answers for each event. Written from Elasticsearch's documents, not
 * with omauditjson's code. Owns the ids; locks itself. */
#ifndef TESTS_RECEIVER_ELASTIC_H
#define TESTS_RECEIVER_ELASTIC_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct elastic;

struct elastic_conf {
    const char *reject;     /* an event that contains this: 400 for its item; NULL: none */
    unsigned long busy;     /* each so-many-th item: 429; 0: none */
    unsigned long blocked;  /* so many items at first: 403, the index is read-only */
    const char *item_fault; /* every item that would be created gets "STATUS TYPE"; NULL: none */
};

struct elastic *elastic_new(const struct elastic_conf *conf);
void elastic_free(struct elastic *e);

struct elastic_request {
    const char *path;
    const char *type;   /* Content-Type; NULL: none */
    const char *filter; /* filter_path; NULL: none */
    const struct buf *body;
};

/* Called for each event that is stored. */
typedef void elastic_event_fn(void *ctx, const char *doc, size_t len, struct json_object *parsed);

/* Take a request: the status of the answer, whose body goes to answer; *n is the number of events,
 * -1 when the request is malformed, with why. */
unsigned elastic_take(struct elastic *e, const struct elastic_request *r, elastic_event_fn *fn,
                      void *ctx, struct buf *answer, long *n, struct buf *why);

#endif
