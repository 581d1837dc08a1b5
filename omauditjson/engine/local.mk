# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/engine/confine.c \
    omauditjson/engine/confine.h \
    omauditjson/engine/emit.c \
    omauditjson/engine/engine.c \
    omauditjson/engine/engine.h \
    omauditjson/engine/intake.c \
    omauditjson/engine/pipeline.c \
    omauditjson/engine/pipeline.h \
    omauditjson/engine/pipeline_open.c \
    omauditjson/engine/requeue.c \
    omauditjson/engine/requeue.h \
    omauditjson/engine/resume.c \
    omauditjson/engine/resume.h \
    omauditjson/engine/salvage.c omauditjson/engine/salvage.h \
    omauditjson/engine/seal.c \
    omauditjson/engine/seal.h \
    omauditjson/engine/state.c \
    omauditjson/engine/state.h \
    omauditjson/engine/twice.c \
    omauditjson/engine/twice.h
