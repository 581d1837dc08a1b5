/* SPDX-License-Identifier: Apache-2.0 */
/* Receivers that the test receiver emulates: each refuses every byte that its interface does not
 * need, and answers as the real one does. Written from their documents, not with omauditjson's
 * code. A file each, siem_NAME.c, with a function that takes a request; siem.c has what they share.
 * Owns a count of requests; locks itself. */
#ifndef TESTS_RECEIVER_SIEM_H
#define TESTS_RECEIVER_SIEM_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct siem;

struct siem_conf {
    const char *name;   /* the word of option `receiver` */
    const char *reject; /* an event that contains this is refused; NULL: none */
    unsigned long busy; /* each so-many-th request: overloaded; 0: none */
};

struct siem_request {
    const char *path;
    const char *type;          /* Content-Type; NULL: none; so for all below */
    const char *authorization; /* Authorization */
    const struct buf *body;
};

/* Called for each event that is stored; doc is the document within its envelope. */
typedef void siem_event_fn(void *ctx, const char *doc, size_t len, struct json_object *parsed);

/* NULL: there is none of that name. */
struct siem *siem_new(const struct siem_conf *conf);
void siem_free(struct siem *s);

/* Take a request: the status of the answer, whose body goes to answer; *n is the number of events,
 * -1 when the request is malformed, with why. */
unsigned siem_take(struct siem *s, const struct siem_request *r, siem_event_fn *fn, void *ctx,
                   struct buf *answer, long *n, struct buf *why);

/* -- for siem_NAME.c --------------------------------------------------------------------------- */

struct siem_take {
    const struct siem_conf *conf;
    const struct siem_request *request;
    siem_event_fn *fn;
    void *ctx;
    struct buf *answer;
    long n; /* events so far */
    struct buf *why;
    bool busy; /* this request is one too many */
};

/* A place in a body that is read byte by byte. */
struct siem_scan {
    const char *p;
    const char *end;
};

/* Is this text next? Then it is passed. */
bool siem_literal(struct siem_scan *s, const char *text);

/* Digits, at least one; their number in *len, passed. */
bool siem_digits(struct siem_scan *s, size_t *len);

/* A JSON string with its quotes, passed; decoded into out (emptied first). */
bool siem_string(struct siem_scan *s, struct buf *out);

/* One JSON object by RFC 8259, no key twice, passed: the caller puts it. NULL: there is none. Its
 * text is *text, *len. */
struct json_object *siem_object(struct siem_scan *s, const char **text, size_t *len);

/* Does the document contain what is to be refused? */
bool siem_refuses(const struct siem_take *t, const char *doc, size_t len);

unsigned siem_hec_take(struct siem_take *t);

#endif
