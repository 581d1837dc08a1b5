/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/receivers/receiver.h"

#include <stdio.h>
#include <string.h>

/* nginx answers 400 to what is not the event's fault but the connection's: to drop an event for it
 * would be to drop them all. Its own page, from the first byte on: no text of an event that a
 * server repeats can stand there [nginx src/http/ngx_http_special_response.c]. */
static const struct {
    const char *start, *advice;
} connection_pages[] = {
    {"<html>\r\n<head><title>400 No required SSL certificate was sent<",
     "the receiver wants a client certificate: set client_cert and client_key"},
    {"<html>\r\n<head><title>400 The SSL certificate error<",
     "the receiver refuses client_cert (expired, revoked, or of an authority that it does not "
     "trust): see its log"},
    {"<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port<",
     "the receiver requires TLS on that port: set https:// in url"},
};

static const char *connection_advice(const struct answer *a)
{
    for (size_t i = 0; i < sizeof(connection_pages) / sizeof(connection_pages[0]); i++) {
        size_t n = strlen(connection_pages[i].start);

        if (a->status == 400 && a->body_len >= n &&
            memcmp(a->body, connection_pages[i].start, n) == 0)
            return connection_pages[i].advice;
    }
    return NULL;
}

void receiver_judge(const struct receiver *row, const struct answer *a, size_t n, struct verdict *v)
{
    v->by_item = false;
    v->status = 0;
    v->known = 0;
    v->fault = NULL;
    v->advice = NULL;
    switch (a->kind) {
    case ANSWER_STATUS:
        if (connection_advice(a))
            v->whole = OUTCOME_HOLD;
        else
            row->judge(a, n, v);
        break;
    case ANSWER_NONE:
        v->whole = OUTCOME_RETRY;
        break;
    case ANSWER_TLS:
    case ANSWER_SETTINGS:
        v->whole = OUTCOME_HOLD;
        break;
    }
    /* Of several events at most one need be bad: halves show which. */
    if (v->whole == OUTCOME_REJECT && n > 1)
        v->whole = OUTCOME_SPLIT;
    if (v->whole == OUTCOME_SPLIT && n <= 1)
        v->whole = OUTCOME_REJECT;
}

void receiver_advice(const struct receiver *row, const struct answer *a, char *out, size_t size)
{
    const char *text = "see the receiver's own log", *connection = connection_advice(a);
    long status = a->status;

    if (connection)
        text = connection;
    else if (status == 401)
        text = "set valid credentials (bearer_file, user_file or header)";
    else if (status == 403)
        text = "the credentials are not permitted to write there: ask the receiver's operator";
    else if (status == 404)
        text = "correct the path in url";
    else if (status == 407)
        text = "set the proxy's credentials in option proxy";
    else if (status == 405 || status == 410)
        text = "it refuses every event: POST is not possible there: correct the path in url";
    else if (status == 413)
        text = "it refuses every event as too large: raise its limit, or lower max_event";
    else if (status == 415)
        text = "it refuses every event: set receiver and compress to what it accepts";
    else if (status >= 400 && status < 500)
        text = "it refuses every event: check receiver, format and url, and its own log";
    else if (status >= 300 && status < 400)
        text = "redirects are not followed: set url to the final address";
    if ((status == 404 || status == 405 || status == 410) && row->path)
        snprintf(out, size, "%s (for %s usually %s)", text, row->name, row->path);
    else
        snprintf(out, size, "%s", text);
}
