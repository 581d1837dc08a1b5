/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps what is in our memory (credentials, other people's command lines) from being read out of
 * it: no core dump, no tracer, no reading of /proc/PID/mem and environ by the same user. Changes
 * the process for good; owns nothing. */
#ifndef OMAUDITJSON_BASE_HARDEN_H
#define OMAUDITJSON_BASE_HARDEN_H

#include <stdbool.h>

/* Call once, first thing. Left out where a tracer started us (gdb, strace: it sees all anyway, and
 * could no longer look) and in builds with sanitizers, whose leak check is a tracer. What the
 * system refuses is not reported: nothing would be done about it. */
void harden_process(void);

/* A build with sanitizers or for coverage: those open files, trace and start programs at the end.
 */
bool harden_is_instrumented(void);

/* Is there a tracer? */
bool harden_is_traced(void);

#endif
