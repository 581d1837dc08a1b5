/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting awake. With confirmMessages rsyslogd writes its next line 2 to 30 us after our reply
 * (8.2302, as long as it has lines). To go to sleep for that long costs both of us more than to
 * look: the other one has to wake a processor that has just been stopped, 10 us and more on a
 * virtual machine. So while lines follow each other closely we look for a moment before we sleep.
 * Where they come in short bursts, which end in a look that is in vain, we sleep at once. */
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
    unsigned credit; /* lines that followed closely, less what those that did not cost */
};

void linger_init(struct linger *l);

/* Just after a reply: wait up to LINGER_NS for fd to become readable (or to be hung up). False when
 * it did not, or when it is not worth trying: then go to sleep. */
bool linger_wait(struct linger *l, int fd);

/* fd has become readable: how long did that sleep last? */
void linger_woke(struct linger *l);

/* The decision alone: is it worth trying; a line followed closely or not. */
bool linger_due(const struct linger *l);
void linger_learn(struct linger *l, bool closely);

#endif
