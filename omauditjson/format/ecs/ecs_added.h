/* SPDX-License-Identifier: Apache-2.0 */
/* The constants of the option add, found once. Borrows the values from the configuration. */
#ifndef OMAUDITJSON_FORMAT_ECS_ECS_ADDED_H
#define OMAUDITJSON_FORMAT_ECS_ECS_ADDED_H

#include "format/ecs/ecs_doc.h"

struct conf;

void ecs_added_find(struct ecs_added *a, const struct conf *conf);

/* Write the row, which has a value. */
void ecs_added_put(struct ecs *e, const char *path, size_t len, enum conf_added row);

#endif
