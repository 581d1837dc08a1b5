# SPDX-License-Identifier: Apache-2.0
# make check: every test speaks TAP through automake's driver. A shell test that prints no TAP
# itself is wrapped by tests/lib/one.sh.

LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
SH_LOG_DRIVER = $(LOG_DRIVER)
TEST_EXTENSIONS = .sh
AM_TESTS_ENVIRONMENT = \
    srcdir='$(abs_top_srcdir)'; export srcdir; \
    builddir='$(abs_top_builddir)'; export builddir; \
    omauditjson='$(abs_top_builddir)/omauditjson/omauditjson'; export omauditjson; \
    CK_TIMEOUT_MULTIPLIER=15; export CK_TIMEOUT_MULTIPLIER;

EXTRA_DIST += tests/run .ci/run .clang-tidy tests/analysis/analyse.sh tests/analysis/silenced

# whatever judges a document as JSON
JSON_CHECK = tests/lib/json_check.c tests/lib/json_check.h \
    tests/receiver/strict.c tests/receiver/strict.h

if TESTS_ENABLED
include tests/unit/local.mk
include tests/golden/local.mk
include tests/differential/local.mk
include tests/script/local.mk
include tests/receiver/local.mk
include tests/oracle/local.mk
include tests/rsyslog/local.mk
include tests/security/local.mk
include tests/faults/local.mk
include tests/crash/local.mk
include tests/fuzz/local.mk
include tests/lint/local.mk
endif
