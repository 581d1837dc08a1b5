# SPDX-License-Identifier: Apache-2.0
# Transcripts: what rsyslog says and what the program answers, against the program itself.

SCRIPT_SOURCES = tests/script/child.c tests/script/child.h \
    tests/script/records.c tests/script/records.h tests/script/scene.c tests/script/scene.h
SCRIPT_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/script -I$(top_srcdir)/tests/lib
SCRIPT_LDADD = libomauditjson.a $(OAJ_LIBS)

check_PROGRAMS += tests/script/talk
TESTS += tests/script/talk tests/script/sync_order.sh tests/script/check_config.sh \
    tests/script/deadletters.sh tests/script/deadletters_full.sh \
    tests/script/deadletters_once.sh tests/script/journal.sh
tests_script_talk_SOURCES = tests/script/talk.c tests/script/commands.c tests/script/play.h \
    $(SCRIPT_SOURCES)
tests_script_talk_CPPFLAGS = $(SCRIPT_CPPFLAGS)
tests_script_talk_LDADD = $(SCRIPT_LDADD)

check_PROGRAMS += tests/script/bad_input
TESTS += tests/script/bad_input
tests_script_bad_input_SOURCES = tests/script/bad_input.c $(SCRIPT_SOURCES)
tests_script_bad_input_CPPFLAGS = $(SCRIPT_CPPFLAGS)
tests_script_bad_input_LDADD = $(SCRIPT_LDADD)

EXTRA_DIST += tests/script/sync_order.sh tests/script/check_config.sh tests/script/deadletters.sh \
    tests/script/deadletters_full.sh tests/script/deadletters_once.sh tests/script/journal.sh \
    tests/script/01-first-ok.talk \
    tests/script/02-records.talk \
    tests/script/03-transaction.talk \
    tests/script/04-two-workers.talk \
    tests/script/05-marks.talk \
    tests/script/06-journal-first.talk \
    tests/script/07-torn-event.talk \
    tests/script/08-repeats.talk \
    tests/script/09-timer.talk \
    tests/script/10-held.talk \
    tests/script/11-signals.talk \
    tests/script/12-old-instance.talk \
    tests/script/13-rsyslogd-gone.talk \
    tests/script/14-hup-reopens.talk \
    tests/script/15-silent-null.talk \
    tests/script/16-silent-output.talk \
    tests/script/17-unfinished-line.talk \
    tests/script/18-bad-option.talk \
    tests/script/19-forms.talk \
    tests/script/20-set-aside.talk \
    tests/script/21-commit-syncs.talk \
    tests/script/22-held-and-back.talk \
    tests/script/23-held-and-killed.talk \
    tests/script/25-bad-state.talk \
    tests/script/24-held-and-closed.talk \
    tests/script/26-held-and-gone.talk \
    tests/script/27-silent-and-held.talk \
    tests/script/28-renamed-segment.talk \
    tests/script/30-backlog.talk \
    tests/script/31-held-hangup.talk \
    tests/script/32-held-unread.talk \
    tests/script/33-slow-commit.talk \
    tests/script/34-late-end.talk \
    tests/script/35-late-records.talk \
    tests/script/36-filtered.talk \
    tests/script/37-disk-says-no.talk \
    tests/script/38-lineage.talk \
    tests/script/39-set-aside-held.talk \
    tests/script/40-held-at-commit.talk \
    tests/script/41-leaving-by-transactions.talk \
    tests/script/42-equal-records.talk \
    tests/script/43-idle-and-killed.talk \
    tests/script/44-wakeup.talk \
    tests/script/45-came-cut.talk \
    tests/script/46-messages.talk \
    tests/script/47-message-and-killed.talk \
    tests/script/48-message-held.talk \
    tests/script/49-message-split.talk
