# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/format/audisp_json.c omauditjson/format/audisp_json.h \
    omauditjson/format/audisp_keys.c \
    omauditjson/format/base64.c omauditjson/format/base64.h \
    omauditjson/format/envelope.def omauditjson/format/paths.def \
    omauditjson/format/details.c omauditjson/format/details.h \
    omauditjson/format/details_keys.c omauditjson/format/details_keys.h \
    omauditjson/format/details_left.c omauditjson/format/details_lists.c omauditjson/format/details_lists.h \
    omauditjson/format/details_users.c omauditjson/format/details_users.h \
    omauditjson/format/ecs.c omauditjson/format/ecs.h omauditjson/format/ecs_doc.h \
    omauditjson/format/ecs_action.c omauditjson/format/ecs_action.h \
    omauditjson/format/ecs_auditd.c omauditjson/format/ecs_file.c \
    omauditjson/format/ecs_keys.c \
    omauditjson/format/ecs_network.c omauditjson/format/ecs_object.c \
    omauditjson/format/ecs_out.c omauditjson/format/ecs_out.h \
    omauditjson/format/ecs_process.c omauditjson/format/ecs_table.c \
    omauditjson/format/ecs_user.c \
    omauditjson/format/ecs_fields.def omauditjson/format/ecs_records.def \
    omauditjson/format/ecs_syscalls.def omauditjson/format/ecs_values.def \
    omauditjson/format/fields.def \
    omauditjson/format/format.c omauditjson/format/format.h \
    omauditjson/format/format_stamp.h omauditjson/format/format_kind.h omauditjson/format/formats.def \
    omauditjson/format/json_plain.h omauditjson/format/json_writer.c omauditjson/format/json_writer.h \
    omauditjson/format/keys.h \
    omauditjson/format/notes.c omauditjson/format/notes.h \
    omauditjson/format/outcome.c omauditjson/format/outcome.h \
    omauditjson/format/records.c omauditjson/format/records.h omauditjson/format/records.def \
    omauditjson/format/records_keys.c \
    omauditjson/format/records_split.c omauditjson/format/records_split.h \
    omauditjson/format/records_value.c omauditjson/format/records_value.h \
    omauditjson/format/schema.c omauditjson/format/schema.h \
    omauditjson/format/sockaddr.c omauditjson/format/sockaddr.h \
    omauditjson/format/summary.c omauditjson/format/summary.h \
    omauditjson/format/syscalls.c omauditjson/format/syscalls.h omauditjson/format/syscalls.def \
    omauditjson/format/utf8.c omauditjson/format/utf8.h \
    omauditjson/format/view.c omauditjson/format/view.h

schemadir = $(pkgdatadir)/schema
dist_schema_DATA = omauditjson/format/schema/audisp-json.schema.json \
    omauditjson/format/schema/ecs.schema.json \
    omauditjson/format/schema/records.schema.json
