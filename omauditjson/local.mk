# SPDX-License-Identifier: Apache-2.0
# All but main.c is one library that the program, the tests and the fuzz targets link.

OAJ_LIBS = $(AUDIT_LIBS) $(CURL_LIBS) $(JSONC_LIBS) $(ZLIB_LIBS) $(ZSTD_LIBS) $(SECCOMP_LIBS)

noinst_LIBRARIES += libomauditjson.a
libomauditjson_a_SOURCES =

include omauditjson/base/local.mk
include omauditjson/conf/local.mk
include omauditjson/input/local.mk
include omauditjson/journal/local.mk
include omauditjson/event/local.mk
include omauditjson/event/index.mk
include omauditjson/format/local.mk
include omauditjson/deliver/local.mk
include omauditjson/engine/local.mk
include omauditjson/commands/local.mk

rsyslogexec_PROGRAMS = omauditjson/omauditjson
omauditjson_omauditjson_SOURCES = omauditjson/main.c
omauditjson_omauditjson_LDADD = libomauditjson.a $(OAJ_LIBS)
