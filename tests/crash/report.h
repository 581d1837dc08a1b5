/* SPDX-License-Identifier: Apache-2.0 */
/* What the torture machine says: a line a schedule, to standard output and a log, and a summary of
 * all. Owns the sums. */
#ifndef TESTS_CRASH_REPORT_H
#define TESTS_CRASH_REPORT_H

#include "run.h"

struct report;

/* log: a file that is appended to, or NULL. */
struct report *report_new(const char *log, enum stanza only, unsigned have);

/* One schedule's line. True when it failed. */
bool report_add(struct report *r, uint64_t seed, const struct outcome *o);

/* The summary; frees. True when any failed. */
bool report_end(struct report *r, const char *work);

#endif
