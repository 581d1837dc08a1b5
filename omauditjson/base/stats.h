/* SPDX-License-Identifier: Apache-2.0 */
/* The program's statistics, one row each in stats.def. A plain struct: its owner adds to the
 * members. Writes them as one JSON object; does not interpret them. */
#ifndef OMAUDITJSON_BASE_STATS_H
#define OMAUDITJSON_BASE_STATS_H

#include <stdint.h>

#include "base/buf.h"

struct stats {
#define COUNTER(name, help) uint64_t name;
#define GAUGE(name, help) uint64_t name;
#include "base/stats.def"
#undef COUNTER
#undef GAUGE
};

/* Append {"lines":1, ...}, one key a row, in the table's order, and an LF. 0 or -EMSGSIZE. */
int stats_write_json(const struct stats *s, struct buf *out);

/* Write them into the file at path (0640), so that a reader sees either the old or the new object:
 * a temporary file is renamed. Not synced: after a crash counters start at zero anyway. 0 or
 * -errno. */
int stats_write_file(const struct stats *s, const char *path);

/* Row i: its name, help and whether it is a gauge; NULL past the end. For the manual's check. */
struct stats_row {
    const char *name, *help;
    int gauge;
};
const struct stats_row *stats_row_at(size_t i);

#endif
