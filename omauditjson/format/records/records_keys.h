/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of the format records (keys.h). */
#ifndef OMAUDITJSON_FORMAT_RECORDS_RECORDS_KEYS_H
#define OMAUDITJSON_FORMAT_RECORDS_RECORDS_KEYS_H

#include "format/keys.h"

extern const struct format_key records_keys[];

#endif
