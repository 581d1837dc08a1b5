# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/format/ecs/ecs.c \
    omauditjson/format/ecs/ecs.h \
    omauditjson/format/ecs/ecs_action.c \
    omauditjson/format/ecs/ecs_action.h \
    omauditjson/format/ecs/ecs_added.c \
    omauditjson/format/ecs/ecs_added.h \
    omauditjson/format/ecs/ecs_auditd.c \
    omauditjson/format/ecs/ecs_doc.c \
    omauditjson/format/ecs/ecs_doc.h \
    omauditjson/format/ecs/ecs_event.c \
    omauditjson/format/ecs/ecs_fields.def \
    omauditjson/format/ecs/ecs_file.c \
    omauditjson/format/ecs/ecs_keys.c \
    omauditjson/format/ecs/ecs_keys.h \
    omauditjson/format/ecs/ecs_writers.h \
    omauditjson/format/ecs/ecs_network.c \
    omauditjson/format/ecs/ecs_network.h \
    omauditjson/format/ecs/ecs_object.c \
    omauditjson/format/ecs/ecs_object.h \
    omauditjson/format/ecs/ecs_out.c \
    omauditjson/format/ecs/ecs_out.h \
    omauditjson/format/ecs/ecs_process.c \
    omauditjson/format/ecs/ecs_records.def \
    omauditjson/format/ecs/ecs_syscalls.def \
    omauditjson/format/ecs/ecs_table.c \
    omauditjson/format/ecs/ecs_table.h \
    omauditjson/format/ecs/ecs_user.c \
    omauditjson/format/ecs/ecs_user.h \
    omauditjson/format/ecs/ecs_values.def \
    omauditjson/format/ecs/ecs_writers.h
