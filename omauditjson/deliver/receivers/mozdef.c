/* SPDX-License-Identifier: Apache-2.0 */
/* MozDef's /events: one event a request. It answers 500 both when its queue is down and when it
 * cannot read the event. */
#include "config.h"
#include "deliver/receivers/common.h"

const struct receiver receiver_mozdef = {
    .name = "mozdef",
    .via = RECEIVER_VIA_HTTP,
    .content_type = "application/json",
    .path = "/events",
    .single = true,
    .ambiguous_500 = true,
    .frame = common_frame_one,
    .judge = common_judge_status,
};
