/* SPDX-License-Identifier: Apache-2.0 */
/* The lossless format records: the event's records in the order of arrival, each with its raw
 * fields and their meaning. The lines can be rebuilt byte for byte: omauditjson-format(5) has the
 * rule, and tests/golden/round_trip.c applies it. */
#ifndef OMAUDITJSON_FORMAT_RECORDS_RECORDS_H
#define OMAUDITJSON_FORMAT_RECORDS_RECORDS_H

#include "format/format_kind.h"

extern const struct format_kind records_kind;

#endif
