/* SPDX-License-Identifier: Apache-2.0 */
/* Receivers that are no server: a file that is appended to and synced, a descriptor that was
 * handed in. What came of it is said as an answer, as if a server had spoken. */
#ifndef OMAUDITJSON_DELIVER_TRANSPORT_OUTPUT_H
#define OMAUDITJSON_DELIVER_TRANSPORT_OUTPUT_H

#include <stddef.h>

#include "base/buf.h"
#include "deliver/receivers/receiver.h"

/* The path in a file:///path URL, percent signs decoded; caller frees; NULL: no such URL. */
char *output_path(const char *url);

/* Append body to the file of url and fdatasync it, all or nothing. The file is opened each time, so
 * that it can be renamed away. */
void output_append(const char *url, const struct buf *body, struct answer *ret);

/* Write what follows *written of body as far as fd takes it without waiting. 1: all is written and
 * ret is filled; 0: the rest later, when fd is writable; -errno: ret says why. */
int output_write(int fd, const struct buf *body, size_t *written, struct answer *ret);

#endif
