/* SPDX-License-Identifier: Apache-2.0 */
/* Any web server: one event a request. */
#include "config.h"
#include "deliver/receivers/common.h"

const struct receiver receiver_single = {
    .name = "single",
    .via = RECEIVER_VIA_HTTP,
    .content_type = "application/json",
    .single = true,
    .compress = true,
    .idempotency = true,
    .frame = common_frame_one,
    .judge = common_judge_status,
};
