# SPDX-License-Identifier: Apache-2.0
unit_tests += tests/unit/test_lineio tests/unit/test_omprog tests/unit/test_record \
    tests/unit/test_linger tests/unit/test_cutoff
tests_unit_test_cutoff_SOURCES = tests/unit/test_cutoff.c
tests_unit_test_cutoff_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_cutoff_LDADD = $(UNIT_LDADD)
tests_unit_test_lineio_SOURCES = tests/unit/test_lineio.c
tests_unit_test_lineio_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_lineio_LDADD = $(UNIT_LDADD)
tests_unit_test_linger_SOURCES = tests/unit/test_linger.c
tests_unit_test_linger_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_linger_LDADD = $(UNIT_LDADD)
tests_unit_test_omprog_SOURCES = tests/unit/test_omprog.c
tests_unit_test_omprog_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_omprog_LDADD = $(UNIT_LDADD)
tests_unit_test_record_SOURCES = tests/unit/test_record.c
tests_unit_test_record_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_record_LDADD = $(UNIT_LDADD)
