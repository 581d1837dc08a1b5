/* SPDX-License-Identifier: Apache-2.0 */
/* Users and groups: the number that a field has, and the name that auditd or the host gives it. */
#ifndef OMAUDITJSON_FORMAT_ECS_ECS_USER_H
#define OMAUDITJSON_FORMAT_ECS_ECS_USER_H

#include "format/ecs/ecs_doc.h"

/* Write id and name of the field of the record, nothing without one; `enriched` is its name in the
 * enriched part. */
void ecs_user_put(struct ecs *e, const char *id, size_t id_len, const char *name, size_t name_len,
                  const struct event_record *rec, enum event_name field, const char *enriched);
void ecs_user_put_group(struct ecs *e, const char *id, size_t id_len, const char *name,
                        size_t name_len, const struct event_record *rec, enum event_name field,
                        const char *enriched);

#endif
