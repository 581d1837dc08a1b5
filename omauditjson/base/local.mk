# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/base/aside.c \
    omauditjson/base/aside.h \
    omauditjson/base/buf.c \
    omauditjson/base/buf.h \
    omauditjson/base/callfilter.c \
    omauditjson/base/callfilter.h \
    omauditjson/base/clock.c \
    omauditjson/base/clock.h \
    omauditjson/base/environment.c \
    omauditjson/base/environment.h \
    omauditjson/base/err.c \
    omauditjson/base/err.h \
    omauditjson/base/harden.c \
    omauditjson/base/harden.h \
    omauditjson/base/hex.h \
    omauditjson/base/landlock.c \
    omauditjson/base/landlock.h \
    omauditjson/base/log.c \
    omauditjson/base/log.h \
    omauditjson/base/mem.c \
    omauditjson/base/mem.h \
    omauditjson/base/pages.c \
    omauditjson/base/pages.h \
    omauditjson/base/privileges.c \
    omauditjson/base/privileges.h \
    omauditjson/base/scan.h \
    omauditjson/base/stats.c \
    omauditjson/base/stats.def \
    omauditjson/base/stats.h
