# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/deliver/batch.c \
    omauditjson/deliver/batch.h \
    omauditjson/deliver/blame.c \
    omauditjson/deliver/blame.h \
    omauditjson/deliver/reject.c \
    omauditjson/deliver/reject.h \
    omauditjson/deliver/compress.c \
    omauditjson/deliver/compress.h \
    omauditjson/deliver/conclude.c \
    omauditjson/deliver/conclude.h \
    omauditjson/deliver/deadknown.c \
    omauditjson/deliver/deadknown.h \
    omauditjson/deliver/deadletter.c \
    omauditjson/deliver/deadletter.h \
    omauditjson/deliver/deadletter_name.c \
    omauditjson/deliver/deadletter_name.h \
    omauditjson/deliver/deadread.c \
    omauditjson/deliver/deadread.h \
    omauditjson/deliver/deliver.c \
    omauditjson/deliver/deliver.h \
    omauditjson/deliver/deliver_ops.h \
    omauditjson/deliver/endpoint.c \
    omauditjson/deliver/endpoint.h \
    omauditjson/deliver/jsontext.c \
    omauditjson/deliver/jsontext.h \
    omauditjson/deliver/queue.c \
    omauditjson/deliver/queue.h \
    omauditjson/deliver/retry.c \
    omauditjson/deliver/retry.h \
    omauditjson/deliver/sender.c \
    omauditjson/deliver/sender.h

include omauditjson/deliver/receivers/local.mk
include omauditjson/deliver/transport/local.mk
