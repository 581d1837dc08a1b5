# SPDX-License-Identifier: Apache-2.0
# All but main.c is one library that the program, the tests and the fuzz targets link.

OAJ_LIBS = $(AUDIT_LIBS) $(CURL_LIBS) $(JSONC_LIBS) $(ZLIB_LIBS) $(ZSTD_LIBS)

noinst_LIBRARIES += libomauditjson.a
libomauditjson_a_SOURCES = \
    omauditjson/convert.c omauditjson/convert.h \
    omauditjson/deadletters.c omauditjson/deadletters.h omauditjson/deadletters_requeue.c \
    omauditjson/engine.c omauditjson/engine.h \
    omauditjson/intake.c \
    omauditjson/emit.c \
    omauditjson/pipeline.c omauditjson/pipeline.h \
    omauditjson/pipeline_open.c \
    omauditjson/progress.c omauditjson/progress.h \
    omauditjson/requeue.c omauditjson/requeue.h \
    omauditjson/resume.c omauditjson/resume.h \
    omauditjson/seal.c omauditjson/seal.h

include omauditjson/base/local.mk
include omauditjson/input/local.mk
include omauditjson/journal/local.mk
include omauditjson/event/local.mk
include omauditjson/event/index.mk
include omauditjson/format/local.mk
include omauditjson/deliver/local.mk

rsyslogexec_PROGRAMS = omauditjson/omauditjson
omauditjson_omauditjson_SOURCES = omauditjson/main.c
omauditjson_omauditjson_LDADD = libomauditjson.a $(OAJ_LIBS)
