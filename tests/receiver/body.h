/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a request, strictly: undo gzip or zstd, take it apart into documents (one object, a
 * JSON array, NDJSON, NDJSON with action lines), parse each with json-c's strict tokener and hand
 * out the very bytes that were sent. Owns nothing beyond a call; never repairs anything. */
#ifndef TESTS_RECEIVER_BODY_H
#define TESTS_RECEIVER_BODY_H

#include <json-c/json.h>
#include <stddef.h>

#include "base/buf.h"

enum body_framing { BODY_OBJECT, BODY_ARRAY, BODY_NDJSON, BODY_BULK };

const char *body_framing_text(enum body_framing f); /* "object" ... */

/* Undo encoding (NULL or "": none) from in to out. 0; -EINVAL with a message in why. */
int body_decode(const char *encoding, const struct buf *in, struct buf *out, struct buf *why);

/* What path and type (may be NULL) say the body is. */
enum body_framing body_find_framing(const char *path, const char *type, const struct buf *body);

/* Called for each document, in order: its bytes without surrounding blanks, and the parsed object
 * (borrowed). A negative answer ends body_split() with it. */
typedef int body_document_fn(void *ctx, const char *doc, size_t len, struct json_object *parsed);

/* Number of documents, or -EINVAL with a message in why: the first mistake ends it. */
long body_split(enum body_framing framing, const struct buf *body, body_document_fn *fn, void *ctx,
                struct buf *why);

#endif
