/* SPDX-License-Identifier: Apache-2.0 */
/* The command `deadletter list|show|requeue|drop`: what lies in the dead letters, said, put back to
 * be sent again, or thrown away. Works beside a running program and without one. deadletters.c has
 * the options and says entries; deadletters_choose.c chooses them, deadletters_once.c knows
 * doubles; deadletters_requeue.c moves them into state_dir/requeue, whence the program takes them
 * (requeue.h). Run by root it works as the owner of the state directory. */
#ifndef OMAUDITJSON_COMMANDS_DEADLETTERS_H
#define OMAUDITJSON_COMMANDS_DEADLETTERS_H

#include "commands/deadletters_choose.h"

enum deadletters_exit {
    DEADLETTERS_EXIT_OK = 0,
    DEADLETTERS_EXIT_REFUSED = 1, /* some entries are not there, or can't be put back */
    DEADLETTERS_EXIT_USAGE = 64,
    DEADLETTERS_EXIT_STATE = 73, /* no state directory, or not ours */
    DEADLETTERS_EXIT_IO = 74,
    DEADLETTERS_EXIT_AGAIN = 75, /* another one is at work */
};

/* Take the command's own options out of argv, for conf_load() knows none of them; only when the
 * command is there. */
void deadletters_options(int *argc, char **argv, struct deadletters_options *ret);

/* args: ACTION [ID...]. Returns an exit code. */
int deadletters_run(const struct conf *conf, const struct deadletters_options *options,
                    char *const *args, int n_args);

#endif
