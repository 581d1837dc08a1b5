/* SPDX-License-Identifier: Apache-2.0 */
/* Processes an item in a child process first, so that a poison item kills the child. Part of
 * hand.h. */
#ifndef OMAUDITJSON_JOURNAL_HAND_TRIAL_H
#define OMAUDITJSON_JOURNAL_HAND_TRIAL_H

enum hand_trial_result {
    HAND_TRIAL_CHILD,      /* we are the child: handle it, then hand_trial_passed() */
    HAND_TRIAL_DIED,       /* three children died, the parent did not */
    HAND_TRIAL_NO_VERDICT, /* a child survived, took too long, or could not be created */
};

/* fd: the child's way to say that it came through. */
enum hand_trial_result hand_trial_run(int *fd);
_Noreturn void hand_trial_passed(int fd);

#endif
