/* SPDX-License-Identifier: Apache-2.0 */
/* An event's category and summary, from syscalls.def and from rules for events without a syscall.
 * Both are appended to an open string. Owns nothing. */
#ifndef OMAUDITJSON_FORMAT_SUMMARY_H
#define OMAUDITJSON_FORMAT_SUMMARY_H

#include "format/json/json_writer.h"
#include "format/view.h"

void summary_write_category(const struct view *v, struct json_writer *w, struct json_string *s);
void summary_write(const struct view *v, struct json_writer *w, struct json_string *s);

/* The arguments of the event's EXECVE, blanks between them. */
void summary_add_command(const struct view *v, struct json_writer *w, struct json_string *s);

#endif
