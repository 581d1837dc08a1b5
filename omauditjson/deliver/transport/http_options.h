/* SPDX-License-Identifier: Apache-2.0 */
/* What the configuration means to curl, and what curl's failures mean to us. Part of http.c: the
 * two are the only files with curl. Secrets are read here, handed to curl and wiped. */
#ifndef OMAUDITJSON_DELIVER_TRANSPORT_HTTP_OPTIONS_H
#define OMAUDITJSON_DELIVER_TRANSPORT_HTTP_OPTIONS_H

#include <curl/curl.h>

#include "base/buf.h"
#include "deliver/transport/conceal.h"
#include "deliver/receivers/receiver.h"

struct conf;

/* Set an option on easy unless one before has failed; both names are the caller's locals. */
#define SET(option, value)                                \
    do {                                                  \
        if (code == CURLE_OK)                             \
            code = curl_easy_setopt(easy, option, value); \
    } while (0)

/* What belongs to a handle and lives as long. */
struct http_context {
    const struct conf *const *conf; /* the trace goes by what it points to then */
    struct conceal secrets;         /* all that the handle may send */
};

/* All options of a handle that follow from *context->conf; fills context->secrets. 0, or -errno
 * with a text in error. */
int http_options_set(CURL *easy, struct http_context *context, struct buf *error);

/* Fill kind and advice of an answer with a->error for a transfer that ended in code. connect_status
 * is what a proxy answered to CONNECT, or 0. */
void http_options_classify(CURLcode code, long connect_status, struct answer *a);

#endif
