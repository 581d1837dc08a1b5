# SPDX-License-Identifier: Apache-2.0
# Calls that fail and power that goes: see tests/faults/README.md.

check_PROGRAMS += tests/faults/shim.so
tests_faults_shim_so_SOURCES = tests/faults/shim.c tests/faults/shim.h tests/faults/shim_net.c \
    tests/faults/trace.c tests/faults/trace.h
tests_faults_shim_so_CFLAGS = -std=gnu11 $(WARN_CFLAGS) -fPIC
tests_faults_shim_so_LDFLAGS = -shared

FAULTS_STAGE = tests/faults/stage.c tests/faults/stage.h \
    tests/script/child.c tests/script/child.h tests/script/records.c tests/script/records.h
FAULTS_ORACLE = tests/oracle/judge.c tests/oracle/judge_copies.c tests/oracle/judge.h tests/oracle/ledger.c \
    tests/oracle/ledger.h tests/receiver/strict.c tests/receiver/strict.h
FAULTS_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -I$(top_srcdir)/tests/script \
    -I$(top_srcdir)/tests/oracle

check_PROGRAMS += tests/faults/faults
tests_faults_faults_SOURCES = tests/faults/faults.c tests/faults/faults.h tests/faults/rows.c \
    tests/faults/run.c $(FAULTS_STAGE) $(FAULTS_ORACLE)
tests_faults_faults_CPPFLAGS = $(FAULTS_CPPFLAGS)
tests_faults_faults_LDADD = libomauditjson.a $(JSONC_LIBS) $(XXHASH_LIBS)
TESTS += tests/faults/faults

# Every allocation in turn, not only a sample of them: minutes.
faults-all: $(check_PROGRAMS) omauditjson/omauditjson
	$(AM_TESTS_ENVIRONMENT) tests/faults/faults --stride 1

check_PROGRAMS += tests/faults/power
TESTS += tests/faults/power
tests_faults_power_SOURCES = tests/faults/cut.c tests/faults/model.c tests/faults/model.h \
    tests/faults/power.c tests/faults/power.h tests/faults/session.c tests/faults/trace.h \
    $(FAULTS_STAGE) $(FAULTS_ORACLE)
tests_faults_power_CPPFLAGS = $(FAULTS_CPPFLAGS)
tests_faults_power_LDADD = libomauditjson.a $(JSONC_LIBS) $(XXHASH_LIBS)

# make powerloss SECONDS=N SEED=N; the defaults are those of make torture
powerloss: $(check_PROGRAMS) omauditjson/omauditjson
	$(AM_TESTS_ENVIRONMENT) tests/faults/power --seconds $(SECONDS) --seed $(SEED)
EXTRA_DIST += tests/faults/README.md
