# SPDX-License-Identifier: Apache-2.0
unit_tests += tests/unit/test_journal
tests_unit_test_journal_SOURCES = tests/unit/test_journal.c
tests_unit_test_journal_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_journal_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_journal_faults
tests_unit_test_journal_faults_SOURCES = tests/unit/test_journal_faults.c
tests_unit_test_journal_faults_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_journal_faults_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_journal_damage
tests_unit_test_journal_damage_SOURCES = tests/unit/test_journal_damage.c
tests_unit_test_journal_damage_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_journal_damage_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_resume
tests_unit_test_resume_SOURCES = tests/unit/test_resume.c
tests_unit_test_resume_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_resume_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_scoreboard
tests_unit_test_scoreboard_SOURCES = tests/unit/test_scoreboard.c
tests_unit_test_scoreboard_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_scoreboard_LDADD = $(UNIT_LDADD)
