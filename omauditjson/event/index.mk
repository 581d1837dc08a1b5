# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/event/group.c omauditjson/event/group.h omauditjson/event/group_take.c \
    omauditjson/event/group_internal.h \
    omauditjson/event/recent.c omauditjson/event/recent.h omauditjson/event/recent_file.c \
    omauditjson/event/recent_internal.h \
    omauditjson/event/ring.c omauditjson/event/ring.h
