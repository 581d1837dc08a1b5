/* SPDX-License-Identifier: Apache-2.0 */
/* `deadletter requeue`: moves what was chosen into state_dir/requeue, as documents. */
#ifndef OMAUDITJSON_COMMANDS_DEADLETTERS_REQUEUE_H
#define OMAUDITJSON_COMMANDS_DEADLETTERS_REQUEUE_H

#include "commands/deadletters_choose.h"

/* Counts in d, says on standard output how many. 0 or -errno. */
int deadletters_requeue(struct deadletters *d);

#endif
