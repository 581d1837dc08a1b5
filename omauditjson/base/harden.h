/* SPDX-License-Identifier: Apache-2.0 */
/* Protects the process's memory (credentials, command lines of users): no core dump, no tracer, no
 * reading of /proc/PID/mem and environ by the same user. Also bounds the memory. Permanent for the
 * process; owns nothing. */
#ifndef OMAUDITJSON_BASE_HARDEN_H
#define OMAUDITJSON_BASE_HARDEN_H

#include <stdbool.h>
#include <stdint.h>

/* Call once, first in main(). Skipped if a tracer started the process (gdb, strace: it sees
 * everything anyway and would stop working) and in builds with sanitizers, whose leak check is a
 * tracer. Failures are not reported: no action would follow. */
void harden_process(void);

/* A build with sanitizers or for coverage: those open files, trace and start programs at the end.
 */
bool harden_is_instrumented(void);

/* Bound the memory of the process to so many bytes, or to three quarters of what the machine or the
 * control group has if that is less, but at least 64 MiB. At the bound an allocation fails, and the
 * record in process is known; the kernel's OOM killer would leave no trace of it. May be called
 * again. Skipped in builds with sanitizers. */
void harden_memory(uint64_t bytes);

/* Is there a tracer? */
bool harden_is_traced(void);

#endif
