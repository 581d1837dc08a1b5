# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/deliver/receivers/receiver.c \
    omauditjson/deliver/receivers/receiver.h \
    omauditjson/deliver/receivers/receivers.def
