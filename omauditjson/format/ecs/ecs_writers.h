/* SPDX-License-Identifier: Apache-2.0 */
/* The functions that ecs_fields.def names, each of which writes one key where the event has a value
 * for it: of the event in ecs_event.c, of processes in ecs_process.c, of users and groups in
 * ecs_user.c, of files in ecs_file.c, of addresses in ecs_network.c, the rest in ecs_auditd.c. */
#ifndef OMAUDITJSON_FORMAT_ECS_ECS_WRITERS_H
#define OMAUDITJSON_FORMAT_ECS_ECS_WRITERS_H

#include "format/ecs/ecs_doc.h"

#define ECS_WRITER(path, function, type, required, pattern, source, example, text) \
    void ecs_write_##function(struct ecs *e, const char *path_, size_t len_);
#include "format/ecs/ecs_fields.def"

#endif
