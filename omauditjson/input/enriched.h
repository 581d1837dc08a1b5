/* SPDX-License-Identifier: Apache-2.0 */
/* Where the names that auditd appends (log_format = ENRICHED) begin in a record whose separator,
 * 0x1d, did not survive the way: it was escaped, became a blank, or is gone. Nothing that the
 * kernel or a program wrote is ever taken for them: they end the line, are auditd's names, come in
 * the order of the record's own fields of these names, and stand outside of quotes. Owns nothing.
 */
#ifndef OMAUDITJSON_INPUT_ENRICHED_H
#define OMAUDITJSON_INPUT_ENRICHED_H

#include <stdbool.h>
#include <stddef.h>

/* body[0..raw) is the record, body[names..len) auditd's part; between them what became of the
 * separator. */
struct enriched {
    size_t raw;
    size_t names;
};

/* Linear in len. False: there is no such part. */
bool enriched_find(const char *body, size_t len, bool is_sockaddr, struct enriched *ret);

#endif
