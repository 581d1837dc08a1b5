/* SPDX-License-Identifier: Apache-2.0 */
/* The format ecs: Elastic Common Schema 8, with auditbeat's names where ECS has none (user.audit,
 * user.saved, auditd.*). Keys and their order come from ecs_fields.def, actions from
 * ecs_syscalls.def and ecs_records.def, and the words of ECS's closed lists from ecs_values.def. */
#ifndef OMAUDITJSON_FORMAT_ECS_ECS_H
#define OMAUDITJSON_FORMAT_ECS_ECS_H

#include "format/format_kind.h"

extern const struct format_kind ecs_kind;

#endif
