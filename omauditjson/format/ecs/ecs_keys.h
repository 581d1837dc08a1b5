/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of the format ecs (keys.h). */
#ifndef OMAUDITJSON_FORMAT_ECS_ECS_KEYS_H
#define OMAUDITJSON_FORMAT_ECS_ECS_KEYS_H

#include "format/keys.h"

extern const struct format_key ecs_keys[];

#endif
