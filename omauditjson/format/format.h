/* SPDX-License-Identifier: Apache-2.0 */
/* Writes an event as one JSON document of the configured format: RFC 8259, UTF-8, one object, no
 * LF. Does what all formats share: the id, the choice of events, the maximum size, user names. A
 * kind (format_kind.h, formats.def) writes the document itself. */
#ifndef OMAUDITJSON_FORMAT_FORMAT_H
#define OMAUDITJSON_FORMAT_FORMAT_H

#include "base/buf.h"
#include "event/names.h"

struct conf;
struct event;

struct format;

/* conf is borrowed: format, hostname, names, processname, tags, details, events, max_event,
 * summary_max, message_*. When conf->hostname is NULL the host's name is looked up here, once. */
struct format *format_new(const struct conf *conf);
void format_free(struct format *f);

/* Ask lookup for the names of users instead of the host's passwd (tests). */
void format_set_names(struct format *f, names_lookup *lookup, void *ctx);

/* Append the document of ev to out. 0; -EMSGSIZE when it does not fit in out (out is unchanged
 * then); 1: the event is outside `events` and nothing was written. A document is never longer than
 * conf->max_event: what is too long is cut and marked, by the same rule whatever room out has, so
 * that one event is always the same bytes. */
int format_write(struct format *f, const struct event *ev, struct buf *out);

/* The id of the event that was written last; lives until the next one. */
const char *format_written_id(const struct format *f, size_t *ret_len);

/* The event's id: NODE:SEC.MS:SERIAL:PART:HASH, printable ASCII, NUL-terminated, into out (size
 * FORMAT_ID_SIZE). Returns its length. */
#define FORMAT_ID_SIZE 384
size_t format_id(struct format *f, const struct event *ev, char *out);

#endif
