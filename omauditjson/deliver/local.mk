# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/deliver/batch.c omauditjson/deliver/batch.h \
    omauditjson/deliver/compress.c omauditjson/deliver/compress.h \
    omauditjson/deliver/conceal.c omauditjson/deliver/conceal.h \
    omauditjson/deliver/deadread.c omauditjson/deliver/deadread.h \
    omauditjson/deliver/deadletter.c omauditjson/deliver/deadletter.h \
    omauditjson/deliver/deliver.c omauditjson/deliver/deliver.h \
    omauditjson/deliver/deliver_internal.h \
    omauditjson/deliver/endpoint.c omauditjson/deliver/endpoint.h \
    omauditjson/deliver/http.c omauditjson/deliver/http.h \
    omauditjson/deliver/http_wait.c omauditjson/deliver/http_wait.h \
    omauditjson/deliver/http_errors.c \
    omauditjson/deliver/http_options.c omauditjson/deliver/http_options.h \
    omauditjson/deliver/output.c omauditjson/deliver/output.h \
    omauditjson/deliver/receiver.c omauditjson/deliver/receiver.h \
    omauditjson/deliver/receivers.def \
    omauditjson/deliver/retry.c omauditjson/deliver/retry.h \
    omauditjson/deliver/sender.c \
    omauditjson/deliver/text.c omauditjson/deliver/text.h
