/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/compress.h"

#include <errno.h>
#include <stdint.h>
#include <zlib.h>
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "conf/conf.h"

/* Audit events repeat themselves so much that higher levels gain a few percent and cost double. */
#define GZIP_LEVEL 3
#define GZIP_WINDOW (15 + 16) /* + 16: gzip's header and checksum [zlib.h, deflateInit2] */
#define ZSTD_LEVEL 3
#define CHUNK ((size_t)64 * 1024)

bool compress_available(int how)
{
#ifdef HAVE_ZSTD
    return how == CONF_COMPRESS_NONE || how == CONF_COMPRESS_GZIP || how == CONF_COMPRESS_ZSTD;
#else
    return how == CONF_COMPRESS_NONE || how == CONF_COMPRESS_GZIP;
#endif
}

const char *compress_encoding(int how)
{
    switch (how) {
    case CONF_COMPRESS_GZIP:
        return "gzip";
    case CONF_COMPRESS_ZSTD:
        return "zstd";
    default:
        return NULL;
    }
}

/* Room for one chunk more, or for what is left below the maximum. */
static int more_room(struct buf *out)
{
    size_t left = out->max - out->len;

    if (left == 0)
        return -EMSGSIZE;
    return buf_reserve(out, left < CHUNK ? left : CHUNK);
}

static int gzip(const struct buf *in, struct buf *out)
{
    z_stream z = {0};
    size_t fed = 0;
    int r = 0, z_r = Z_OK;

    if (deflateInit2(&z, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return -ENOMEM;
    while (z_r != Z_STREAM_END) {
        size_t room, part;

        r = more_room(out);
        if (r < 0)
            break;
        if (z.avail_in == 0 && fed < in->len) {
            part = in->len - fed < UINT32_MAX / 2 ? in->len - fed : UINT32_MAX / 2;
            z.next_in = (Bytef *)in->data + fed;
            z.avail_in = (uInt)part;
            fed += part;
        }
        room =
            out->cap - out->len < out->max - out->len ? out->cap - out->len : out->max - out->len;
        if (room > UINT32_MAX / 2)
            room = UINT32_MAX / 2;
        z.next_out = (Bytef *)out->data + out->len;
        z.avail_out = (uInt)room;
        z_r = deflate(&z, fed == in->len ? Z_FINISH : Z_NO_FLUSH);
        out->len += room - z.avail_out;
    }
    deflateEnd(&z);
    return r;
}

#ifdef HAVE_ZSTD
static int zstd(const struct buf *in, struct buf *out)
{
    size_t bound = ZSTD_compressBound(in->len), n;
    int r;

    if (bound > out->max)
        bound = out->max;
    r = buf_reserve(out, bound);
    if (r < 0)
        return r;
    n = ZSTD_compress(out->data, bound, in->data, in->len, ZSTD_LEVEL);
    if (ZSTD_isError(n))
        return -EMSGSIZE;
    out->len = n;
    return 0;
}
#endif

int compress_buf(int how, const struct buf *in, struct buf *out)
{
    if (how == CONF_COMPRESS_GZIP)
        return gzip(in, out);
#ifdef HAVE_ZSTD
    if (how == CONF_COMPRESS_ZSTD)
        return zstd(in, out);
#endif
    return -ENOTSUP;
}
