# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/input/lineio.c omauditjson/input/lineio.h \
    omauditjson/input/omprog.c omauditjson/input/omprog.h
