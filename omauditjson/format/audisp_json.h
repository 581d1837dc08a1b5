/* SPDX-License-Identifier: Apache-2.0 */
/* An event as an audisp-json (MozDef) record: one JSON object, RFC 8259, UTF-8, no LF. The keys and
 * their order are those of the tables in fields.def; categories those of syscalls.def. */
#ifndef OMAUDITJSON_FORMAT_AUDISP_JSON_H
#define OMAUDITJSON_FORMAT_AUDISP_JSON_H

#include "base/buf.h"
#include "event/names.h"

struct conf;
struct event;

struct audisp_json;

/* conf is borrowed: hostname, processname, tags, details, events, summary_max, message_*. When
 * conf->hostname is NULL the host's name is looked up here, once. */
struct audisp_json *audisp_json_new(const struct conf *conf);
void audisp_json_free(struct audisp_json *f);

/* Ask lookup for the names of users instead of the host's passwd (tests). */
void audisp_json_set_names(struct audisp_json *f, names_lookup *lookup, void *ctx);

/* Append the document of ev to out. 0; -EMSGSIZE when it does not fit in out (out is unchanged
 * then); 1: the event is outside `events` and nothing was written. A document is never longer than
 * conf->max_event: what is too long is cut and marked, by the same rule whatever room out has, so
 * that one event is always the same bytes. */
int audisp_json_write(struct audisp_json *f, const struct event *ev, struct buf *out);

/* The event's id: NODE:SEC.MS:SERIAL:PART:HASH, printable ASCII, NUL-terminated, into out (size
 * AUDISP_JSON_ID_SIZE). */
#define AUDISP_JSON_ID_SIZE 384
size_t audisp_json_id(struct audisp_json *f, const struct event *ev, char *out);

#endif
