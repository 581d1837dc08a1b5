# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/conf/added.def \
    omauditjson/conf/conf.h \
    omauditjson/conf/conf_added.c \
    omauditjson/conf/conf_added.h \
    omauditjson/conf/conf_check.c \
    omauditjson/conf/conf_clear.c \
    omauditjson/conf/conf_defaults.c \
    omauditjson/conf/conf_file.c \
    omauditjson/conf/conf_index.c \
    omauditjson/conf/conf_index.h \
    omauditjson/conf/conf_load.c \
    omauditjson/conf/conf_secret.c \
    omauditjson/conf/conf_table.c \
    omauditjson/conf/conf_table.h \
    omauditjson/conf/conf_value.c \
    omauditjson/conf/options.def \
    omauditjson/conf/receiver_defaults.def \
    omauditjson/conf/receivers.def
