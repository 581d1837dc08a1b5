# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/format/json/base64.c \
    omauditjson/format/json/base64.h \
    omauditjson/format/json/json_copy.c \
    omauditjson/format/json/json_copy.h \
    omauditjson/format/json/json_plain.c \
    omauditjson/format/json/json_plain.h \
    omauditjson/format/json/json_writer.c \
    omauditjson/format/json/json_writer.h \
    omauditjson/format/json/utf8.c \
    omauditjson/format/json/utf8.h
