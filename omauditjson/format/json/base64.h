/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as base64 (RFC 4648, with padding) into a JSON string. Owns nothing. */
#ifndef OMAUDITJSON_FORMAT_JSON_BASE64_H
#define OMAUDITJSON_FORMAT_JSON_BASE64_H

#include "format/json/json_writer.h"

/* Add all of p[0..n): one call a string. */
void base64_add(struct json_writer *w, struct json_string *s, const char *p, size_t n);

#endif
