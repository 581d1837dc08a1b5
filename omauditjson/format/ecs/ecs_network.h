/* SPDX-License-Identifier: Apache-2.0 */
/* Source and destination of the event's connection or packet. */
#ifndef OMAUDITJSON_FORMAT_ECS_ECS_NETWORK_H
#define OMAUDITJSON_FORMAT_ECS_ECS_NETWORK_H

#include "format/ecs/ecs_doc.h"

/* Fill e->network from e->view and e->what. */
void ecs_network_find(struct ecs *e);

#endif
