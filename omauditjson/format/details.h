/* SPDX-License-Identifier: Apache-2.0 */
/* The members of `details`, one after the other as fields.def has them. What had to be cut or was
 * no UTF-8 is noted on the way, for the last two keys. Owns its notes and marks, which are kept
 * from event to event; borrows the view. */
#ifndef OMAUDITJSON_FORMAT_DETAILS_H
#define OMAUDITJSON_FORMAT_DETAILS_H

#include "event/names.h"
#include "format/json_writer.h"
#include "format/notes.h"
#include "format/view.h"

#define DETAILS_STRING_MAX 32765 /* Elasticsearch refuses a longer term */
#define DETAILS_LEFT_MAX 256     /* names in fields */

/* How much may be written. */
struct details_limits {
    size_t string; /* bytes of one string */
    size_t list;   /* bytes of argv, of paths, of fields each */
};

struct details_left; /* a name in `fields` */

struct details {
    /* set by the caller */
    struct names *names;
    bool compatible;
    /* this event */
    const struct view *view;
    struct json_writer *w;
    struct details_limits limits;
    const char *id;
    size_t id_len;
    /* working memory */
    struct notes notes;
    unsigned char *used; /* a bit for each field of the event: it has a key of its own */
    size_t cap_used;
    uint32_t *next; /* of each field: the number + 1 of the next one of its name in `fields` */
    size_t cap_next;
    struct details_left *left;
};

void details_init(struct details *d, struct names *names, bool compatible);
void details_done(struct details *d); /* frees; names are the caller's */

/* Begin an event: forget all notes. */
void details_begin(struct details *d, const struct view *v, struct json_writer *w,
                   struct details_limits limits, const char *id, size_t id_len);

/* Write the members; the braces are the caller's. */
void details_write(struct details *d);

#endif
