/* SPDX-License-Identifier: Apache-2.0 */
/* The seccomp filter (libseccomp) of the system calls that the program and its libraries may use.
 * Permanent for this process and its children. */
#ifndef OMAUDITJSON_BASE_CALLFILTER_H
#define OMAUDITJSON_BASE_CALLFILTER_H

#include <stdbool.h>

/* Other system calls fail with EPERM: a library version that uses one falls back or reports an
 * error, where killing the process would stop the stream. kills: SIGSYS kills the process instead
 * (for tests, and for sandbox = strict). -ENOSYS: built without
 * libseccomp. 0 or -errno. Call with no other thread running, and before SIGPROF is used: should
 * libseccomp not return, that signal ends the process with MEM_EXIT_CODE and a message. */
int callfilter_enforce(bool kills);

#endif
