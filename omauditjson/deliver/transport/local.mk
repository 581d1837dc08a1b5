# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/deliver/transport/conceal.c \
    omauditjson/deliver/transport/conceal.h \
    omauditjson/deliver/transport/http.c \
    omauditjson/deliver/transport/http.h \
    omauditjson/deliver/transport/http_early.c \
    omauditjson/deliver/transport/http_early.h \
    omauditjson/deliver/transport/http_errors.c \
    omauditjson/deliver/transport/http_options.c \
    omauditjson/deliver/transport/http_options.h \
    omauditjson/deliver/transport/http_wait.c \
    omauditjson/deliver/transport/http_wait.h \
    omauditjson/deliver/transport/output.c \
    omauditjson/deliver/transport/output.h \
    omauditjson/deliver/transport/text.c \
    omauditjson/deliver/transport/text.h
