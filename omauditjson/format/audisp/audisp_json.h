/* SPDX-License-Identifier: Apache-2.0 */
/* The format audisp-json: the MozDef event that audisp-json sends. The keys and their order are
 * those of the tables in envelope.def, audisp_details.def and paths.def; categories are those of
 * syscalls.def. */
#ifndef OMAUDITJSON_FORMAT_AUDISP_AUDISP_JSON_H
#define OMAUDITJSON_FORMAT_AUDISP_AUDISP_JSON_H

#include "format/format_kind.h"

extern const struct format_kind audisp_json_kind;

#endif
