# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/base/aside.c omauditjson/base/aside.h \
    omauditjson/base/buf.c omauditjson/base/buf.h \
    omauditjson/base/clock.c omauditjson/base/clock.h \
    omauditjson/base/conf.c omauditjson/base/conf.h \
    omauditjson/base/conf_check.c \
    omauditjson/base/conf_file.c \
    omauditjson/base/conf_secret.c \
    omauditjson/base/conf_table.c omauditjson/base/conf_table.h omauditjson/base/options.def \
    omauditjson/base/conf_value.c \
    omauditjson/base/err.c omauditjson/base/err.h \
    omauditjson/base/harden.c omauditjson/base/harden.h \
    omauditjson/base/log.c omauditjson/base/log.h \
    omauditjson/base/mem.c omauditjson/base/mem.h \
    omauditjson/base/pages.c omauditjson/base/pages.h \
    omauditjson/base/scan.h \
    omauditjson/base/stats.c omauditjson/base/stats.h omauditjson/base/stats.def
