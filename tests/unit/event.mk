# SPDX-License-Identifier: Apache-2.0
EVENT_CFLAGS = $(UNIT_CFLAGS) -I$(top_srcdir)/tests/lib

unit_tests += tests/unit/test_names
tests_unit_test_names_SOURCES = tests/unit/test_names.c
tests_unit_test_names_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_names_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_fields
tests_unit_test_fields_SOURCES = tests/unit/test_fields.c
tests_unit_test_fields_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_fields_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_parse
tests_unit_test_parse_SOURCES = tests/unit/test_parse.c tests/lib/event_lines.c
tests_unit_test_parse_CFLAGS = $(EVENT_CFLAGS)
tests_unit_test_parse_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_lineage
tests_unit_test_lineage_SOURCES = tests/unit/test_lineage.c tests/lib/event_lines.c
tests_unit_test_lineage_CFLAGS = $(EVENT_CFLAGS)
tests_unit_test_lineage_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_seal
tests_unit_test_seal_SOURCES = tests/unit/test_seal.c
tests_unit_test_seal_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_seal_LDADD = $(UNIT_LDADD)
