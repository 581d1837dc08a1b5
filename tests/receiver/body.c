/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "body.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "strict.h"

#define DEPTH 64

const char *body_framing_text(enum body_framing f)
{
    static const char *const text[] = {"object", "array", "ndjson", "bulk"};
    return text[f];
}

static int decode_gzip(const struct buf *in, struct buf *out, struct buf *why)
{
    if (in->len > UINT_MAX) {
        (void)buf_append_str(why, "body too large");
        return -EINVAL;
    }
    z_stream z = {.next_in = (Bytef *)in->data, .avail_in = (uInt)in->len};
    if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK) {
        (void)buf_append_str(why, "zlib does not start");
        return -EINVAL;
    }
    int r;
    do {
        unsigned char piece[65536];
        z.next_out = piece;
        z.avail_out = sizeof piece;
        r = inflate(&z, Z_NO_FLUSH);
        if (r != Z_OK && r != Z_STREAM_END)
            break;
        if (buf_append(out, piece, sizeof piece - z.avail_out) < 0) {
            r = Z_MEM_ERROR;
            break;
        }
        /* a gzip file may have several members */
        if (r == Z_STREAM_END && z.avail_in > 0 && inflateReset(&z) == Z_OK)
            r = Z_OK;
    } while (r == Z_OK);
    (void)inflateEnd(&z);
    if (r == Z_STREAM_END)
        return 0;
    (void)buf_printf(why, "gzip: %s", z.msg != NULL ? z.msg : zError(r));
    return -EINVAL;
}

#ifdef HAVE_ZSTD
static int decode_zstd(const struct buf *in, struct buf *out, struct buf *why)
{
    ZSTD_DStream *z = ZSTD_createDStream();
    if (z == NULL) {
        (void)buf_append_str(why, "zstd does not start");
        return -EINVAL;
    }
    ZSTD_inBuffer from = {.src = in->data, .size = in->len};
    size_t left = 1;
    int r = 0;
    while (r == 0) {
        static _Thread_local char piece[65536];
        ZSTD_outBuffer to = {.dst = piece, .size = sizeof piece};
        left = ZSTD_decompressStream(z, &to, &from);
        if (ZSTD_isError(left)) {
            (void)buf_printf(why, "zstd: %s", ZSTD_getErrorName(left));
            r = -EINVAL;
        } else if (buf_append(out, piece, to.pos) < 0) {
            (void)buf_append_str(why, "body too large");
            r = -EINVAL;
        } else if (from.pos == from.size && to.pos < to.size) {
            break;
        }
    }
    ZSTD_freeDStream(z);
    if (r == 0 && left != 0) {
        (void)buf_append_str(why, "zstd: body ends early");
        r = -EINVAL;
    }
    return r;
}
#endif

