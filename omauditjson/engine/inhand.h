/* SPDX-License-Identifier: Apache-2.0 */
/* What names an event or a batch for journal/hand.h, and the log's words about what the former
 * process died with. Part of the engine. */
#ifndef OMAUDITJSON_ENGINE_INHAND_H
#define OMAUDITJSON_ENGINE_INHAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "deliver/deliver.h"
#include "event/event.h"
#include "input/record.h"
#include "journal/hand.h"

struct conf;

#define INHAND_ID 400 /* bytes of an id that tell it apart */
#define INHAND_NAME_SIZE 64

struct inhand_event {
    int64_t sec;
    uint64_t serial;
    uint32_t ms;
    uint32_t node_len;
    char node[RECORD_NODE_MAX];
};

struct inhand_batch {
    uint64_t n_events;
    uint32_t compress;
    uint32_t first_len;
    char ids[2 * INHAND_ID]; /* of the first event and of the last */
};

/* Fill *key; how many bytes of it count. */
size_t inhand_event(const struct event_source *src, struct inhand_event *key);
size_t inhand_batch(const struct deliver_event *events, size_t n, bool compress,
                    struct inhand_batch *key);

/* The event in words, from its key's text. */
void inhand_name_event(const char *text, char out[INHAND_NAME_SIZE]);

/* hand_open(), and what it found goes to the log: h can be used in any case. */
void inhand_open(struct hand *h, int state_fd, const struct conf *conf);

#endif
