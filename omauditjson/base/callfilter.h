/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls that are left to us and to the libraries below: a seccomp filter by libseccomp,
 * for this process and its children, for good. */
#ifndef OMAUDITJSON_BASE_CALLFILTER_H
#define OMAUDITJSON_BASE_CALLFILTER_H

#include <stdbool.h>

/* What is not listed fails with EPERM: another version of a library may use a call that nobody
 * thought of, and then falls back or reports it, while its death would stop the stream. kills: it
 * ends the process by SIGSYS instead (for tests, and who wants that). -ENOSYS: built without
 * libseccomp. 0 or -errno. Call with no other thread running. */
int callfilter_enforce(bool kills);

#endif
