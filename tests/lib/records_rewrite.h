/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: rebuilds the lines of a document of the format records by the rule of
 * omauditjson-format(5), with json-c, and independent of the code that wrote it. */
#ifndef TESTS_LIB_RECORDS_REWRITE_H
#define TESTS_LIB_RECORDS_REWRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct json_object;

/* The number of records in the document. */
size_t records_rewrite_count(struct json_object *doc);
/* Does the document say that records were left out of it? */
bool records_rewrite_fewer(struct json_object *doc);

/* Append the line of the i-th record: up to the 0x1d, or with what follows it. NULL; "cut" when the
 * document says that it lacks some of it (the line has the rest then); else what is wrong. */
const char *records_rewrite(struct json_object *doc, size_t i, bool enriched, struct buf *out);

#endif
