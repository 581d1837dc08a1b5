/* SPDX-License-Identifier: Apache-2.0 */
/* For tests: text with canonical records, one a line, to events. Lines are grouped by node, time
 * and serial, events in the order of their first line. Simpler than the program's own way on
 * purpose. */
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

/* One line's header; false: no record. node is NULL or points into line. */
bool event_lines_header(const char *line, size_t len, struct event_line *l,
                        struct event_source *id);

#endif
