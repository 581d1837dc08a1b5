# SPDX-License-Identifier: Apache-2.0
# The whole program under a real rsyslogd, with the shipped stanzas.

rsyslog_tests = \
    tests/rsyslog/test_modes.sh \
    tests/rsyslog/test_backpressure.sh \
    tests/rsyslog/test_generated.sh \
    tests/rsyslog/test_kill.sh \
    tests/rsyslog/test_outage.sh \
    tests/rsyslog/test_rotation.sh \
    tests/rsyslog/test_stanzas.sh \
    tests/rsyslog/test_stop.sh \
    tests/rsyslog/test_systemd.sh
TESTS += $(rsyslog_tests)
EXTRA_DIST += $(rsyslog_tests) tests/demo.sh \
    tests/data/busy-enriched.log.xz tests/data/host-enriched.log tests/data/host-raw.log
