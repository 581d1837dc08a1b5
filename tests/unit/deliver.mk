# SPDX-License-Identifier: Apache-2.0
unit_tests += \
    tests/unit/test_batch \
    tests/unit/test_deadletter \
    tests/unit/test_retry

tests_unit_test_batch_SOURCES = tests/unit/test_batch.c
tests_unit_test_batch_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_batch_LDADD = $(UNIT_LDADD)

tests_unit_test_deadletter_SOURCES = tests/unit/test_deadletter.c
tests_unit_test_deadletter_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_deadletter_LDADD = $(UNIT_LDADD)

tests_unit_test_retry_SOURCES = tests/unit/test_retry.c
tests_unit_test_retry_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_retry_LDADD = $(UNIT_LDADD)
