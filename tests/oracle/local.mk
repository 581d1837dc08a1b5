# SPDX-License-Identifier: Apache-2.0
# The one oracle of all delivery tests, and a generator of logs to feed.

check_PROGRAMS += tests/oracle/oracle tests/oracle/gen
tests_oracle_oracle_SOURCES = \
    tests/oracle/judge.c tests/oracle/judge.h tests/oracle/judge_copies.c \
    tests/oracle/ledger.c tests/oracle/ledger.h \
    tests/oracle/oracle.c \
    tests/receiver/strict.c tests/receiver/strict.h
tests_oracle_oracle_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_oracle_oracle_LDADD = libomauditjson.a $(JSONC_LIBS) $(XXHASH_LIBS)
tests_oracle_gen_SOURCES = tests/oracle/gen.c
tests_oracle_gen_LDADD = libomauditjson.a

TESTS += tests/oracle/test_oracle.sh
EXTRA_DIST += tests/oracle/test_oracle.sh
