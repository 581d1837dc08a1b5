/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/audisp/audisp_rows.h"

/* What comes behind the colon, by the type of DETAIL_WRITER. */
#define KEY_STRING(key) JSON_KEY(key)
#define KEY_STRINGS(key) JSON_KEY_LIST(key)
#define KEY_OBJECTS(key) JSON_KEY_LIST(key)
#define KEY_MAP(key) JSON_KEY_OBJECT(key)

const struct json_key audisp_rows[AUDISP_ROWS] = {
#define DETAIL(key, set, record, field, example, text) JSON_KEY(#key),
#define DETAIL2(key, set, record, field, other_record, other_field, example, text) JSON_KEY(#key),
#define DETAIL_USER(key, set, field, example, text) JSON_KEY(#key),
#define DETAIL_SELINUX(key, set, field, example, text) JSON_KEY(#key),
#define DETAIL_WRITER(key, set, function, type, pattern, source, example, text) KEY_##type(#key),
#include "format/audisp/audisp_details.def"
#undef DETAIL
#undef DETAIL2
#undef DETAIL_USER
#undef DETAIL_SELINUX
#undef DETAIL_WRITER
};
