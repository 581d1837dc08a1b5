/* SPDX-License-Identifier: Apache-2.0 */
/* The state directory, for commands that work beside a running program and without one. Run by root
 * they work as the owner of the directory. */
#ifndef OMAUDITJSON_COMMANDS_STATE_DIR_H
#define OMAUDITJSON_COMMANDS_STATE_DIR_H

#include <stdbool.h>

/* A descriptor, or -errno with a message on standard error. */
int state_dir_open(const char *dir);

/* Does a program own it? */
bool state_dir_in_use(int state_fd);

#endif
