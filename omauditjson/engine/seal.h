/* SPDX-License-Identifier: Apache-2.0 */
/* The payload of SEAL entries: how a batch was made up, and what its documents say that the records
 * alone do not (the lineage), so that a former life's batch is the same bytes again. Pure encoding,
 * no I/O; decoding takes any bytes. Private to the engine.
 *
 * For each event: part, complete, the mark, its records' sequence numbers (journal/marks.h). The
 * mark is 0: none; 1 to SEAL_RECENT: that of the so manieth different one before; else its length +
 * SEAL_RECENT + 1 and its bytes. A batch may take several entries of its number. */
#ifndef OMAUDITJSON_ENGINE_SEAL_H
#define OMAUDITJSON_ENGINE_SEAL_H

#include "base/buf.h"
#include "deliver/deliver.h"
#include "event/event.h"
#include "journal/marks.h"

#define SEAL_RECENT 16
#define SEAL_MARK_MAX ((size_t)8192)

/* The last different marks, newest at [next - 1]; the same on both sides. */
struct seal_recent {
    const char *data[SEAL_RECENT];
    size_t len[SEAL_RECENT];
    size_t n; /* ever added */
};

/* Append ev; seen begins as {0} with each payload. 0 or -EMSGSIZE (out then ends with a torn one:
 * truncate it). */
int seal_put(struct buf *out, struct seal_recent *seen, const struct deliver_event *ev);

struct seal_event {
    uint8_t part;
    uint8_t complete;
    const char *mark; /* borrowed from the payload */
    size_t mark_len;
};

/* Read one event; its numbers go to each(). 0, -EBADMSG, or each()'s non-zero. */
int seal_get(struct marks_reader *r, struct seal_recent *seen, struct seal_event *ret,
             int (*each)(void *ctx, uint64_t first, uint64_t count), void *ctx);

/* The lineage as a mark: appended to out. 0 or -EMSGSIZE. */
int seal_put_lineage(struct buf *out, const struct event_lineage *l);
/* And back; the strings borrow from mark. 0 or -EBADMSG (*ret is empty then). */
int seal_get_lineage(const char *mark, size_t len, struct event_lineage *ret);

#endif
