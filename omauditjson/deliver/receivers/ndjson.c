/* SPDX-License-Identifier: Apache-2.0 */
/* Any web server: an event a line. */
#include "config.h"
#include "deliver/receivers/common.h"

const struct receiver receiver_ndjson = {
    .name = "ndjson",
    .via = RECEIVER_VIA_HTTP,
    .content_type = "application/x-ndjson",
    .compress = true,
    .idempotency = true,
    .frame = common_frame_lines,
    .judge = common_judge_status,
};
