/* SPDX-License-Identifier: Apache-2.0 */
/* Words for numbers that records have: errors, signals, what a seccomp filter decided. Static. */
#ifndef OMAUDITJSON_FORMAT_WORDS_H
#define OMAUDITJSON_FORMAT_WORDS_H

#include <stdbool.h>

#include "event/event.h"

/* "-13": "EACCES"; also the errors that never leave the kernel otherwise (ERESTARTSYS). NULL: no
 * error, or nobody has a name for it. The numbers are those of nearly every Linux. */
const char *words_error(const struct event_field *exit);

/* "11": "SIGSEGV", or NULL. Most machines'; alpha, mips and sparc have some others. */
const char *words_signal(const struct event_field *sig);

/* "0x50001": "errno", or NULL. */
const char *words_seccomp(const struct event_field *code);

#endif
