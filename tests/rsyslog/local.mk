# SPDX-License-Identifier: Apache-2.0
# The whole program under a real rsyslogd, with the shipped stanzas.

rsyslog_tests = \
    tests/rsyslog/test_modes.sh \
    tests/rsyslog/test_backpressure.sh tests/rsyslog/test_full.sh \
    tests/rsyslog/test_gathered.sh tests/rsyslog/test_generated.sh \
    tests/rsyslog/test_kill.sh \
    tests/rsyslog/test_outage.sh \
    tests/rsyslog/test_poison.sh \
    tests/rsyslog/test_rotation.sh \
    tests/rsyslog/test_stanzas.sh \
    tests/rsyslog/test_stop.sh \
    tests/rsyslog/test_systemd.sh \
    tests/rsyslog/test_wakeup.sh \
    tests/rsyslog/test_oversize.sh
TESTS += $(rsyslog_tests)
EXTRA_DIST += $(rsyslog_tests) tests/rsyslog/rotate_fast.sh tests/demo.sh \
    tests/data/busy-enriched.log.xz tests/data/host-enriched.log tests/data/host-raw.log

# For LD_PRELOAD; without sanitizers, for it is loaded before them.
check_PROGRAMS += tests/lib/poison.so
tests_lib_poison_so_SOURCES = tests/lib/poison.c
tests_lib_poison_so_CFLAGS = -std=gnu11 -fPIC $(WARN_CFLAGS) $(CURL_CFLAGS)
tests_lib_poison_so_LDFLAGS = -shared
tests_lib_poison_so_LDADD = -ldl
