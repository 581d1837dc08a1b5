# SPDX-License-Identifier: Apache-2.0
unit_tests += tests/unit/test_utf8
tests_unit_test_utf8_SOURCES = tests/unit/test_utf8.c
tests_unit_test_utf8_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_utf8_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_json_writer
tests_unit_test_json_writer_SOURCES = tests/unit/test_json_writer.c
tests_unit_test_json_writer_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_json_writer_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_json_words
tests_unit_test_json_words_SOURCES = tests/unit/test_json_words.c
tests_unit_test_json_words_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_json_words_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_syscalls
tests_unit_test_syscalls_SOURCES = tests/unit/test_syscalls.c
tests_unit_test_syscalls_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_syscalls_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_audisp_json
tests_unit_test_audisp_json_SOURCES = tests/unit/test_audisp_json.c tests/lib/event_lines.c \
    $(JSON_CHECK)
tests_unit_test_audisp_json_CFLAGS = $(UNIT_CFLAGS) -I$(top_srcdir)/tests/lib
tests_unit_test_audisp_json_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_audisp_values
tests_unit_test_audisp_values_SOURCES = tests/unit/test_audisp_values.c tests/lib/event_lines.c \
    $(JSON_CHECK)
tests_unit_test_audisp_values_CFLAGS = $(UNIT_CFLAGS) -I$(top_srcdir)/tests/lib
tests_unit_test_audisp_values_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_types
tests_unit_test_types_SOURCES = tests/unit/test_types.c tests/lib/event_lines.c $(JSON_CHECK)
tests_unit_test_types_CFLAGS = $(UNIT_CFLAGS) -I$(top_srcdir)/tests/lib
tests_unit_test_types_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_bad_input
tests_unit_test_bad_input_SOURCES = tests/unit/test_bad_input.c tests/lib/event_lines.c $(JSON_CHECK)
tests_unit_test_bad_input_CFLAGS = $(UNIT_CFLAGS) -I$(top_srcdir)/tests/lib
tests_unit_test_bad_input_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_defects
tests_unit_test_defects_SOURCES = tests/unit/test_defects.c tests/lib/event_lines.c $(JSON_CHECK)
tests_unit_test_defects_CFLAGS = $(UNIT_CFLAGS) -I$(top_srcdir)/tests/lib
tests_unit_test_defects_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_outcome
tests_unit_test_outcome_SOURCES = tests/unit/test_outcome.c tests/lib/event_lines.c $(JSON_CHECK)
tests_unit_test_outcome_CFLAGS = $(UNIT_CFLAGS) -I$(top_srcdir)/tests/lib
tests_unit_test_outcome_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_records
tests_unit_test_records_SOURCES = tests/unit/test_records.c tests/lib/event_lines.c \
    $(JSON_CHECK) tests/lib/records_rewrite.c
tests_unit_test_records_CFLAGS = $(UNIT_CFLAGS) -I$(top_srcdir)/tests/lib
tests_unit_test_records_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_schema
tests_unit_test_schema_SOURCES = tests/unit/test_schema.c
tests_unit_test_schema_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_schema_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_keys
tests_unit_test_keys_SOURCES = tests/unit/test_keys.c
tests_unit_test_keys_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_keys_LDADD = $(UNIT_LDADD)

EXTRA_DIST += tests/unit/audisp_doc.h

unit_tests += tests/unit/test_names_option
tests_unit_test_names_option_SOURCES = tests/unit/test_names_option.c tests/lib/event_lines.c \
    tests/lib/event_lines.h
tests_unit_test_names_option_CFLAGS = $(UNIT_CFLAGS) -I$(top_srcdir)/tests/lib
tests_unit_test_names_option_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_ecs_normalize
tests_unit_test_ecs_normalize_SOURCES = tests/unit/test_ecs_normalize.c tests/lib/event_lines.c \
    $(JSON_CHECK)
tests_unit_test_ecs_normalize_CFLAGS = $(UNIT_CFLAGS) -I$(top_srcdir)/tests/lib
tests_unit_test_ecs_normalize_LDADD = $(UNIT_LDADD)
EXTRA_DIST += tests/unit/ecs_differences.txt

unit_tests += tests/unit/test_ecs
tests_unit_test_ecs_SOURCES = tests/unit/test_ecs.c tests/lib/event_lines.c \
    $(JSON_CHECK)
tests_unit_test_ecs_CFLAGS = $(UNIT_CFLAGS) -I$(top_srcdir)/tests/lib
tests_unit_test_ecs_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_ecs_tables
tests_unit_test_ecs_tables_SOURCES = tests/unit/test_ecs_tables.c
tests_unit_test_ecs_tables_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_ecs_tables_LDADD = $(UNIT_LDADD)
