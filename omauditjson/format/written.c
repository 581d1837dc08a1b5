/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/written.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void written_init(struct written *d)
{
    *d = (struct written){0};
}

void written_done(struct written *d)
{
    free(d->marks);
    *d = (struct written){0};
}

void written_begin(struct written *d, const struct format_doc *doc)
{
    const struct view *v = doc->view;
    size_t n = v->ev->n_fields;

    d->view = v;
    d->w = doc->w;
    d->notes = doc->notes;
    d->limits = doc->limits;
    notes_add_event(d->notes, v->ev);
    if (n / 64 + 1 > d->cap) {
        d->cap = n / 64 + 1;
        d->marks = mem_realloc_array(d->marks, d->cap, sizeof(*d->marks));
    }
    memset(d->marks, 0, (n / 64 + 1) * sizeof(*d->marks));
}
