/* SPDX-License-Identifier: Apache-2.0 */
/* MozDef's /_bulk: NDJSON with a line {"index":{}} before each event. 500 as mozdef.c. */
#include "config.h"
#include "deliver/receivers/common.h"

static int frame(const struct conf *conf, const struct deliver_event *events, size_t n,
                 struct buf *body, struct buf *headers)
{
    int r = 0;

    (void)conf;
    (void)headers;
    for (size_t i = 0; i < n && r == 0; i++) {
        r = buf_append_str(body, "{\"index\":{}}\n");
        if (r == 0)
            r = buf_append(body, events[i].doc, events[i].doc_len);
        if (r == 0)
            r = buf_append_char(body, '\n');
    }
    return r;
}

const struct receiver receiver_mozdef_bulk = {
    .name = "mozdef-bulk",
    .via = RECEIVER_VIA_HTTP,
    .content_type = "application/x-ndjson",
    .path = "/_bulk",
    .ambiguous_500 = true,
    .frame = frame,
    .judge = common_judge_status,
};
