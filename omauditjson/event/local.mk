# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/event/event.c omauditjson/event/event.h omauditjson/event/field_names.def
