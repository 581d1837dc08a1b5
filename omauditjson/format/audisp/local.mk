# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/format/audisp/audisp_json.c \
    omauditjson/format/audisp/audisp_json.h \
    omauditjson/format/audisp/audisp_keys.c \
    omauditjson/format/audisp/envelope.def
