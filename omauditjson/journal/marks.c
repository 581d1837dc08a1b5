/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "journal/marks.h"

#include <errno.h>

unsigned char *marks_encode(unsigned char *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *out++ = (unsigned char)(value | 0x80);
    *out++ = (unsigned char)value;
    return out;
}

int marks_put(struct buf *out, uint64_t value)
{
    unsigned char bytes[MARKS_VARINT_MAX];

    return buf_append(out, bytes, (size_t)(marks_encode(bytes, value) - bytes));
}

int marks_get(struct marks_reader *r, uint64_t *value)
{
    uint64_t v = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        unsigned char c;

        if (r->p >= r->end)
            return -EBADMSG;
        c = *r->p++;
        if (shift == 63 && c > 1)
            return -EBADMSG;
        v |= (uint64_t)(c & 0x7f) << shift;
        if (!(c & 0x80)) {
            *value = v;
            return 0;
        }
    }
    return -EBADMSG;
}

static size_t run_length(const uint64_t *seqs, size_t n)
{
    size_t run = 1;

    while (run < n && seqs[run] == seqs[run - 1] + 1)
        run++;
    return run;
}

int marks_put_seqs(struct buf *out, const uint64_t *seqs, size_t n)
{
    uint64_t at = 0;
    size_t ranges = 0, run;
    int r;

    for (size_t i = 0; i < n; i += run_length(seqs + i, n - i))
        ranges++;
    r = marks_put(out, ranges);
    for (size_t i = 0; i < n && r == 0; i += run) {
        int64_t gap = (int64_t)(seqs[i] - at);

        run = run_length(seqs + i, n - i);
        r = marks_put(out, ((uint64_t)gap << 1) ^ (gap < 0 ? UINT64_MAX : 0));
        if (r == 0)
            r = marks_put(out, run);
        at = seqs[i] + run;
    }
    return r;
}

int marks_get_seqs(struct marks_reader *r, int (*each)(void *ctx, uint64_t first, uint64_t count),
                   void *ctx)
{
    uint64_t at = 0, ranges, zigzag, count;
    int e;

    if (marks_get(r, &ranges) < 0)
        return -EBADMSG;
    while (ranges--) {
        if (marks_get(r, &zigzag) < 0 || marks_get(r, &count) < 0 || count == 0)
            return -EBADMSG;
        at += (zigzag >> 1) ^ (~(zigzag & 1) + 1);
        if (at + count < at)
            return -EBADMSG;
        e = each(ctx, at, count);
        if (e)
            return e;
        at += count;
    }
    return 0;
}
