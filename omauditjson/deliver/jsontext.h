/* SPDX-License-Identifier: Apache-2.0 */
/* Decides whether a text is one strict JSON value in UTF-8 (RFC 8259). json-c does not decide it:
 * what its strict mode accepts differs by version, and that of 0.18 refuses every character beyond
 * ASCII [json-c, issue 892]. Owns nothing, allocates nothing, does not recurse. */
#ifndef OMAUDITJSON_DELIVER_JSONTEXT_H
#define OMAUDITJSON_DELIVER_JSONTEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Arrays and objects within each other; a text that is deeper counts as invalid. */
#define JSONTEXT_DEPTH 64

/* text[0..len) is one value with nothing but blanks around it. An escape \ud800 to \udfff counts
 * only as half of a pair. Keys may repeat. */
bool jsontext_is_valid(const char *text, size_t len);

#endif
