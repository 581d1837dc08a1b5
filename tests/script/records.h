/* SPDX-License-Identifier: Apache-2.0 */
/* Records for tests to send, by a short name: login syscall execve cwd path proctitle eoe. */
#ifndef TESTS_SCRIPT_RECORDS_H
#define TESTS_SCRIPT_RECORDS_H

#include <stdbool.h>

#include "base/buf.h"

/* Append the record of that kind with that serial (the time follows from it), no LF. False: there
 * is no such kind. */
bool records_put(struct buf *out, const char *kind, unsigned long serial);

#endif
