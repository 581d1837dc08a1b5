/* SPDX-License-Identifier: Apache-2.0 */
/* The command `journal check|salvage`: what is in the journal and in the damaged files beside it,
 * said; and these handed to the program, which takes their records into its journal (salvage.h). A
 * file is moved by a rename, so a kill leaves it in one place or the other. */
#ifndef OMAUDITJSON_COMMANDS_JOURNAL_H
#define OMAUDITJSON_COMMANDS_JOURNAL_H

#include <stdbool.h>

struct conf;

enum journal_exit {
    JOURNAL_EXIT_OK = 0,
    JOURNAL_EXIT_DAMAGE =
        1, /* check: something is damaged, missing or set aside; salvage: refused */
    JOURNAL_EXIT_USAGE = 64,
    JOURNAL_EXIT_STATE = 73, /* no state directory or no journal in it, or not ours */
    JOURNAL_EXIT_IO = 74,
};

/* Take --all out of argv when the command is there, for conf_load() does not know it. */
bool journal_options(int *argc, char **argv);

/* args: check | salvage FILE... Returns an exit code. */
int journal_run(const struct conf *conf, bool all, char *const *args, int n_args);

#endif
