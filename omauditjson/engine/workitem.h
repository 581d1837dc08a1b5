/* SPDX-License-Identifier: Apache-2.0 */
/* What names an event or a batch for journal/scoreboard.h, and the log's words about what the
 * former process died with. Part of the engine. */
#ifndef OMAUDITJSON_ENGINE_WORKITEM_H
#define OMAUDITJSON_ENGINE_WORKITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "deliver/deliver.h"
#include "event/event.h"
#include "input/record.h"
#include "journal/scoreboard.h"

struct conf;

#define WORKITEM_ID 400 /* bytes of an id that tell it apart */
#define WORKITEM_NAME_SIZE 64

struct workitem_event {
    int64_t sec;
    uint64_t serial;
    uint32_t ms;
    uint32_t node_len;
    char node[RECORD_NODE_MAX];
};

struct workitem_batch {
    uint64_t n_events;
    uint32_t compress;
    uint32_t first_len;
    char ids[2 * WORKITEM_ID]; /* of the first event and of the last */
};

/* Fill *key; how many bytes of it count. */
size_t workitem_event(const struct event_source *src, struct workitem_event *key);
size_t workitem_batch(const struct deliver_event *events, size_t n, bool compress,
                      struct workitem_batch *key);

/* The event in words, from its key's text. */
void workitem_name_event(const char *text, char out[WORKITEM_NAME_SIZE]);

/* scoreboard_open(), and what it found goes to the log: h can be used in any case. */
void workitem_open(struct scoreboard *h, int state_fd, const struct conf *conf);

#endif
