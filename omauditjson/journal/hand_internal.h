/* SPDX-License-Identifier: Apache-2.0 */
/* What hand.c (the page and the verdicts) has of hand_death.c (what we die of) and hand_trial.c
 * (the child that tries). Nobody else includes this. */
#ifndef OMAUDITJSON_JOURNAL_HAND_INTERNAL_H
#define OMAUDITJSON_JOURNAL_HAND_INTERNAL_H

#include "journal/hand.h"

/* From now on this page is marked when we die. NULL: none is. */
void hand_death_guard(struct hand_page *page, size_t bytes);

/* A timer is not inherited by a child. */
void hand_death_watch_again(void);

enum hand_trial_result {
    HAND_TRIAL_CHILD,      /* we are the child: handle it */
    HAND_TRIAL_DIED,       /* three children did, and we did not */
    HAND_TRIAL_NO_VERDICT, /* one came through, or took too long, or could not be made */
};
enum hand_trial_result hand_trial(struct hand *h);
_Noreturn void hand_trial_passed(struct hand *h);

#endif
