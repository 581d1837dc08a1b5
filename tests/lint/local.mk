# SPDX-License-Identifier: Apache-2.0
lint_tests = tests/lint/source.sh tests/lint/format.sh tests/lint/shell.sh tests/lint/manual.sh \
    tests/lint/bites.sh
dist_check_SCRIPTS += $(lint_tests)
EXTRA_DIST += tests/lint/lib.sh tests/lint/code.awk tests/lint/circles.awk tests/lint/layers
TESTS += $(lint_tests)
