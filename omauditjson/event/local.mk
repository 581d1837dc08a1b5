# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/event/event.c omauditjson/event/event.h omauditjson/event/field_names.def \
    omauditjson/event/decode.c omauditjson/event/decode.h \
    omauditjson/event/execve.c omauditjson/event/execve.h \
    omauditjson/event/fields.c omauditjson/event/fields.h \
    omauditjson/event/fields_special.c omauditjson/event/fields_special.h \
    omauditjson/event/lineage.c omauditjson/event/lineage.h \
    omauditjson/event/names.c omauditjson/event/names.h \
    omauditjson/event/parse.c omauditjson/event/parse.h
