/* SPDX-License-Identifier: Apache-2.0 */
/* Gives up, for good, what the process may do beyond its user's rights. Linux only, no library. */
#ifndef OMAUDITJSON_BASE_PRIVILEGES_H
#define OMAUDITJSON_BASE_PRIVILEGES_H

#include <stdbool.h>
#include <stddef.h>

/* No set-user-id program, no file capability gives any from now on [prctl(2)]. 0 or -errno. */
int privileges_no_new(void);

/* Empty the effective set, keep the others: files are then judged as they will be after
 * privileges_drop(). 0 or -errno. */
int privileges_lower(void);

/* Out of all sets, the bounding set as far as that is permitted (without new privileges it gives
 * none). keep_override: all but CAP_DAC_OVERRIDE. 0 or -errno. */
int privileges_drop(bool keep_override);

#endif
