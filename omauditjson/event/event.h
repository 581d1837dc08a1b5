/* SPDX-License-Identifier: Apache-2.0 */
/* An audit event as we own it: no library types. Plain values; every pointer points into memory of
 * the parser that made the event and lives until its next parse_event(). */
#ifndef OMAUDITJSON_EVENT_EVENT_H
#define OMAUDITJSON_EVENT_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What ended the event; written as details.complete. Stored in the journal: never renumber. */
enum event_complete {
    EVENT_BY_EOE = 0,      /* an EOE record */
    EVENT_BY_TYPE = 1,     /* PROCTITLE, or a type that is sent alone */
    EVENT_BY_TIMEOUT = 2,  /* end_of_event_timeout after its last record */
    EVENT_BY_SHUTDOWN = 3, /* end of input of convert */
    EVENT_BY_LIMIT = 4,    /* max_event, records in an event, or max_open_events */
};

const char *event_complete_text(enum event_complete c); /* "eoe" "type" ... */

/* One canonical record line (input/record.h), borrowed. */
struct event_line {
    const char *line;
    size_t len;
    size_t body;    /* offset of the text after "): " */
    size_t raw_len; /* offset of 0x1d, or len */
    int type;       /* -1: unknown name */
};

/* All that is known of an event before libauparse has seen it. */
struct event_source {
    const char *node; /* NULL: none in the records */
    size_t node_len;
    int64_t sec;
    unsigned ms;
    uint64_t serial;
    unsigned part; /* 1, or 2, 3 ... for records that came after the event had settled */
    enum event_complete complete;
    const struct event_line *lines; /* in the order of arrival */
    size_t n_lines;
    size_t cut_records; /* records left out because the event is over its maximum */
    size_t cut_bytes;   /* bytes that max_line cut off its lines */
};

#endif
