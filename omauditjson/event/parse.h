/* SPDX-License-Identifier: Apache-2.0 */
/* All lines of one event in, one event out; the only user of auparse.h. libauparse gets one event
 * at a time and holds nothing between calls. One parser a process, because no version of libauparse
 * is thread-safe. */
#ifndef OMAUDITJSON_EVENT_PARSE_H
#define OMAUDITJSON_EVENT_PARSE_H

#include "event/event.h"

struct parser;

struct parser *parser_new(void);
void parser_free(struct parser *p);

/* Parse src; *ret is the parser's own and lives until the next call. 0 or -errno (the event is then
 * for the dead letters; src is untouched). Never loses a line: what libauparse did not give back is
 * taken from the line itself. */
int parse_event(struct parser *p, const struct event_source *src, const struct event **ret);

#endif
