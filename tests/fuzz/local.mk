# SPDX-License-Identifier: Apache-2.0
# Fuzz targets, compiled in every build. `make check` replays tests/fuzz/corpus/NAME; with
# --enable-fuzzing (clang) they are libFuzzer programs: tests/fuzz/fuzz_line tests/fuzz/corpus/line

FUZZ_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/fuzz
FUZZ_LDADD = libomauditjson.a $(OAJ_LIBS)
if FUZZING
FUZZ_MAIN =
FUZZ_LINK = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
else
FUZZ_MAIN = tests/fuzz/replay.c
FUZZ_LINK = $(AM_LDFLAGS)
endif

fuzz_targets = \
    tests/fuzz/fuzz_answers tests/fuzz/fuzz_conf tests/fuzz/fuzz_event tests/fuzz/fuzz_header \
    tests/fuzz/fuzz_journal tests/fuzz/fuzz_line tests/fuzz/fuzz_marks tests/fuzz/fuzz_message \
    tests/fuzz/fuzz_protocol
EXTRA_DIST += tests/fuzz/afl.sh tests/fuzz/FINDINGS.md tests/fuzz/dict tests/fuzz/corpus tests/fuzz/fuzz.h tests/fuzz/replay.c

tests_fuzz_fuzz_answers_SOURCES = tests/fuzz/fuzz_answers.c $(FUZZ_MAIN)
tests_fuzz_fuzz_answers_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_answers_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_answers_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_marks_SOURCES = tests/fuzz/fuzz_marks.c $(FUZZ_MAIN)
tests_fuzz_fuzz_marks_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_marks_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_marks_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_message_SOURCES = tests/fuzz/fuzz_message.c $(FUZZ_MAIN)
tests_fuzz_fuzz_message_CPPFLAGS = $(FUZZ_CPPFLAGS) -I$(top_srcdir)/tests/lib
tests_fuzz_fuzz_message_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_message_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz_conf.c $(FUZZ_MAIN)
tests_fuzz_fuzz_conf_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_conf_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_conf_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_event_SOURCES = tests/fuzz/fuzz_event.c tests/lib/event_lines.c \
    $(JSON_CHECK) tests/lib/records_rewrite.c $(FUZZ_MAIN)
tests_fuzz_fuzz_event_CPPFLAGS = $(FUZZ_CPPFLAGS) -I$(top_srcdir)/tests/lib
tests_fuzz_fuzz_event_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_event_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_header_SOURCES = tests/fuzz/fuzz_header.c $(FUZZ_MAIN)
tests_fuzz_fuzz_header_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_header_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_header_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_journal_SOURCES = tests/fuzz/fuzz_journal.c $(FUZZ_MAIN)
tests_fuzz_fuzz_journal_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_journal_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_journal_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_line_SOURCES = tests/fuzz/fuzz_line.c $(FUZZ_MAIN)
tests_fuzz_fuzz_line_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_line_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_line_LDADD = $(FUZZ_LDADD)

tests_fuzz_fuzz_protocol_SOURCES = tests/fuzz/fuzz_protocol.c $(FUZZ_MAIN)
tests_fuzz_fuzz_protocol_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_protocol_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_protocol_LDADD = $(FUZZ_LDADD)

check_PROGRAMS += $(fuzz_targets)
if !FUZZING
TESTS += $(fuzz_targets)
endif
