# SPDX-License-Identifier: Apache-2.0
# What SECURITY.md says is guarded.

security_tests = tests/security/test_secrets.sh tests/security/test_tls.sh
TESTS += $(security_tests)
EXTRA_DIST += $(security_tests) tests/lib/oaj.sh
