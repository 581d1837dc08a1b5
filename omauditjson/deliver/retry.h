/* SPDX-License-Identifier: Apache-2.0 */
/* Back-off as arithmetic: when may the next request go to a receiver, and how many at a time. One
 * struct retry a URL. Time and chance are passed in; nothing here waits, sends or logs. */
#ifndef OMAUDITJSON_DELIVER_RETRY_H
#define OMAUDITJSON_DELIVER_RETRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct retry_pace {
    int64_t min_ms;
    int64_t max_ms;
};

struct retry {
    unsigned failures; /* in a row; 0: all is well */
    unsigned epoch;    /* grows with every failure that counted; a request notes it at its start */
    int64_t next_ms;   /* no request before this */
    size_t window;     /* requests at a time */
};

#define RETRY_NO_WISH (-1) /* the receiver named no time */

/* Longest Retry-After that is obeyed, in retry_max. */
#define RETRY_AFTER_LIMIT 10

void retry_init(struct retry *r, size_t in_flight);

/* May a request start while in_flight others are on their way? */
bool retry_may_start(const struct retry *r, size_t in_flight, int64_t now_ms);

/* A request that had started in epoch failed and is worth another try. Those that started before
 * the last failure say nothing new: they can lengthen the wait (wish_ms), not double it. */
void retry_failed(struct retry *r, const struct retry_pace *pace, unsigned epoch, int64_t wish_ms,
                  int64_t now_ms, uint64_t *rng);

/* As above for what the operator must correct: every max_ms. */
void retry_held(struct retry *r, const struct retry_pace *pace, unsigned epoch, int64_t now_ms,
                uint64_t *rng);

/* A request that had started in epoch was answered well: the window doubles up to in_flight. One
 * that started before the last failure changes nothing. True when it ended a back-off. */
bool retry_succeeded(struct retry *r, unsigned epoch, size_t in_flight);

/* min * 2^(failures - 1), at most max, then 25 % more or less by chance; 1 ms at least. */
int64_t retry_delay_ms(const struct retry_pace *pace, unsigned failures, uint64_t *rng);

/* Value of a Retry-After header: seconds, or a date in one of HTTP's three forms (RFC 9110 5.6.7)
 * compared with wall_s. Milliseconds from now, 0 for the past, RETRY_NO_WISH when unreadable. */
int64_t retry_after_ms(const char *value, int64_t wall_s);

/* The next number of a splitmix64 sequence. */
uint64_t retry_random(uint64_t *state);

#endif
