/* SPDX-License-Identifier: Apache-2.0 */
/* What schedule.c and faults.c share while a schedule is made. Nobody else's. */
#ifndef TESTS_CRASH_MAKING_H
#define TESTS_CRASH_MAKING_H

#include "schedule.h"

#define STAGES 6 /* pieces of a log, at most */

struct making {
    struct schedule *s;
    uint64_t random;
    unsigned records; /* about so many */
    bool have_disk, have_journal;
    /* steps before and after each piece is fed */
    struct step before[STAGES][6], after[STAGES][6];
    size_t n_before[STAGES], n_after[STAGES];
};

static inline unsigned below(struct making *m, unsigned n)
{
    return (unsigned)(schedule_random(&m->random) % n);
}

static inline bool percent(struct making *m, unsigned p)
{
    return below(m, 100) < p;
}

#define ONE_OF(m, list) (list)[below(m, sizeof(list) / sizeof((list)[0]))]

/* How often a schedule usually comes past this point. */
unsigned making_usual_count(const struct making *m, enum crash_point p);

/* Choose what goes wrong; the setting is chosen already. */
void faults_choose(struct making *m);

#endif
