/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON schema (draft 2020-12) of a format, made from its rows (keys.h): every key with its type
 * and no other key. The files in format/schema are its output; tests/unit/test_schema compares. */
#ifndef OMAUDITJSON_FORMAT_SCHEMA_H
#define OMAUDITJSON_FORMAT_SCHEMA_H

#include "base/buf.h"
#include "format/format_kind.h"

#define SCHEMA_MAX ((size_t)512 * 1024)

/* Append the schema, indented, with an LF at the end; out has room for SCHEMA_MAX. */
void schema_write(const struct format_kind *kind, struct buf *out);

#endif
