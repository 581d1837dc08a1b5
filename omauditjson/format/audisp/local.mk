# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/format/audisp/audisp_details.c \
    omauditjson/format/audisp/audisp_details.def \
    omauditjson/format/audisp/audisp_details.h \
    omauditjson/format/audisp/audisp_json.c \
    omauditjson/format/audisp/audisp_json.h \
    omauditjson/format/audisp/audisp_keys.c \
    omauditjson/format/audisp/audisp_keys.h \
    omauditjson/format/audisp/audisp_lists.c \
    omauditjson/format/audisp/audisp_lists.h \
    omauditjson/format/audisp/audisp_rows.c \
    omauditjson/format/audisp/audisp_rows.h \
    omauditjson/format/audisp/audisp_users.c \
    omauditjson/format/audisp/audisp_users.h \
    omauditjson/format/audisp/envelope.def
