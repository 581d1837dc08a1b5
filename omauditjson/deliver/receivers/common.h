/* SPDX-License-Identifier: Apache-2.0 */
/* Frames and judges that several receivers have in common. */
#ifndef OMAUDITJSON_DELIVER_RECEIVERS_COMMON_H
#define OMAUDITJSON_DELIVER_RECEIVERS_COMMON_H

#include "deliver/receivers/receiver.h"

struct json_object;

/* Text into a JSON string, without the quotes: at most six times its bytes, twice for UTF-8 without
 * control characters. */
int common_put_escaped(struct buf *body, const char *s, size_t len);

/* The answer's body as JSON, NULL: it is none; the caller puts it. */
struct json_object *common_parse(const struct answer *a);

/* The one document as it is; -EINVAL for more than one. */
int common_frame_one(const struct conf *conf, const struct deliver_event *events, size_t n,
                     struct buf *body, struct buf *headers);

/* Each document on a line of its own. */
int common_frame_lines(const struct conf *conf, const struct deliver_event *events, size_t n,
                       struct buf *body, struct buf *headers);

/* What a status means at any web server. */
enum outcome common_outcome(long status);

/* By the status alone: for receivers whose 2xx says all. */
void common_judge_status(const struct answer *a, size_t n, struct verdict *v);

#endif
