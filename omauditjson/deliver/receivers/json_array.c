/* SPDX-License-Identifier: Apache-2.0 */
/* Any web server: a JSON array of events. */
#include "config.h"
#include "deliver/receivers/common.h"

static int frame(const struct conf *conf, const struct deliver_event *events, size_t n,
                 struct buf *body, struct buf *headers)
{
    int r = buf_append_char(body, '[');

    (void)conf;
    (void)headers;
    for (size_t i = 0; i < n && r == 0; i++) {
        if (i)
            r = buf_append_char(body, ',');
        if (r == 0)
            r = buf_append(body, events[i].doc, events[i].doc_len);
    }
    return r == 0 ? buf_append_char(body, ']') : r;
}

const struct receiver receiver_json_array = {
    .name = "json-array",
    .via = RECEIVER_VIA_HTTP,
    .content_type = "application/json",
    .compress = true,
    .idempotency = true,
    .frame = frame,
    .judge = common_judge_status,
};
