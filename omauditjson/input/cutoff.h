/* SPDX-License-Identifier: Apache-2.0 */
/* Was a record cut before we got it? rsyslog ends a message at its maxMessageSize and says so only
 * in its own log. Looks at what a whole record never is: it must not call a good record cut, so
 * some cuts go unseen (within a number, or just behind a value). Owns nothing. */
#ifndef OMAUDITJSON_INPUT_CUTOFF_H
#define OMAUDITJSON_INPUT_CUTOFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "input/record.h"

/* rsyslog's limit as our stanzas set it ($MaxMessageSize 64k), and where nobody sets it. imfile of
 * 8.2302 and 8.2504 hands on exactly so many bytes of a longer line. */
#define CUTOFF_STANZA ((size_t)64 * 1024)
#define CUTOFF_DEFAULT ((size_t)8096)

/* What is journalled with a record: bytes that max_line took off its line, and whether it came cut.
 * Both in one number, for they stand in one field of the journal's entry. */
#define CUTOFF_BEFORE ((uint32_t)1 << 31)
#define CUTOFF_BYTES (CUTOFF_BEFORE - 1)

/* rec: as record_parse() made it; line_len: bytes of the line that it was made of. */
bool cutoff_before(const struct record *rec, size_t line_len);

/* The number to be journalled. cut: bytes that max_line took off, of which no more is known than
 * CUTOFF_BYTES; the end of such a line says nothing about those before us. */
uint32_t cutoff_of(const struct record *rec, size_t line_len, size_t cut);

/* What such a number says, added to an event's. */
static inline void cutoff_count(uint32_t number, size_t *bytes, size_t *before)
{
    *bytes += number & CUTOFF_BYTES;
    *before += number & CUTOFF_BEFORE ? 1 : 0;
}

#endif
