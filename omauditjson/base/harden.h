/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps what is in our memory (credentials, other people's command lines) from being read out of
 * it: no core dump, no tracer, no reading of /proc/PID/mem and environ by the same user. Changes
 * the process for good; owns nothing. And a bound of our own for our memory. */
#ifndef OMAUDITJSON_BASE_HARDEN_H
#define OMAUDITJSON_BASE_HARDEN_H

#include <stdbool.h>
#include <stdint.h>

/* Call once, first thing. Left out where a tracer started us (gdb, strace: it sees all anyway, and
 * could no longer look) and in builds with sanitizers, whose leak check is a tracer. What the
 * system refuses is not reported: nothing would be done about it. */
void harden_process(void);

/* A build with sanitizers or for coverage: those open files, trace and start programs at the end.
 */
bool harden_is_instrumented(void);

/* Let memory run out in us rather than in the machine: no more than that many bytes of it (or three
 * quarters of what the machine, or the control group, has, if that is less, but at least 64 MiB).
 * Then an allocation fails, and we know in whose hands; the kernel's memory killer would take us
 * without a word. May be called again. Left out in builds with sanitizers. */
void harden_memory(uint64_t bytes);

/* Is there a tracer? */
bool harden_is_traced(void);

#endif
