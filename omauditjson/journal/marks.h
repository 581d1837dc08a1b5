/* SPDX-License-Identifier: Apache-2.0 */
/* The payloads of SEAL and DONE entries: sets of sequence numbers as varints of ranges. Pure
 * encoding, no I/O; decoding takes any bytes.
 *
 * DONE: ranges. SEAL: see seal.h; the numbers of each event in it are ranges too. A range is the
 * distance from the end of the one before (zigzag: records of an event may be given in any
 * order of events) and its length. */
#ifndef OMAUDITJSON_JOURNAL_MARKS_H
#define OMAUDITJSON_JOURNAL_MARKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Append seqs[0..n) in their order. 0 or -EMSGSIZE. */
int marks_put_seqs(struct buf *out, const uint64_t *seqs, size_t n);

struct marks_reader {
    const unsigned char *p;
    const unsigned char *end;
};

/* Read one varint. 0, or -EBADMSG at the end or when it is none. */
int marks_get(struct marks_reader *r, uint64_t *value);
int marks_put(struct buf *out, uint64_t value);
/* The same to memory of the caller's, at most MARKS_VARINT_MAX bytes. Returns what follows. */
#define MARKS_VARINT_MAX ((size_t)10)
unsigned char *marks_encode(unsigned char *out, uint64_t value);

/* Call each(ctx, first, count) for every range of one set. 0, -EBADMSG, or each()'s non-zero. */
int marks_get_seqs(struct marks_reader *r, int (*each)(void *ctx, uint64_t first, uint64_t count),
                   void *ctx);

#endif
