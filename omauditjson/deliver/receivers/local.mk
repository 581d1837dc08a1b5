# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/deliver/receivers/bulk.c \
    omauditjson/deliver/receivers/bulk.h \
    omauditjson/deliver/receivers/common.c \
    omauditjson/deliver/receivers/common.h \
    omauditjson/deliver/receivers/descriptor.c \
    omauditjson/deliver/receivers/elasticsearch.c \
    omauditjson/deliver/receivers/eventid.c \
    omauditjson/deliver/receivers/eventid.h \
    omauditjson/deliver/receivers/file.c \
    omauditjson/deliver/receivers/json_array.c \
    omauditjson/deliver/receivers/mozdef.c \
    omauditjson/deliver/receivers/mozdef_bulk.c \
    omauditjson/deliver/receivers/ndjson.c \
    omauditjson/deliver/receivers/opensearch.c \
    omauditjson/deliver/receivers/receiver.c \
    omauditjson/deliver/receivers/receiver.h \
    omauditjson/deliver/receivers/receivers.c \
    omauditjson/deliver/receivers/receivers.h \
    omauditjson/deliver/receivers/single.c \
    omauditjson/deliver/receivers/splunk_hec.c
