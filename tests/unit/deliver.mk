# SPDX-License-Identifier: Apache-2.0
DELIVER_RIG = \
    tests/unit/httpd.c tests/unit/httpd.h \
    tests/unit/rig.c tests/unit/rig.h
DELIVER_CFLAGS = $(UNIT_CFLAGS) $(MHD_CFLAGS) -pthread
DELIVER_LDADD = $(UNIT_LDADD) $(MHD_LIBS) -lpthread

unit_tests += \
    tests/unit/test_batch \
    tests/unit/test_bulk \
    tests/unit/test_deadknown \
    tests/unit/test_deadletter \
    tests/unit/test_deliver \
    tests/unit/test_deliver_http \
    tests/unit/test_deliver_random \
    tests/unit/test_deliver_blame \
    tests/unit/test_deliver_deaths \
    tests/unit/test_deliver_early \
    tests/unit/test_deliver_flood \
    tests/unit/test_deliver_refuse \
    tests/unit/test_deliver_retry \
    tests/unit/test_deliver_tls \
    tests/unit/test_retry \
    tests/unit/test_splunk \
    tests/unit/test_jsontext \
    tests/unit/test_text

tests_unit_test_batch_SOURCES = tests/unit/test_batch.c
tests_unit_test_batch_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_batch_LDADD = $(UNIT_LDADD)

tests_unit_test_bulk_SOURCES = tests/unit/test_bulk.c
tests_unit_test_bulk_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_bulk_LDADD = $(UNIT_LDADD)

tests_unit_test_deadknown_SOURCES = tests/unit/test_deadknown.c
tests_unit_test_deadknown_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_deadknown_LDADD = $(UNIT_LDADD)

tests_unit_test_jsontext_SOURCES = tests/unit/test_jsontext.c $(JSON_CHECK)
tests_unit_test_jsontext_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_jsontext_LDADD = $(UNIT_LDADD)

tests_unit_test_deadletter_SOURCES = tests/unit/test_deadletter.c
tests_unit_test_deadletter_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_deadletter_LDADD = $(UNIT_LDADD)

tests_unit_test_deliver_SOURCES = tests/unit/test_deliver.c $(DELIVER_RIG)
tests_unit_test_deliver_CFLAGS = $(DELIVER_CFLAGS)
tests_unit_test_deliver_LDADD = $(DELIVER_LDADD)

tests_unit_test_deliver_http_SOURCES = tests/unit/test_deliver_http.c $(DELIVER_RIG)
tests_unit_test_deliver_http_CFLAGS = $(DELIVER_CFLAGS)
tests_unit_test_deliver_http_LDADD = $(DELIVER_LDADD)

tests_unit_test_splunk_SOURCES = tests/unit/test_splunk.c
tests_unit_test_splunk_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_splunk_LDADD = $(UNIT_LDADD)

tests_unit_test_retry_SOURCES = tests/unit/test_retry.c
tests_unit_test_retry_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_retry_LDADD = $(UNIT_LDADD)

tests_unit_test_deliver_blame_SOURCES = tests/unit/test_deliver_blame.c $(DELIVER_RIG)
tests_unit_test_deliver_blame_CFLAGS = $(DELIVER_CFLAGS)
tests_unit_test_deliver_blame_LDADD = $(DELIVER_LDADD)

tests_unit_test_deliver_early_SOURCES = tests/unit/test_deliver_early.c $(DELIVER_RIG)
tests_unit_test_deliver_early_CFLAGS = $(DELIVER_CFLAGS)
tests_unit_test_deliver_early_LDADD = $(DELIVER_LDADD)

tests_unit_test_deliver_refuse_SOURCES = tests/unit/test_deliver_refuse.c $(DELIVER_RIG)
tests_unit_test_deliver_refuse_CFLAGS = $(DELIVER_CFLAGS)
tests_unit_test_deliver_refuse_LDADD = $(DELIVER_LDADD)

tests_unit_test_deliver_flood_SOURCES = tests/unit/test_deliver_flood.c $(DELIVER_RIG)
tests_unit_test_deliver_flood_CFLAGS = $(DELIVER_CFLAGS)
tests_unit_test_deliver_flood_LDADD = $(DELIVER_LDADD)

tests_unit_test_deliver_deaths_SOURCES = tests/unit/test_deliver_deaths.c $(DELIVER_RIG)
tests_unit_test_deliver_deaths_CFLAGS = $(DELIVER_CFLAGS)
tests_unit_test_deliver_deaths_LDADD = $(DELIVER_LDADD)

tests_unit_test_deliver_retry_SOURCES = tests/unit/test_deliver_retry.c $(DELIVER_RIG)
tests_unit_test_deliver_retry_CFLAGS = $(DELIVER_CFLAGS)
tests_unit_test_deliver_retry_LDADD = $(DELIVER_LDADD)

tests_unit_test_text_SOURCES = tests/unit/test_text.c
tests_unit_test_text_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_text_LDADD = $(UNIT_LDADD)

tests_unit_test_deliver_random_SOURCES = tests/unit/test_deliver_random.c $(DELIVER_RIG)
tests_unit_test_deliver_random_CFLAGS = $(DELIVER_CFLAGS)
tests_unit_test_deliver_random_LDADD = $(DELIVER_LDADD)

tests_unit_test_deliver_tls_SOURCES = tests/unit/test_deliver_tls.c $(DELIVER_RIG)
tests_unit_test_deliver_tls_CFLAGS = $(DELIVER_CFLAGS)
tests_unit_test_deliver_tls_LDADD = $(DELIVER_LDADD)

unit_tests += tests/unit/test_deadletter_faults
tests_unit_test_deadletter_faults_SOURCES = tests/unit/test_deadletter_faults.c $(DELIVER_RIG)
tests_unit_test_deadletter_faults_CFLAGS = $(DELIVER_CFLAGS)
tests_unit_test_deadletter_faults_LDADD = $(DELIVER_LDADD)

unit_tests += tests/unit/test_conceal
tests_unit_test_conceal_SOURCES = tests/unit/test_conceal.c
tests_unit_test_conceal_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_conceal_LDADD = $(UNIT_LDADD)

unit_tests += tests/unit/test_deadread
tests_unit_test_deadread_SOURCES = tests/unit/test_deadread.c
tests_unit_test_deadread_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_deadread_LDADD = $(UNIT_LDADD)
