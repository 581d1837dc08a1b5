/* SPDX-License-Identifier: Apache-2.0 */
/* A file, url = file:///PATH: JSON lines, synced. Its answers are output.c's. */
#include "config.h"
#include "deliver/receivers/common.h"

const struct receiver receiver_file = {
    .name = "file",
    .via = RECEIVER_VIA_FILE,
    .frame = common_frame_lines,
    .judge = common_judge_status,
};
