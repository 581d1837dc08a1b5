/* SPDX-License-Identifier: Apache-2.0 */
/* JSON lines to standard output's stand-in: only where standard output is no wire. */
#include "config.h"
#include "deliver/receivers/common.h"

const struct receiver receiver_descriptor = {
    .name = "stdout",
    .via = RECEIVER_VIA_DESCRIPTOR,
    .frame = common_frame_lines,
    .judge = common_judge_status,
};
