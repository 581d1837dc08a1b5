/* SPDX-License-Identifier: Apache-2.0 */
/* Polls briefly before sleeping. With confirmMessages rsyslogd writes its next line 2 to 30 us
 * after our reply (8.2302, while it has lines). Sleeping that briefly costs both sides more than
 * polling: rsyslogd must wake an idle processor, 10 us and more on a virtual machine. So while
 * lines follow each other closely, poll before sleeping. If they arrive in short bursts, each of
 * which would end in a fruitless poll, sleep at once. */
#ifndef OMAUDITJSON_INPUT_LINGER_H
#define OMAUDITJSON_INPUT_LINGER_H

#include <stdbool.h>
#include <stdint.h>

#define LINGER_NS 40000
#define LINGER_CLOSE_NS 100000 /* a line that came sooner, with the sleep, followed closely */
#define LINGER_LATE_COSTS 16   /* as many that followed closely make good for one that did not */
#define LINGER_CREDIT_MAX 64

struct linger {
    bool possible;   /* somebody else can run meanwhile: we have more than one processor */
    bool asleep;     /* the wait that began at `since` was not spent looking */
    int64_t since;   /* nanoseconds */
    unsigned credit; /* lines that followed closely, less the cost of those that did not */
};

void linger_init(struct linger *l);

/* Just after a reply: wait up to LINGER_NS for fd to become readable (or to be hung up). False when
 * it did not, or when polling is not worth it: sleep then. */
bool linger_wait(struct linger *l, int fd);

/* fd has become readable: how long did that sleep last? */
void linger_woke(struct linger *l);

/* The decision alone: is it worth trying; a line followed closely or not. */
bool linger_due(const struct linger *l);
void linger_learn(struct linger *l, bool closely);

#endif
