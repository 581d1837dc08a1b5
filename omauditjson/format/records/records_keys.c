/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/records/records_keys.h"

#define NAME_PATTERN "^[A-Za-z_][A-Za-z0-9_.[\\]-]{0,63}(#[0-9]+)?$"

const struct format_key records_keys[] = {
#define RECORDS_KEY(path, type, must, pattern, source, example, text) \
    {path, FORMAT_KEY_##type, must, pattern, source, example, text},
#include "format/records/records.def"
#undef RECORDS_KEY
    {.path = NULL},
};
