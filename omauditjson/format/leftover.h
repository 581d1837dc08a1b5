/* SPDX-License-Identifier: Apache-2.0 */
/* The object `fields`: every field that has no mark, so no key of its own, under its record's type
 * and its name. Bounded in names and bytes; notes what it left out. Owns its working memory, which
 * is kept from event to event. */
#ifndef OMAUDITJSON_FORMAT_LEFTOVER_H
#define OMAUDITJSON_FORMAT_LEFTOVER_H

#include "format/written.h"

#define LEFTOVER_MAX 256 /* names in `fields` */

struct leftover_name;

struct leftover {
    struct leftover_name *names; /* LEFTOVER_MAX + 1 */
    uint32_t *next; /* of each field: the number + 1 of the next one of its name, 0: none */
    size_t cap;     /* of next */
};

void leftover_init(struct leftover *l);
void leftover_done(struct leftover *l);

/* Write "fields":{...} where a field is left; the document's marks are complete. */
void leftover_write(struct leftover *l, const struct written *d);

#endif
