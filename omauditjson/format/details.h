/* SPDX-License-Identifier: Apache-2.0 */
/* The members of `details`, one after the other as fields.def has them. What had to be cut or was
 * no UTF-8 is noted on the way, for the last two keys. Owns its marks, which are kept from event to
 * event; borrows the rest. */
#ifndef OMAUDITJSON_FORMAT_DETAILS_H
#define OMAUDITJSON_FORMAT_DETAILS_H

#include "format/format_kind.h"

#define DETAILS_LEFT_MAX 256 /* names in fields */

struct details_left; /* a name in `fields` */

struct details_name {
    const char *p; /* NULL: none */
    size_t len;
};

struct details {
    bool compatible;
    /* this event, from struct format_doc */
    const struct view *view;
    struct json_writer *w;
    struct notes *notes;
    struct names *names;
    struct format_limits limits;
    const char *id;
    size_t id_len;
    struct details_name auid_name, uid_name; /* as auditd wrote them */
    /* working memory */
    uint64_t *used; /* a bit for each field of the event: it has a key of its own */
    size_t cap_used;
    uint32_t *next; /* of each field: the number + 1 of the next one of its name in `fields` */
    size_t cap_next;
    struct details_left *left;
};

void details_init(struct details *d, bool compatible);
void details_done(struct details *d);

/* Begin a document; doc is borrowed until the next one. */
void details_begin(struct details *d, const struct format_doc *doc);

/* Write the members; the braces are the caller's. */
void details_write(struct details *d);

#endif
