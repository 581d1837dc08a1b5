/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of audisp_details.def as they are written. Static data. */
#ifndef OMAUDITJSON_FORMAT_AUDISP_AUDISP_ROWS_H
#define OMAUDITJSON_FORMAT_AUDISP_AUDISP_ROWS_H

#include "format/json/json_plain.h"

enum audisp_row {
#define DETAIL(key, set, record, field, example, text) AUDISP_ROW_##key,
#define DETAIL2(key, set, record, field, other_record, other_field, example, text) AUDISP_ROW_##key,
#define DETAIL_USER(key, set, field, example, text) AUDISP_ROW_##key,
#define DETAIL_SELINUX(key, set, field, example, text) AUDISP_ROW_##key,
#define DETAIL_WRITER(key, set, function, type, pattern, source, example, text) AUDISP_ROW_##key,
#include "format/audisp/audisp_details.def"
#undef DETAIL
#undef DETAIL2
#undef DETAIL_USER
#undef DETAIL_SELINUX
#undef DETAIL_WRITER
    AUDISP_ROWS
};

extern const struct json_key audisp_rows[AUDISP_ROWS];

#define AUDISP_ROW(key) (&audisp_rows[AUDISP_ROW_##key])

#endif
