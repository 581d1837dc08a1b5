# SPDX-License-Identifier: Apache-2.0
unit_tests += tests/unit/test_buf tests/unit/test_conf tests/unit/test_conf_load \
    tests/unit/test_manual tests/unit/test_message tests/unit/test_pages tests/unit/test_stats

tests_unit_test_buf_SOURCES = tests/unit/test_buf.c
tests_unit_test_buf_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_buf_LDADD = $(UNIT_LDADD)

tests_unit_test_conf_SOURCES = tests/unit/test_conf.c tests/unit/conf_fixture.h
tests_unit_test_conf_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conf_LDADD = $(UNIT_LDADD)

tests_unit_test_conf_load_SOURCES = tests/unit/test_conf_load.c tests/unit/conf_fixture.h
tests_unit_test_conf_load_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conf_load_LDADD = $(UNIT_LDADD)

tests_unit_test_pages_SOURCES = tests/unit/test_pages.c
tests_unit_test_pages_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_pages_LDADD = $(UNIT_LDADD)

tests_unit_test_stats_SOURCES = tests/unit/test_stats.c
tests_unit_test_stats_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_stats_LDADD = $(UNIT_LDADD)

tests_unit_test_manual_SOURCES = tests/unit/test_manual.c
tests_unit_test_manual_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_manual_LDADD = $(UNIT_LDADD)

tests_unit_test_message_SOURCES = tests/unit/test_message.c
tests_unit_test_message_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_message_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_aside
tests_unit_test_aside_SOURCES = tests/unit/test_aside.c
tests_unit_test_aside_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_aside_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_log
tests_unit_test_log_SOURCES = tests/unit/test_log.c
tests_unit_test_log_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_log_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_confine
tests_unit_test_confine_SOURCES = tests/unit/test_confine.c
tests_unit_test_confine_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_confine_LDADD = $(UNIT_LDADD)
