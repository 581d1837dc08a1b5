/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: is a document strict JSON? RFC 8259 and UTF-8 by the test receiver's judge, one
 * object and nothing else, no LF, no repeated key in an object, and json-c reads it. */
#ifndef TESTS_LIB_JSON_CHECK_H
#define TESTS_LIB_JSON_CHECK_H

#include <stddef.h>

struct json_object;

/* NULL, or what is wrong (static). *ret, when not NULL, is the object: json_object_put() it. */
const char *json_check(const char *text, size_t len, struct json_object **ret);

#endif
