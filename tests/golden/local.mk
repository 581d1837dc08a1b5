# SPDX-License-Identifier: Apache-2.0
# Events in, JSON out, compared byte for byte. UPDATE=1 make check TESTS=tests/golden/golden.sh
# rewrites the expectations; the difference is to be read before it is committed.
EXTRA_DIST += tests/lib/event_lines.h tests/lib/json_check.h $(golden_data)
dist_check_SCRIPTS += tests/golden/golden.sh
TESTS += tests/golden/golden.sh
check_PROGRAMS += tests/golden/golden
tests_golden_golden_SOURCES = tests/golden/golden.c tests/lib/event_lines.c \
    tests/lib/json_check.c
tests_golden_golden_CFLAGS = $(AM_CFLAGS) -I$(top_srcdir)/tests/lib
tests_golden_golden_LDADD = libomauditjson.a $(OAJ_LIBS)
golden_data = \
    tests/golden/anomalies.log \
    tests/golden/anomalies.json \
    tests/golden/apparmor.log \
    tests/golden/apparmor.json \
    tests/golden/bytes.log \
    tests/golden/bytes.json \
    tests/golden/defect_aa.log \
    tests/golden/defect_aa.json \
    tests/golden/defect_aa.compatible.json \
    tests/golden/defect_aa2.log \
    tests/golden/defect_aa2.json \
    tests/golden/defect_arg.log \
    tests/golden/defect_arg.json \
    tests/golden/defect_avc.log \
    tests/golden/defect_avc.json \
    tests/golden/defect_many.log \
    tests/golden/defect_many.json \
    tests/golden/defect_multi.log \
    tests/golden/defect_multi.json \
    tests/golden/defect_multi.compatible.json \
    tests/golden/defect_over.log \
    tests/golden/defect_over.json \
    tests/golden/defect_promisc.log \
    tests/golden/defect_promisc.json \
    tests/golden/defect_promisc.compatible.json \
    tests/golden/defect_read.log \
    tests/golden/defect_read.json \
    tests/golden/defect_split.log \
    tests/golden/defect_split.json \
    tests/golden/defect_unk.log \
    tests/golden/defect_unk.json \
    tests/golden/host_enriched.log \
    tests/golden/host_enriched.json \
    tests/golden/host_enriched.compatible.json \
    tests/golden/hostile_r1_proctitle_uninit_and_ax25.log \
    tests/golden/hostile_r1_proctitle_uninit_and_ax25.json \
    tests/golden/hostile_r2_zero_field_leak.log \
    tests/golden/hostile_r2_zero_field_leak.json \
    tests/golden/hostile_r3_dup_cwd_leak.log \
    tests/golden/hostile_r3_dup_cwd_leak.json \
    tests/golden/hostile_r4_key_escape.log \
    tests/golden/hostile_r4_key_escape.json \
    tests/golden/hostile_r5_interpretation_overread.log \
    tests/golden/hostile_r5_interpretation_overread.json \
    tests/golden/interleaved.log \
    tests/golden/interleaved.json \
    tests/golden/machines.log \
    tests/golden/machines.json \
    tests/golden/nodes.log \
    tests/golden/nodes.json \
    tests/golden/selinux.log \
    tests/golden/selinux.json \
    tests/golden/sockets.log \
    tests/golden/sockets.json \
    tests/golden/sockets.compatible.json \
    tests/golden/split_execve.log \
    tests/golden/split_execve.json \
    tests/golden/userspace.log \
    tests/golden/userspace.json \
    tests/golden/userspace.compatible.json
