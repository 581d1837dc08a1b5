# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/format/json_writer.c omauditjson/format/json_writer.h \
    omauditjson/format/sockaddr.c omauditjson/format/sockaddr.h \
    omauditjson/format/syscalls.c omauditjson/format/syscalls.h omauditjson/format/syscalls.def \
    omauditjson/format/utf8.c omauditjson/format/utf8.h
