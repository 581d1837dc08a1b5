# SPDX-License-Identifier: Apache-2.0
# bench/run builds and runs all of this. make check only sees that it compiles, and compares the
# number of instructions that a record costs with the recorded one.
bench_programs = bench/floor bench/answer bench/sink bench/talk
EXTRA_DIST += bench/run bench/stanzas.sh bench/loads.py bench/figures.py bench/live.py bench/offline.py \
    bench/report.py bench/instructions bench/NOTES.md bench/RESULTS.md bench/plots
if TESTS_ENABLED
check_PROGRAMS += $(bench_programs)
bench_floor_SOURCES = bench/floor.c
bench_floor_LDADD = $(AUDIT_LIBS)
bench_answer_SOURCES = bench/answer.c
bench_answer_LDADD = libomauditjson.a
bench_sink_SOURCES = bench/sink.c
bench_sink_LDADD = libomauditjson.a
bench_talk_SOURCES = bench/talk.c
bench_talk_LDADD = libomauditjson.a

dist_check_SCRIPTS += bench/check_instructions.sh
TESTS += bench/check_instructions.sh
endif
