/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 8259 to the letter, because json-c's strict mode still lets single quotes, NaN and control
 * characters pass. For the test receiver and the oracle. Keeps nothing. */
#ifndef TESTS_RECEIVER_STRICT_H
#define TESTS_RECEIVER_STRICT_H

#include <stddef.h>

/* NULL: p[0..len) is one JSON object, valid UTF-8, no key twice in an object (*repeated NULL, or
 * the first such key's length and place when there is one; that alone is no fault). Otherwise what
 * is wrong, static text, and *at is the byte. */
const char *strict_json_object(const char *p, size_t len, size_t *at, const char **repeated,
                               size_t *repeated_len);

#endif
