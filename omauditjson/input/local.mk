# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/input/cutoff.c omauditjson/input/cutoff.h \
    omauditjson/input/linger.c omauditjson/input/linger.h \
    omauditjson/input/lineio.c omauditjson/input/lineio.h \
    omauditjson/input/omprog.c omauditjson/input/omprog.h \
    omauditjson/input/record.c omauditjson/input/record.h \
    omauditjson/input/rectype.c omauditjson/input/rectype.h