int body_decode(const char *encoding, const struct buf *in, struct buf *out, struct buf *why)
{
    if (encoding == NULL || *encoding == '\0' || strcasecmp(encoding, "identity") == 0) {
        if (buf_append(out, in->data, in->len) == 0)
            return 0;
        (void)buf_append_str(why, "body too large");
        return -EINVAL;
    }
    if (strcasecmp(encoding, "gzip") == 0)
        return decode_gzip(in, out, why);
#ifdef HAVE_ZSTD
    if (strcasecmp(encoding, "zstd") == 0)
        return decode_zstd(in, out, why);
#endif
    (void)buf_printf(why, "Content-Encoding '%s' is not known here", encoding);
    return -EINVAL;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_blanks(const struct buf *b, size_t at)
{
    while (at < b->len && is_blank(b->data[at]))
        at++;
    return at;
}

enum body_framing body_find_framing(const char *path, const char *type, const struct buf *body)
{
    size_t at = skip_blanks(body, 0);
    size_t len = strlen(path);
    if (at < body->len && body->data[at] == '[')
        return BODY_ARRAY;
    if (len >= 6 && strcmp(path + len - 6, "/_bulk") == 0)
        return BODY_BULK;
    if (type != NULL && strncasecmp(type, "application/x-ndjson", 20) == 0)
        return BODY_NDJSON;
    return BODY_OBJECT;
}

struct split {
    const struct buf *body;
    struct json_tokener *tok;
    body_document_fn *fn;
    void *ctx;
    struct buf *why;
    long n;
};

/* Parse one object that starts at from and ends before to; *end is where it ended. */
static int take_object(struct split *s, size_t from, size_t to, size_t *end,
                       struct json_object **ret)
{
    *ret = NULL;
    if (to - from > INT_MAX) {
        (void)buf_append_str(s->why, "document too large");
        return -EINVAL;
    }
    json_tokener_reset(s->tok);
    struct json_object *obj = json_tokener_parse_ex(s->tok, s->body->data + from, (int)(to - from));
    enum json_tokener_error err = json_tokener_get_error(s->tok);
    size_t used = json_tokener_get_parse_end(s->tok);
    if (err != json_tokener_success || !json_object_is_type(obj, json_type_object)) {
        (void)buf_printf(s->why, "document %ld, byte %zu: %s", s->n + 1, from + used,
                         err == json_tokener_success ? "not an object"
                                                     : json_tokener_error_desc(err));
        json_object_put(obj);
        return -EINVAL;
    }
    const char *repeated;
    size_t repeated_len;
    size_t at;
    const char *fault =
        strict_json_object(s->body->data + from, used, &at, &repeated, &repeated_len);
    if (fault != NULL) {
        (void)buf_printf(s->why, "document %ld, byte %zu: %s", s->n + 1, from + at, fault);
        json_object_put(obj);
        return -EINVAL;
    }
    *end = from + used;
    *ret = obj;
    return 0;
}

/* The object in [from, to) and nothing else but blanks. */
static int take_line(struct split *s, size_t from, size_t to, bool action)
{
    struct json_object *obj;
    size_t end;
    int r = take_object(s, from, to, &end, &obj);
    if (r < 0)
        return r;
    for (size_t i = end; i < to && r == 0; i++) {
        if (is_blank(s->body->data[i]))
            continue;
        (void)buf_printf(s->why, "document %ld: more behind it at byte %zu", s->n + 1, i);
        r = -EINVAL;
    }
    if (r == 0 && action) {
        struct json_object_iterator it = json_object_iter_begin(obj);
        const char *name =
            json_object_object_length(obj) == 1 ? json_object_iter_peek_name(&it) : "";
        if (strcmp(name, "index") != 0 && strcmp(name, "create") != 0) {
            (void)buf_printf(s->why, "document %ld: no action line before it", s->n + 1);
            r = -EINVAL;
        }
    } else if (r == 0) {
        r = s->fn(s->ctx, s->body->data + from, end - from, obj);
        s->n++;
    }
    json_object_put(obj);
    return r;
}

static int split_lines(struct split *s, bool bulk)
{
    const struct buf *b = s->body;
    bool action = bulk;
    int r = 0;
    for (size_t at = 0; r == 0 && at < b->len;) {
        const char *lf = memchr(b->data + at, '\n', b->len - at);
        if (lf == NULL) {
            (void)buf_append_str(s->why, "the last line has no LF");
            return -EINVAL;
        }
        size_t to = (size_t)(lf - b->data);
        r = take_line(s, at, to, action);
        at = to + 1;
        action = bulk && !action;
    }
    if (r == 0 && bulk && !action) {
        (void)buf_append_str(s->why, "the last action line has no document");
        r = -EINVAL;
    }
    return r;
}

static int split_array(struct split *s)
{
    const struct buf *b = s->body;
    size_t at = skip_blanks(b, skip_blanks(b, 0) + 1);
    bool closed = false;
    if (at < b->len && b->data[at] == ']') {
        closed = true;
        at++;
    }
    while (!closed) {
        at = skip_blanks(b, at);
        if (at >= b->len)
            break;
        struct json_object *obj;
        size_t end;
        int r = take_object(s, at, b->len, &end, &obj);
        if (r < 0)
            return r;
        r = s->fn(s->ctx, b->data + at, end - at, obj);
        json_object_put(obj);
        if (r < 0)
            return r;
        s->n++;
        at = skip_blanks(b, end);
        if (at < b->len && b->data[at] == ']')
            closed = true;
        else if (at >= b->len || b->data[at] != ',')
            break;
        at++;
    }
    if (closed && skip_blanks(b, at) == b->len)
        return 0;
    (void)buf_printf(s->why, "not an array of documents at byte %zu", at);
    return -EINVAL;
}

long body_split(enum body_framing framing, const struct buf *body, body_document_fn *fn, void *ctx,
                struct buf *why)
{
    if (body->len == 0) {
        (void)buf_append_str(why, "no body");
        return -EINVAL;
    }
    struct split s = {.body = body, .fn = fn, .ctx = ctx, .why = why};
    s.tok = json_tokener_new_ex(DEPTH);
    if (s.tok == NULL)
        return -ENOMEM;
    /* json-c finds the end and makes the object; strict.h judges. Not json-c's strict mode: that of
     * version 0.18 refuses what is not ASCII [json-c, issue 892]. */
    json_tokener_set_flags(s.tok, JSON_TOKENER_ALLOW_TRAILING_CHARS | JSON_TOKENER_VALIDATE_UTF8);
    int r;
    switch (framing) {
    case BODY_ARRAY:
        r = split_array(&s);
        break;
    case BODY_NDJSON:
    case BODY_BULK:
        r = split_lines(&s, framing == BODY_BULK);
        break;
    default:
        r = take_line(&s, skip_blanks(body, 0), body->len, false);
        break;
    }
    json_tokener_free(s.tok);
    return r < 0 ? r : s.n;
}
