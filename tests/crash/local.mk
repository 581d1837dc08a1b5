# SPDX-License-Identifier: Apache-2.0
# The torture machine: see tests/crash/README.md.
#   make torture SECONDS=N SEED=N [JOBS=N] [STANZA=NAME] [KEEP=DIR]

# The program with segments of 64 KiB: a short log fills, removes and reuses many of them.
check_PROGRAMS += tests/crash/omauditjson-small
tests_crash_omauditjson_small_SOURCES = omauditjson/main.c omauditjson/commands/convert.c \
    omauditjson/engine/admit.c omauditjson/engine/emit.c omauditjson/engine/engine.c \
    omauditjson/engine/workitem.c omauditjson/engine/intake.c omauditjson/engine/loop.c \
    omauditjson/engine/outcomes.c omauditjson/engine/parts.c omauditjson/engine/pipeline.c \
    omauditjson/engine/requeue.c omauditjson/engine/resume.c omauditjson/engine/salvage.c \
    omauditjson/engine/seal.c omauditjson/engine/setaside.c omauditjson/engine/state.c \
    omauditjson/engine/stores.c omauditjson/engine/twice.c \
    omauditjson/journal/crc32c.c omauditjson/journal/journal.c omauditjson/journal/journal_look.c omauditjson/journal/journal_missing.c \
    omauditjson/journal/journal_salvage.c \
    omauditjson/journal/journal_open.c omauditjson/journal/journal_read.c omauditjson/journal/spares.c \
    omauditjson/journal/lock.c omauditjson/journal/marks.c \
    omauditjson/journal/segment.c omauditjson/journal/segment_file.c omauditjson/journal/segment_find.c \
    omauditjson/journal/segment_io.c
tests_crash_omauditjson_small_CPPFLAGS = $(AM_CPPFLAGS) -DSEGMENT_SIZE=65536u
tests_crash_omauditjson_small_LDADD = libomauditjson.a $(OAJ_LIBS)

check_PROGRAMS += tests/crash/torture
tests_crash_torture_SOURCES = tests/crash/torture.c \
    tests/crash/crash.h \
    tests/crash/faults.c tests/crash/usual.c tests/crash/making.h \
    tests/crash/journal_file.c tests/crash/journal_file.h \
    tests/crash/machine.c \
    tests/crash/processes.c \
    tests/crash/report.c tests/crash/report.h \
    tests/crash/run.h \
    tests/crash/schedule.c tests/crash/schedule.h \
    tests/crash/setup.c \
    tests/crash/trail.c tests/crash/trail.h tests/crash/trail_internal.h \
    tests/crash/trail_make.c \
    tests/crash/verdict.c
tests_crash_torture_LDADD = libomauditjson.a $(XXHASH_LIBS)

# A shared object without libtool. It runs inside another program, so it has neither sanitizers
# nor coverage of its own.
crash_shim_c = tests/crash/shim.c tests/crash/shim_calls.c tests/crash/shim_damage.c \
    tests/crash/shim_names.c
crash_shim_h = tests/crash/shim.h tests/crash/crash.h
check_DATA += tests/crash/shim.so
tests/crash/shim.so: $(crash_shim_c) $(crash_shim_h) config.h
	$(AM_V_CCLD)$(MKDIR_P) tests/crash && $(CC) $(DEFS) -I. -I$(srcdir)/tests/crash -std=gnu11 \
	    $(WARN_CFLAGS) -O2 -g -fPIC -shared -o $@ \
	    $(srcdir)/tests/crash/shim.c $(srcdir)/tests/crash/shim_calls.c \
	    $(srcdir)/tests/crash/shim_damage.c $(srcdir)/tests/crash/shim_names.c -ldl
CLEANFILES += tests/crash/shim.so

check_PROGRAMS += tests/crash/kills
tests_crash_kills_SOURCES = tests/crash/kills.c
tests_crash_kills_LDADD = libomauditjson.a $(OAJ_LIBS)

TESTS += tests/crash/test_torture.sh tests/crash/kills.sh
EXTRA_DIST += $(crash_shim_c) tests/crash/shim.h tests/crash/README.md \
    tests/crash/test_torture.sh tests/crash/mutants.sh tests/crash/torture.sh tests/crash/kills.sh

SECONDS = 60
SEED = 1
JOBS = 2
STANZA =
torture: $(check_PROGRAMS) $(check_DATA) omauditjson/omauditjson
	@srcdir='$(abs_top_srcdir)' builddir='$(abs_top_builddir)' \
	    $(SHELL) $(srcdir)/tests/crash/torture.sh --seconds $(SECONDS) --seed $(SEED) \
	    --jobs $(JOBS) $(if $(STANZA),--stanza $(STANZA)) $(SEEDS)

# So many random kills on events of 5 to 8,000 records.
N = 10000
kills: $(check_PROGRAMS) $(check_DATA) omauditjson/omauditjson
	@srcdir='$(abs_top_srcdir)' builddir='$(abs_top_builddir)' \
	    omauditjson='$(abs_top_builddir)/omauditjson/omauditjson' N=$(N) SEED=$(SEED) \
	    $(srcdir)/tests/crash/kills.sh

# Breaks the program in some twenty ways and shows that each is noticed; takes a while.
mutants: $(check_PROGRAMS) $(check_DATA)
	@srcdir='$(abs_top_srcdir)' builddir='$(abs_top_builddir)' \
	    $(srcdir)/tests/crash/mutants.sh $(MUTANTS)
