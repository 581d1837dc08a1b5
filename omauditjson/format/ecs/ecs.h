/* SPDX-License-Identifier: Apache-2.0 */
/* The format ecs: Elastic Common Schema 8, with the names that auditbeat has for what ECS has not
 * (user.audit, user.saved, auditd.*). The keys and their order are those of ecs_fields.def; what
 * happened comes from ecs_syscalls.def and ecs_records.def; no other words than those of
 * ecs_values.def stand where ECS has a list of words. */
#ifndef OMAUDITJSON_FORMAT_ECS_ECS_H
#define OMAUDITJSON_FORMAT_ECS_ECS_H

#include "format/format_kind.h"

extern const struct format_kind ecs_kind;

#endif
