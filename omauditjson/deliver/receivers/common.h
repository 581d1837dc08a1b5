/* SPDX-License-Identifier: Apache-2.0 */
/* Frames and judges that several receivers have in common. */
#ifndef OMAUDITJSON_DELIVER_RECEIVERS_COMMON_H
#define OMAUDITJSON_DELIVER_RECEIVERS_COMMON_H

#include "deliver/receivers/receiver.h"

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
