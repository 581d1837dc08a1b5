/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/json/json_copy.h"

const uint8_t json_is_plain[256] = {
    [' ' ... '!'] = 1,
    ['#' ... '['] = 1,
    [']' ... 0x7f] = 1,
};
