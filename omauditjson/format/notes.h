/* SPDX-License-Identifier: Apache-2.0 */
/* What a document does not have in full: values that were cut, with their length, and keys whose
 * bytes were not UTF-8. Bounded: NOTES_CUT values by name, then a count. Owns its buffers. */
#ifndef OMAUDITJSON_FORMAT_NOTES_H
#define OMAUDITJSON_FORMAT_NOTES_H

#include <stdint.h>

#include "base/buf.h"
#include "event/event.h"
#include "format/json/json_writer.h"

#define NOTES_CUT 64
#define NOTES_MAX ((size_t)16384) /* bytes of all of one kind */

struct notes {
    struct buf cut; /* as it will be written, without the brackets */
    size_t n_cut;
    struct buf invalid; /* likewise */
};

void notes_init(struct notes *n);
void notes_done(struct notes *n);
void notes_reset(struct notes *n);

/* A value was cut: its key (plain ASCII without quotes) and full length in bytes. A key that ends
 * in "[]" is a list and the number its elements; records is a number of records too,
 * line_bytes_lost what max_line cut off, lines_cut_before how many records came cut, other_values
 * how many more values were cut than are named. */
void notes_add_cut(struct notes *n, const char *key, uint64_t full);

/* What the event itself lacks. */
void notes_add_event(struct notes *n, const struct event *ev);

/* Note whether a string was cut or not UTF-8. */
void notes_add_string(struct notes *n, const char *key, const struct json_string *s);

/* An array "KEY=LENGTH" ..., and one of keys; nothing when there is nothing to tell. */
void notes_write_cut(struct notes *n, struct json_writer *w, const char *key, size_t len);
void notes_write_invalid(struct notes *n, struct json_writer *w, const char *key, size_t len);

#endif
