/* SPDX-License-Identifier: Apache-2.0 */
/* What group.c (filling) and group_take.c (emptying) share. Nobody else's. */
#ifndef OMAUDITJSON_EVENT_GROUP_INTERNAL_H
#define OMAUDITJSON_EVENT_GROUP_INTERNAL_H

#include "event/group.h"

struct list {
    struct group_event *first, *last;
};

struct group {
    struct group_conf conf;
    struct group_event **buckets;
    size_t n_buckets; /* power of two */
    size_t n_linked;
    struct group_event *found; /* the event that was looked for last, or NULL */
    struct list open;          /* by last record, oldest first */
    struct list settling;      /* in order of completion */
    size_t n_events;
    size_t bytes;
    uint64_t n_records;
    struct group_event *spare;
    size_t n_spare;
};

void group_list_remove(struct list *l, struct group_event *ev);
void group_unlink(struct group *g, struct group_event *ev); /* no longer found under its key */
void group_complete(struct group *g, struct group_event *ev, enum event_complete why,
                    int64_t now_ms);
void group_event_free(struct group_event *ev);

#endif
