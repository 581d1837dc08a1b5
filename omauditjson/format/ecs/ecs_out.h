/* SPDX-License-Identifier: Apache-2.0 */
/* Nested objects from keys that name their whole path, "process.parent.pid": an object begins with
 * the first key that is in it and ends with the first that is not, so that none is ever empty. Keys
 * of one object must come one after the other. Owns nothing; paths are string literals. */
#ifndef OMAUDITJSON_FORMAT_ECS_ECS_OUT_H
#define OMAUDITJSON_FORMAT_ECS_ECS_OUT_H

#include <stdint.h>

#include "event/event.h"
#include "format/json/json_writer.h"
#include "format/notes.h"

struct ecs_out {
    struct json_writer *w;
    struct notes *notes;
    size_t string_max;
    const char *path; /* path of the innermost open object, len bytes */
    size_t len;
};

/* Begin and end the document. */
void ecs_out_begin(struct ecs_out *o, struct json_writer *w, struct notes *notes,
                   size_t string_max);
void ecs_out_end(struct ecs_out *o);

/* Open that object for a value that the caller writes. */
void ecs_out_enter(struct ecs_out *o, const char *path, size_t len);

/* Write the key; the caller writes its value. */
void ecs_out_key(struct ecs_out *o, const char *path, size_t len);

void ecs_out_string(struct ecs_out *o, const char *path, size_t len, const char *p, size_t n);
void ecs_out_text(struct ecs_out *o, const char *path, size_t len, const char *text);
void ecs_out_number(struct ecs_out *o, const char *path, size_t len, uint64_t n);

#endif
