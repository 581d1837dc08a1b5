/* SPDX-License-Identifier: Apache-2.0 */
/* Request bodies made smaller: gzip, and zstd where it was built in. Pure: a buffer in, a buffer
 * out. how is an enum conf_compress. */
#ifndef OMAUDITJSON_DELIVER_COMPRESS_H
#define OMAUDITJSON_DELIVER_COMPRESS_H

#include <stdbool.h>

#include "base/buf.h"

/* Was it built in? Always true for none and gzip. */
bool compress_available(int how);

/* The word for Content-Encoding, NULL for none. */
const char *compress_encoding(int how);

/* Compress in into out (empty). 0; -EMSGSIZE when it does not fit in out's maximum; -ENOTSUP for
 * none and for what was not built in. out is to be thrown away after an error. */
int compress_buf(int how, const struct buf *in, struct buf *out);

#endif
