/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the two ends of the event's connection or packet. */
#ifndef OMAUDITJSON_FORMAT_ECS_ECS_NETWORK_H
#define OMAUDITJSON_FORMAT_ECS_ECS_NETWORK_H

#include "format/ecs/ecs_doc.h"

/* Fill e->network; e->what is filled. */
void ecs_network_find(struct ecs *e);

#endif
