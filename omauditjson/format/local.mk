# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/format/account.c \
    omauditjson/format/account.h \
    omauditjson/format/ends.c \
    omauditjson/format/ends.h \
    omauditjson/format/format.c \
    omauditjson/format/format.h \
    omauditjson/format/format_kind.h \
    omauditjson/format/format_stamp.h \
    omauditjson/format/formats.def \
    omauditjson/format/keys.h \
    omauditjson/format/leftover.c \
    omauditjson/format/leftover.h \
    omauditjson/format/notes.c \
    omauditjson/format/notes.h \
    omauditjson/format/outcome.c \
    omauditjson/format/outcome.h \
    omauditjson/format/paths.c \
    omauditjson/format/paths.def \
    omauditjson/format/paths.h \
    omauditjson/format/schema.c \
    omauditjson/format/schema.h \
    omauditjson/format/sockaddr.c \
    omauditjson/format/sockaddr.h \
    omauditjson/format/summary.c \
    omauditjson/format/summary.h \
    omauditjson/format/syscalls.c \
    omauditjson/format/syscalls.def \
    omauditjson/format/syscalls.h \
    omauditjson/format/types.c \
    omauditjson/format/types.h \
    omauditjson/format/view.c \
    omauditjson/format/view.h \
    omauditjson/format/words.c \
    omauditjson/format/words.h \
    omauditjson/format/written.c \
    omauditjson/format/written.h

include omauditjson/format/json/local.mk
include omauditjson/format/audisp/local.mk
include omauditjson/format/ecs/local.mk
include omauditjson/format/records/local.mk

schemadir = $(pkgdatadir)/schema
dist_schema_DATA = omauditjson/format/schema/audisp-json.schema.json \
    omauditjson/format/schema/ecs.schema.json \
    omauditjson/format/schema/records.schema.json
