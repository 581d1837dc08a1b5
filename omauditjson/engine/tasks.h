/* SPDX-License-Identifier: Apache-2.0 */
/* What rsyslog's lines ask for, one by one: a mark, or a record; a message of several records asks
 * for each of them, and the last one brings the reply. Owns the reader of lines and of messages;
 * tells the replies, the admission and the statistics of each line. Part of the engine. */
#ifndef OMAUDITJSON_ENGINE_TASKS_H
#define OMAUDITJSON_ENGINE_TASKS_H

#include <stdbool.h>

#include "engine/admit.h"
#include "engine/replies.h"
#include "engine/stores.h"
#include "input/lineio.h"
#include "input/message.h"
#include "input/omprog.h"

struct task {
    enum omprog_action action;
    struct line line; /* borrowed until the next task */
    bool broken;      /* its message's escaping is */
    bool last;        /* of its line: a reply follows */
    bool split;       /* ... and rsyslog may have split the message there */
};

/* Embedded in its owner. lineio is for reading; the other members are the tasks' own. */
struct tasks {
    struct lineio lineio;
    struct message message; /* the line being processed, when it holds several records */
    struct stores *s;
    struct replies *replies;
    struct admit *admit;
};

/* All are borrowed. */
void tasks_init(struct tasks *t, struct stores *s, struct replies *r, struct admit *a);
void tasks_done(struct tasks *t); /* frees */

/* The next one of what was read; false: read more. */
bool tasks_next(struct tasks *t, struct task *ret);
/* The next one of the line being processed only. */
bool tasks_next_of_line(struct tasks *t, struct task *ret);
/* The first one of this line; there is always one. The line is borrowed until its last task. */
void tasks_begin(struct tasks *t, const struct line *line, struct task *ret);

#endif
