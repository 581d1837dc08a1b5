/* SPDX-License-Identifier: Apache-2.0 */
/* Detects records that were cut before they arrived. rsyslog cuts a message at its maxMessageSize
 * and reports that only in its own log. Checks for what a complete record never has, and never
 * reports a complete record as cut; so some cuts are not detected (within a number, or directly
 * after a value). Owns nothing. */
#ifndef OMAUDITJSON_INPUT_CUTOFF_H
#define OMAUDITJSON_INPUT_CUTOFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "input/record.h"

/* rsyslog's limit as our stanzas set it ($MaxMessageSize 64k), and where nobody sets it. imfile of
 * 8.2302 and 8.2504 passes on exactly this many bytes of a longer line. */
#define CUTOFF_STANZA ((size_t)64 * 1024)
#define CUTOFF_DEFAULT ((size_t)8096)
#define CUTOFF_GATHERED ((size_t)1024 * 1024) /* as rsyslog-conf/gather.sed sets it */

/* Journalled with a record: the number of bytes that max_line cut, and whether the record arrived
 * cut. Both are in one number because the journal's entry has one field for them. */
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
