/* SPDX-License-Identifier: Apache-2.0 */
/* The document being written and a mark for each field of the event that it has. A format marks the
 * fields it writes under keys of their own; leftover.h writes the others. Owns the marks, whose
 * memory it keeps from event to event; borrows the rest. */
#ifndef OMAUDITJSON_FORMAT_WRITTEN_H
#define OMAUDITJSON_FORMAT_WRITTEN_H

#include <stdint.h>

#include "format/format_kind.h"

struct written {
    /* this document, from struct format_doc */
    const struct view *view;
    struct json_writer *w;
    struct notes *notes;
    struct format_limits limits;
    uint64_t *marks; /* a bit for each field of the event */
    size_t cap;      /* of marks */
};

void written_init(struct written *d);
void written_done(struct written *d);

/* Begin a document without marks; doc is borrowed until the next one. */
void written_begin(struct written *d, const struct format_doc *doc);

/* Mark the field as written (NULL: nothing). */
static inline void written_mark(struct written *d, const struct event_field *f)
{
    if (f) {
        size_t i = (size_t)(f - d->view->ev->fields);

        d->marks[i / 64] |= UINT64_C(1) << (i % 64);
    }
}

/* Has a list that began at `from` bytes used up its share? */
static inline bool written_list_is_full(const struct written *d, size_t from)
{
    return d->w->over || json_written(d->w) - from > d->limits.list;
}

#endif
