/* SPDX-License-Identifier: Apache-2.0 */
/* The format records, which loses nothing: an event's records in the order of arrival, each with
 * its fields as they stand in the line, and beside them what they mean. The lines can be written
 * again from it, byte for byte: omauditjson-format(5) has the rule, tests/golden/round_trip.c does
 * it. */
#ifndef OMAUDITJSON_FORMAT_RECORDS_RECORDS_H
#define OMAUDITJSON_FORMAT_RECORDS_RECORDS_H

#include "format/format_kind.h"

extern const struct format_kind records_kind;

#endif
