# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/commands/convert.c \
    omauditjson/commands/convert.h \
    omauditjson/commands/deadletters.c \
    omauditjson/commands/deadletters.h \
    omauditjson/commands/deadletters_choose.c \
    omauditjson/commands/deadletters_choose.h \
    omauditjson/commands/deadletters_once.c \
    omauditjson/commands/deadletters_once.h \
    omauditjson/commands/deadletters_requeue.c \
    omauditjson/commands/deadletters_requeue.h \
    omauditjson/commands/journal.c \
    omauditjson/commands/journal.h \
    omauditjson/commands/progress.c \
    omauditjson/commands/progress.h \
    omauditjson/commands/state_dir.c \
    omauditjson/commands/state_dir.h
