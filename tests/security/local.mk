# SPDX-License-Identifier: Apache-2.0
# What SECURITY.md says is guarded.

check_PROGRAMS += tests/security/confine
tests_security_confine_SOURCES = tests/security/confine.c

security_tests = tests/security/test_sandbox.sh tests/security/test_secrets.sh \
    tests/security/test_tls.sh
TESTS += $(security_tests)
EXTRA_DIST += $(security_tests) tests/security/jail.sh tests/lib/oaj.sh
