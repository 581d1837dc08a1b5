/* SPDX-License-Identifier: Apache-2.0 */
/* rsyslog's omprog protocol as a pure state machine: a line in, what it is; when that is done, the
 * reply. Owns copies of the two marks and the depth of transactions. Does no I/O but the fstat() of
 * omprog_wire_detect(). Never gives an error reply: rsyslog loses records when it gets one
 * [omprog.md 2.2]. OK and DEFER_COMMIT are the only replies. */
#ifndef OMAUDITJSON_INPUT_OMPROG_H
#define OMAUDITJSON_INPUT_OMPROG_H

#include <stdbool.h>
#include <stddef.h>

/* omprog reads at most 4,095 bytes a reply, dots included, and restarts its child beyond [omprog.md
 * 2.1]. */
#define OMPROG_DOTS_MAX 3999

/* The wake-up line: the text of rsyslog's immark. omprog starts its child with the first message;
 * with this line our stanzas start the program when there is no record. No record has this text. */
#define OMPROG_WAKEUP_MARK "-- MARK --"

enum omprog_action {
    OMPROG_BEGIN,  /* a transaction starts; nothing to do */
    OMPROG_COMMIT, /* all received so far must be durable before the reply */
    OMPROG_WAKEUP, /* nothing to do: we run */
    OMPROG_RECORD, /* anything else: must be in the journal before the reply */
};

enum omprog_wire {
    OMPROG_CONFIRMING, /* rsyslog waits for a reply to each line */
    OMPROG_SILENT,     /* confirmMessages="off": nobody reads replies */
};

struct omprog {
    char *begin;
    char *commit;
    size_t begin_len;
    size_t commit_len;
    unsigned depth; /* transactions open; more than one when two workers share the pipe */
    unsigned dots;  /* sent for the reply that is being held */
};

/* The marks as omprog's beginTransactionMark and commitTransactionMark have them, without LF. 0, or
 * -EINVAL when one is empty or both are the same (o is left empty then). */
int omprog_init(struct omprog *o, const char *begin_mark, const char *commit_mark);
void omprog_done(struct omprog *o); /* frees; o may be zeroed memory or NULL */

/* What the line (no LF) is. A mark is one only byte for byte: with a CR it is a record. */
enum omprog_action omprog_line(struct omprog *o, const char *data, size_t len);

bool omprog_is_wakeup(const char *data, size_t len);

/* The whole reply with its LF, to be given to one write(). Static. The count of dots starts anew.
 */
const char *omprog_reply(struct omprog *o, enum omprog_action action);

/* The reply that omprog awaits once at start, before it sends anything. Static. */
const char *omprog_first_reply(void);

/* May another keep-alive dot go out for the reply that is being held? Counts it when so. When not,
 * the caller leaves without a word and rsyslog starts it again. */
bool omprog_dot(struct omprog *o);

/* Whether anybody reads out_fd: with confirmMessages="off" omprog makes stdout /dev/null, or with
 * output= the pipe that stderr is; with "on" a pipe of its own. A stdout that is closed is silent.
 */
enum omprog_wire omprog_wire_detect(int out_fd, int err_fd);

#endif
