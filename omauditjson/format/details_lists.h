/* SPDX-License-Identifier: Apache-2.0 */
/* The members of `details` that are arrays or objects: argv, paths, auditkeys, and fields, where
 * all that has no key of its own ends up. Each is bounded and says when it is not whole. */
#ifndef OMAUDITJSON_FORMAT_DETAILS_LISTS_H
#define OMAUDITJSON_FORMAT_DETAILS_LISTS_H

#include "format/details.h"

struct details_left *details_left_new(void); /* caller frees with free() */

/* The field (NULL: nothing) is in the document and needs no place in `fields`. */
static inline void details_mark(struct details *d, const struct event_field *f)
{
    if (f) {
        size_t i = (size_t)(f - d->view->ev->fields);

        d->used[i / 64] |= UINT64_C(1) << (i % 64);
    }
}

/* Has a list that began at `from` bytes used up its share? */
static inline bool details_list_is_full(const struct details *d, size_t from)
{
    return d->w->over || json_written(d->w) - from > d->limits.list;
}

void details_write_argv(struct details *d);
void details_write_paths(struct details *d);
void details_write_ancestors(struct details *d);
void details_write_keys(struct details *d);
void details_write_left(struct details *d);

#endif
