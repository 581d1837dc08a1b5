# SPDX-License-Identifier: Apache-2.0
# Events in, JSON out, compared byte for byte. UPDATE=1 make check TESTS=tests/golden/golden.sh
# rewrites the expectations; the difference is to be read before it is committed.
EXTRA_DIST += tests/lib/event_lines.h tests/lib/read_file.h tests/lib/rsyslog_json.h tests/golden/README.md $(golden_data)
dist_check_SCRIPTS += tests/golden/golden.sh
TESTS += tests/golden/golden.sh
check_PROGRAMS += tests/golden/golden
tests_golden_golden_SOURCES = tests/golden/golden.c tests/lib/event_lines.c \
    $(JSON_CHECK)
tests_golden_golden_CFLAGS = $(AM_CFLAGS) -I$(top_srcdir)/tests/lib
tests_golden_golden_LDADD = libomauditjson.a $(OAJ_LIBS)
golden_data = \
    tests/golden/data/came_cut.ecs.json \
    tests/golden/data/came_cut.json \
    tests/golden/data/came_cut.log \
    tests/golden/data/came_cut.records.json \
    tests/golden/data/field_04_daemon_end.ecs.json \
    tests/golden/data/field_04_daemon_end.json \
    tests/golden/data/field_04_daemon_end.log \
    tests/golden/data/field_04_daemon_end.records.json \
    tests/golden/data/field_15_landlock.ecs.json \
    tests/golden/data/field_15_landlock.json \
    tests/golden/data/field_15_landlock.log \
    tests/golden/data/field_15_landlock.records.json \
    tests/golden/data/field_18_enriched_sep_lost.ecs.json \
    tests/golden/data/field_18_enriched_sep_lost.json \
    tests/golden/data/field_18_enriched_sep_lost.log \
    tests/golden/data/field_18_enriched_sep_lost.records.json \
    tests/golden/data/field_30_objtype.ecs.json \
    tests/golden/data/field_30_objtype.json \
    tests/golden/data/field_30_objtype.log \
    tests/golden/data/field_30_objtype.records.json \
    tests/golden/data/field_35_integrity.ecs.json \
    tests/golden/data/field_35_integrity.json \
    tests/golden/data/field_35_integrity.log \
    tests/golden/data/field_35_integrity.records.json \
    tests/golden/data/field_38_logins.ecs.json \
    tests/golden/data/field_38_logins.json \
    tests/golden/data/field_38_logins.log \
    tests/golden/data/field_38_logins.records.json \
    tests/golden/data/field_39_acct_lock.ecs.json \
    tests/golden/data/field_39_acct_lock.json \
    tests/golden/data/field_39_acct_lock.log \
    tests/golden/data/field_39_acct_lock.records.json \
    tests/golden/data/field_45_avc_order.ecs.json \
    tests/golden/data/field_45_avc_order.json \
    tests/golden/data/field_45_avc_order.log \
    tests/golden/data/field_45_avc_order.records.json \
    tests/golden/data/field_48_exits_archs.ecs.json \
    tests/golden/data/field_48_exits_archs.json \
    tests/golden/data/field_48_exits_archs.log \
    tests/golden/data/field_48_exits_archs.records.json \
    tests/golden/data/field_49_execve_fragments.ecs.json \
    tests/golden/data/field_49_execve_fragments.json \
    tests/golden/data/field_49_execve_fragments.log \
    tests/golden/data/field_49_execve_fragments.records.json \
    tests/golden/data/field_50_user_misc.ecs.json \
    tests/golden/data/field_50_user_misc.json \
    tests/golden/data/field_50_user_misc.log \
    tests/golden/data/field_50_user_misc.records.json \
    tests/golden/data/field_53_enriched_sep_blank.ecs.json \
    tests/golden/data/field_53_enriched_sep_blank.json \
    tests/golden/data/field_53_enriched_sep_blank.log \
    tests/golden/data/field_53_enriched_sep_blank.records.json \
    tests/golden/data/field_54_lsm_net.ecs.json \
    tests/golden/data/field_54_lsm_net.json \
    tests/golden/data/field_54_lsm_net.log \
    tests/golden/data/field_54_lsm_net.records.json \
    tests/golden/data/field_59_mmaudit_centos6.ecs.json \
    tests/golden/data/field_59_mmaudit_centos6.json \
    tests/golden/data/field_59_mmaudit_centos6.log \
    tests/golden/data/field_59_mmaudit_centos6.records.json \
    tests/golden/data/field_apparmor_denied.ecs.json \
    tests/golden/data/field_apparmor_denied.json \
    tests/golden/data/field_apparmor_denied.log \
    tests/golden/data/field_apparmor_denied.records.json \
    tests/golden/data/field_daemon_config_nocolon.ecs.json \
    tests/golden/data/field_daemon_config_nocolon.json \
    tests/golden/data/field_daemon_config_nocolon.log \
    tests/golden/data/field_daemon_config_nocolon.records.json \
    tests/golden/data/field_enriched_connect_none.ecs.json \
    tests/golden/data/field_enriched_connect_none.json \
    tests/golden/data/field_enriched_connect_none.log \
    tests/golden/data/field_enriched_connect_none.records.json \
    tests/golden/data/field_enriched_esc.ecs.json \
    tests/golden/data/field_enriched_esc.json \
    tests/golden/data/field_enriched_esc.log \
    tests/golden/data/field_enriched_esc.records.json \
    tests/golden/data/field_enriched_gs.ecs.json \
    tests/golden/data/field_enriched_gs.json \
    tests/golden/data/field_enriched_gs.log \
    tests/golden/data/field_enriched_gs.records.json \
    tests/golden/data/field_enriched_gs_msg.ecs.json \
    tests/golden/data/field_enriched_gs_msg.json \
    tests/golden/data/field_enriched_gs_msg.log \
    tests/golden/data/field_enriched_gs_msg.records.json \
    tests/golden/data/field_enriched_none.ecs.json \
    tests/golden/data/field_enriched_none.json \
    tests/golden/data/field_enriched_none.log \
    tests/golden/data/field_enriched_none.records.json \
    tests/golden/data/field_enriched_none_msg.ecs.json \
    tests/golden/data/field_enriched_none_msg.json \
    tests/golden/data/field_enriched_none_msg.log \
    tests/golden/data/field_enriched_none_msg.records.json \
    tests/golden/data/field_enriched_noquote.ecs.json \
    tests/golden/data/field_enriched_noquote.json \
    tests/golden/data/field_enriched_noquote.log \
    tests/golden/data/field_enriched_noquote.records.json \
    tests/golden/data/field_enriched_sockaddr_none.ecs.json \
    tests/golden/data/field_enriched_sockaddr_none.json \
    tests/golden/data/field_enriched_sockaddr_none.log \
    tests/golden/data/field_enriched_sockaddr_none.records.json \
    tests/golden/data/field_enriched_space.ecs.json \
    tests/golden/data/field_enriched_space.json \
    tests/golden/data/field_enriched_space.log \
    tests/golden/data/field_enriched_space.records.json \
    tests/golden/data/field_eoe_no_blank.ecs.json \
    tests/golden/data/field_eoe_no_blank.json \
    tests/golden/data/field_eoe_no_blank.log \
    tests/golden/data/field_eoe_no_blank.records.json \
    tests/golden/data/field_lower_hex.ecs.json \
    tests/golden/data/field_lower_hex.json \
    tests/golden/data/field_lower_hex.log \
    tests/golden/data/field_lower_hex.records.json \
    tests/golden/data/field_mount_nametype.ecs.json \
    tests/golden/data/field_mount_nametype.json \
    tests/golden/data/field_mount_nametype.log \
    tests/golden/data/field_mount_nametype.records.json \
    tests/golden/data/field_nametype_create.ecs.json \
    tests/golden/data/field_nametype_create.json \
    tests/golden/data/field_nametype_create.log \
    tests/golden/data/field_nametype_create.records.json \
    tests/golden/data/field_objtype_create.ecs.json \
    tests/golden/data/field_objtype_create.json \
    tests/golden/data/field_objtype_create.log \
    tests/golden/data/field_objtype_create.records.json \
    tests/golden/data/field_socket_alg.ecs.json \
    tests/golden/data/field_socket_alg.json \
    tests/golden/data/field_socket_alg.log \
    tests/golden/data/field_socket_alg.records.json \
    tests/golden/data/field_two_keys.ecs.json \
    tests/golden/data/field_two_keys.json \
    tests/golden/data/field_two_keys.log \
    tests/golden/data/field_two_keys.records.json \
    tests/golden/data/field_unix_connect_direction.ecs.json \
    tests/golden/data/field_unix_connect_direction.json \
    tests/golden/data/field_unix_connect_direction.log \
    tests/golden/data/field_unix_connect_direction.records.json \
    tests/golden/data/field_user_auth_grantors.ecs.json \
    tests/golden/data/field_user_auth_grantors.json \
    tests/golden/data/field_user_auth_grantors.log \
    tests/golden/data/field_user_auth_grantors.records.json \
    tests/golden/data/field_user_cmd_cwd.ecs.json \
    tests/golden/data/field_user_cmd_cwd.json \
    tests/golden/data/field_user_cmd_cwd.log \
    tests/golden/data/field_user_cmd_cwd.records.json \
    tests/golden/data/field_user_login_direction.ecs.json \
    tests/golden/data/field_user_login_direction.json \
    tests/golden/data/field_user_login_direction.log \
    tests/golden/data/field_user_login_direction.records.json \
    tests/golden/data/anomalies.json \
    tests/golden/data/anomalies.log \
    tests/golden/data/apparmor.json \
    tests/golden/data/apparmor.log \
    tests/golden/data/arch.json \
    tests/golden/data/arch.log \
    tests/golden/data/avc.compatible.json \
    tests/golden/data/avc.json \
    tests/golden/data/avc.log \
    tests/golden/data/bad.json \
    tests/golden/data/bad.log \
    tests/golden/data/bytes.json \
    tests/golden/data/bytes.log \
    tests/golden/data/daemon.json \
    tests/golden/data/daemon.log \
    tests/golden/data/defect_aa.compatible.json \
    tests/golden/data/defect_aa.json \
    tests/golden/data/defect_aa.log \
    tests/golden/data/defect_aa2.json \
    tests/golden/data/defect_aa2.log \
    tests/golden/data/defect_arg.json \
    tests/golden/data/defect_arg.log \
    tests/golden/data/defect_avc.json \
    tests/golden/data/defect_avc.log \
    tests/golden/data/defect_many.json \
    tests/golden/data/defect_many.log \
    tests/golden/data/defect_multi.compatible.json \
    tests/golden/data/defect_multi.json \
    tests/golden/data/defect_multi.log \
    tests/golden/data/defect_over.json \
    tests/golden/data/defect_over.log \
    tests/golden/data/defect_promisc.compatible.json \
    tests/golden/data/defect_promisc.json \
    tests/golden/data/defect_promisc.log \
    tests/golden/data/defect_read.json \
    tests/golden/data/defect_read.log \
    tests/golden/data/defect_split.json \
    tests/golden/data/defect_split.log \
    tests/golden/data/defect_unk.json \
    tests/golden/data/defect_unk.log \
    tests/golden/data/host_enriched.compatible.json \
    tests/golden/data/host_enriched.json \
    tests/golden/data/host_enriched.log \
    tests/golden/data/hostile_r1_proctitle_uninit_and_ax25.json \
    tests/golden/data/hostile_r1_proctitle_uninit_and_ax25.log \
    tests/golden/data/hostile_r2_zero_field_leak.json \
    tests/golden/data/hostile_r2_zero_field_leak.log \
    tests/golden/data/hostile_r3_dup_cwd_leak.json \
    tests/golden/data/hostile_r3_dup_cwd_leak.log \
    tests/golden/data/hostile_r4_key_escape.json \
    tests/golden/data/hostile_r4_key_escape.log \
    tests/golden/data/hostile_r5_interpretation_overread.json \
    tests/golden/data/hostile_r5_interpretation_overread.log \
    tests/golden/data/integrity.json \
    tests/golden/data/integrity.log \
    tests/golden/data/interleaved.json \
    tests/golden/data/interleaved.log \
    tests/golden/data/kernel.compatible.json \
    tests/golden/data/kernel.json \
    tests/golden/data/kernel.log \
    tests/golden/data/machines.json \
    tests/golden/data/machines.log \
    tests/golden/data/nodes.json \
    tests/golden/data/nodes.log \
    tests/golden/data/selinux.json \
    tests/golden/data/selinux.log \
    tests/golden/data/sockets.compatible.json \
    tests/golden/data/sockets.json \
    tests/golden/data/sockets.log \
    tests/golden/data/split_execve.json \
    tests/golden/data/split_execve.log \
    tests/golden/data/syscall.json \
    tests/golden/data/syscall.log \
    tests/golden/data/user.json \
    tests/golden/data/user.log \
    tests/golden/data/userspace.compatible.json \
    tests/golden/data/userspace.json \
    tests/golden/data/userspace.log

