# SPDX-License-Identifier: Apache-2.0
libomauditjson_a_SOURCES += \
    omauditjson/journal/crc32c.c omauditjson/journal/crc32c.h \
    omauditjson/journal/scoreboard.c omauditjson/journal/scoreboard.h \
    omauditjson/journal/scoreboard_death.c omauditjson/journal/scoreboard_death.h \
    omauditjson/journal/scoreboard_page.h \
    omauditjson/journal/scoreboard_trial.c omauditjson/journal/scoreboard_trial.h \
    omauditjson/journal/journal.c omauditjson/journal/journal.h \
    omauditjson/journal/journal_internal.h \
    omauditjson/journal/journal_look.c omauditjson/journal/journal_missing.c \
    omauditjson/journal/journal_open.c omauditjson/journal/journal_read.c \
    omauditjson/journal/journal_salvage.c \
    omauditjson/journal/lock.c omauditjson/journal/lock.h \
    omauditjson/journal/marks.c omauditjson/journal/marks.h \
    omauditjson/journal/segment.c omauditjson/journal/segment.h \
    omauditjson/journal/segment_file.c omauditjson/journal/segment_find.c \
    omauditjson/journal/segment_internal.h \
    omauditjson/journal/segment_io.c omauditjson/journal/segment_io.h \
    omauditjson/journal/spares.c omauditjson/journal/spares.h omauditjson/journal/tally.h
