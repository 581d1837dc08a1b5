/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/json/json_plain.h"

const struct json_key json_element_key = {"", 2, ",\""};
