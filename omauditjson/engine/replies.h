/* SPDX-License-Identifier: Apache-2.0 */
/* The pipe to rsyslog: what omprog waits for. Owns omprog's state machine, the descriptor (not
 * closed here) and the time of the next keep-alive dot; each reply is one write(). Never an error
 * reply. Part of the engine. */
#ifndef OMAUDITJSON_ENGINE_REPLIES_H
#define OMAUDITJSON_ENGINE_REPLIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stats.h"
#include "input/omprog.h"

struct conf;

/* The members are replies' own. */
struct replies {
    struct omprog omprog;
    int out_fd;      /* -1: nobody reads any (more) */
    bool confirming; /* rsyslog waits for replies (or did, before it went) */
    int64_t next_dot_ms;
    struct stats *stats; /* not owned */
};

/* out_fd: -1: nobody reads replies (confirmMessages=off). 0, or -EINVAL: two equal marks. */
int replies_init(struct replies *r, const struct conf *conf, int out_fd, struct stats *stats);
void replies_done(struct replies *r); /* r may be zeroed memory */

/* Does rsyslog wait for replies, or did it before it went? Does it read them now? */
bool replies_confirming(const struct replies *r);
bool replies_are_read(const struct replies *r);
/* It does not any more. */
void replies_close(struct replies *r);

/* What the line (no LF) is; how many transactions are open then. */
enum omprog_action replies_line(struct replies *r, const char *data, size_t len);
unsigned replies_depth(const struct replies *r);

/* We run; and the answer to a line. */
void replies_first(struct replies *r);
void replies_send(struct replies *r, enum omprog_action action);

/* A reply has to wait from now on: the first dot is due in keepalive_ms. */
void replies_hold(struct replies *r, int64_t now_ms, int64_t keepalive_ms);
/* A dot, when it is time for one. False: rsyslog has waited enough. */
bool replies_dot(struct replies *r, int64_t now_ms, int64_t keepalive_ms);
/* When the next is due; CLOCK_NEVER: nobody reads it. */
int64_t replies_next_dot_ms(const struct replies *r);

#endif
