/* SPDX-License-Identifier: Apache-2.0 */
/* Handles a thing in a child first, so that it is the child that dies of it. Part of hand.h. */
#ifndef OMAUDITJSON_JOURNAL_HAND_TRIAL_H
#define OMAUDITJSON_JOURNAL_HAND_TRIAL_H

enum hand_trial_result {
    HAND_TRIAL_CHILD,      /* we are the child: handle it, then hand_trial_passed() */
    HAND_TRIAL_DIED,       /* three children did, and we did not */
    HAND_TRIAL_NO_VERDICT, /* one came through, or took too long, or could not be made */
};

/* fd: the child's way to say that it came through. */
enum hand_trial_result hand_trial_run(int *fd);
_Noreturn void hand_trial_passed(int fd);

#endif
