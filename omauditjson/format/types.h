/* SPDX-License-Identifier: Apache-2.0 */
/* The types of an event's records, each once, in the order of arrival; EOE says nothing and is left
 * out. Borrows from the event. */
#ifndef OMAUDITJSON_FORMAT_TYPES_H
#define OMAUDITJSON_FORMAT_TYPES_H

#include "event/event.h"

#define TYPES_MAX 32 /* of one event; the kernel writes fewer */

struct types {
    const struct event_record *record[TYPES_MAX]; /* the first one of each type */
    size_t n;
    size_t all; /* how many there would be without TYPES_MAX, or one more than TYPES_MAX */
};

void types_find(const struct event *ev, struct types *ret);

#endif
