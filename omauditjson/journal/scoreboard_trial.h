/* SPDX-License-Identifier: Apache-2.0 */
/* Processes an item in a child process first, so that a poison item kills the child. Part of
 * scoreboard.h. */
#ifndef OMAUDITJSON_JOURNAL_SCOREBOARD_TRIAL_H
#define OMAUDITJSON_JOURNAL_SCOREBOARD_TRIAL_H

enum scoreboard_trial_result {
    SCOREBOARD_TRIAL_CHILD,      /* we are the child: handle it, then scoreboard_trial_passed() */
    SCOREBOARD_TRIAL_DIED,       /* three children died, the parent did not */
    SCOREBOARD_TRIAL_NO_VERDICT, /* a child survived, took too long, or could not be created */
};

/* fd: the child's way to say that it came through. */
enum scoreboard_trial_result scoreboard_trial_run(int *fd);
_Noreturn void scoreboard_trial_passed(int fd);

#endif
