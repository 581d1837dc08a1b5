/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of the format audisp-json (keys.h). */
#ifndef OMAUDITJSON_FORMAT_AUDISP_AUDISP_KEYS_H
#define OMAUDITJSON_FORMAT_AUDISP_AUDISP_KEYS_H

#include "format/keys.h"

extern const struct format_key audisp_json_keys[];

#endif
