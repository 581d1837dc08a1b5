/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that come before the request has left: they say nothing about what was in it. Part of
 * http.c, like http_options.c; looks at a handle of curl's and its socket, changes nothing. */
#ifndef OMAUDITJSON_DELIVER_TRANSPORT_HTTP_EARLY_H
#define OMAUDITJSON_DELIVER_TRANSPORT_HTTP_EARLY_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

/* Is this status line (n bytes) one of 2xx? Errors may come early, for what the header says. */
bool http_early_is_success(const char *line, size_t n);

/* While an answer's header is being read: has the request's body, so many bytes, left in full? */
bool http_early_body_has_left(CURL *easy, size_t bytes);

/* Right before a request is written: does an answer lie in its socket? Not known with TLS, where
 * something may (the session's tickets): false. */
bool http_early_is_answered(CURL *easy);

#endif
