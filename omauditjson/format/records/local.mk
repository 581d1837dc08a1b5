# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/format/records/records.c \
    omauditjson/format/records/records.def \
    omauditjson/format/records/records.h \
    omauditjson/format/records/records_head.c \
    omauditjson/format/records/records_head.h \
    omauditjson/format/records/records_keys.c \
    omauditjson/format/records/records_keys.h \
    omauditjson/format/records/records_mark.h \
    omauditjson/format/records/records_split.c \
    omauditjson/format/records/records_split.h \
    omauditjson/format/records/records_value.c \
    omauditjson/format/records/records_value.h
