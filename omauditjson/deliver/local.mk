# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/deliver/batch.c omauditjson/deliver/batch.h \
    omauditjson/deliver/compress.c omauditjson/deliver/compress.h \
    omauditjson/deliver/deadletter.c omauditjson/deliver/deadletter.h \
    omauditjson/deliver/deliver.h \
    omauditjson/deliver/receiver.c omauditjson/deliver/receiver.h \
    omauditjson/deliver/receivers.def \
    omauditjson/deliver/retry.c omauditjson/deliver/retry.h
