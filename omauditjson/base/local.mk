# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/base/buf.c omauditjson/base/buf.h \
    omauditjson/base/clock.c omauditjson/base/clock.h \
    omauditjson/base/err.c omauditjson/base/err.h \
    omauditjson/base/log.c omauditjson/base/log.h \
    omauditjson/base/mem.c omauditjson/base/mem.h