TESTS += tests/golden/convert.sh
EXTRA_DIST += tests/golden/convert.sh

TESTS += tests/golden/schema.sh
EXTRA_DIST += tests/golden/schema.sh tests/golden/validate.py

TESTS += tests/golden/round_trip.sh
EXTRA_DIST += tests/golden/round_trip.sh tests/lib/records_rewrite.h $(golden_records)
check_PROGRAMS += tests/golden/round_trip
tests_golden_round_trip_SOURCES = tests/golden/round_trip.c tests/lib/event_lines.c \
    $(JSON_CHECK) tests/lib/records_rewrite.c
tests_golden_round_trip_CFLAGS = $(AM_CFLAGS) -I$(top_srcdir)/tests/lib
tests_golden_round_trip_LDADD = libomauditjson.a $(OAJ_LIBS)
golden_records = \
    tests/golden/data/anomalies.records.json \
    tests/golden/data/apparmor.records.json \
    tests/golden/data/bytes.records.json \
    tests/golden/data/defect_aa2.records.json \
    tests/golden/data/host_enriched.records.json \
    tests/golden/data/hostile_r1_proctitle_uninit_and_ax25.records.json \
    tests/golden/data/machines.records.json \
    tests/golden/data/nodes.records.json \
    tests/golden/data/selinux.records.json \
    tests/golden/data/sockets.records.json \
    tests/golden/data/split_execve.records.json \
    tests/golden/data/userspace.records.json

EXTRA_DIST += $(golden_ecs)
golden_ecs = \
    tests/golden/data/anomalies.ecs.json \
    tests/golden/data/apparmor.ecs.json \
    tests/golden/data/arch.ecs.json \
    tests/golden/data/avc.ecs.json \
    tests/golden/data/bad.ecs.json \
    tests/golden/data/bytes.ecs.json \
    tests/golden/data/daemon.ecs.json \
    tests/golden/data/host_enriched.ecs.json \
    tests/golden/data/hostile_r1_proctitle_uninit_and_ax25.ecs.json \
    tests/golden/data/integrity.ecs.json \
    tests/golden/data/kernel.ecs.json \
    tests/golden/data/machines.ecs.json \
    tests/golden/data/nodes.ecs.json \
    tests/golden/data/selinux.ecs.json \
    tests/golden/data/sockets.ecs.json \
    tests/golden/data/split_execve.ecs.json \
    tests/golden/data/syscall.ecs.json \
    tests/golden/data/user.ecs.json \
    tests/golden/data/userspace.ecs.json
