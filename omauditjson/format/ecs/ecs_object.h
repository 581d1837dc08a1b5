/* SPDX-License-Identifier: Apache-2.0 */
/* The object of the event: a file, an account, a process, an address. */
#ifndef OMAUDITJSON_FORMAT_ECS_ECS_OBJECT_H
#define OMAUDITJSON_FORMAT_ECS_ECS_OBJECT_H

#include "format/ecs/ecs_action.h"

/* Fill kind, primary, secondary, file and other; ecs_action_resolve() has filled the rest. */
void ecs_object_find(const struct view *v, struct ecs_what *what);

#endif
