/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: groups canonical records, one a line, into events by node, time and serial, in the
 * order of their first lines. Independent of the program's own index on purpose. */
#ifndef TESTS_LIB_EVENT_LINES_H
#define TESTS_LIB_EVENT_LINES_H

#include "event/event.h"

struct event_lines {
    struct event_source *sources;
    size_t n;
    size_t n_bad; /* lines that are no record: left out */
    /* private */
    struct event_line *lines;
    char *text;
};

/* Split and group a copy of text. */
void event_lines_init(struct event_lines *e, const char *text, size_t len);
void event_lines_done(struct event_lines *e);

/* Parse one line's header; false: not a record. node is NULL or points into line. */
bool event_lines_header(const char *line, size_t len, struct event_line *l,
                        struct event_source *id);

#endif
