/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of fields.def and paths.def as they are written. Static data. */
#ifndef OMAUDITJSON_FORMAT_DETAILS_KEYS_H
#define OMAUDITJSON_FORMAT_DETAILS_KEYS_H

#include "format/json/json_plain.h"

enum details_row {
#define DETAIL(key, set, record, field, example, text) DETAILS_##key,
#define DETAIL2(key, set, record, field, other_record, other_field, example, text) DETAILS_##key,
#define DETAIL_USER(key, set, field, example, text) DETAILS_##key,
#define DETAIL_SELINUX(key, set, field, example, text) DETAILS_##key,
#define DETAIL_MADE(key, set, function, type, pattern, source, example, text) DETAILS_##key,
#include "format/fields.def"
#undef DETAIL
#undef DETAIL2
#undef DETAIL_USER
#undef DETAIL_SELINUX
#undef DETAIL_MADE
    DETAILS_ROWS
};

enum details_path_member {
    DETAILS_PATH_NONE,
#define PATH_MEMBER(name, example, text) DETAILS_PATH_##name,
#include "format/paths.def"
#undef PATH_MEMBER
    DETAILS_PATH_MEMBERS
};

extern const struct json_key details_keys[DETAILS_ROWS];
extern const struct json_key details_path_keys[DETAILS_PATH_MEMBERS];

#endif
