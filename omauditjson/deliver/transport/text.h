/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign text made fit to be shown: URLs without what is secret in them, the start of an answer,
 * lines of curl's trace. Pure. */
#ifndef OMAUDITJSON_DELIVER_TRANSPORT_TEXT_H
#define OMAUDITJSON_DELIVER_TRANSPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

/* Length of the UTF-8 sequence at s (RFC 3629: no overlong form, no surrogate); 0: none. n > 0. */
size_t text_utf8_len(const char *s, size_t n);

/* url without userinfo, query and fragment; caller frees. */
char *text_url(const char *url);

/* The start of an answer's body: markup left out, blanks and control characters squeezed to one
 * blank, what is no UTF-8 as '?'. Ends in NUL; "" when there is nothing to read. */
void text_excerpt(const char *body, size_t len, char *out, size_t size);

/* The n bytes at line as a string in out, without a query. False when they may hold a credential:
 * an Authorization or Cookie header, or one that the operator configured. */
bool text_trace_line(const struct conf_list *headers, const char *line, size_t n, char *out,
                     size_t size);

/* Does "Name: value" begin with this name? */
bool text_header_is(const char *header, const char *name);

#endif
