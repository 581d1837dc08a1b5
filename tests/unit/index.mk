# SPDX-License-Identifier: Apache-2.0
unit_tests += tests/unit/test_group tests/unit/test_recent
tests_unit_test_group_SOURCES = tests/unit/test_group.c
tests_unit_test_group_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_group_LDADD = $(UNIT_LDADD)
tests_unit_test_recent_SOURCES = tests/unit/test_recent.c
tests_unit_test_recent_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_recent_LDADD = $(UNIT_LDADD)
