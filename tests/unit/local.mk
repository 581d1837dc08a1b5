# SPDX-License-Identifier: Apache-2.0
# One check program a module, tests/unit/test_MODULE.c, with TAP on its standard output. Each room
# adds its programs to unit_tests in a file of its own.

UNIT_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) -I$(top_srcdir)/tests/unit -I$(top_srcdir)/tests/lib
UNIT_LDADD = libomauditjson.a $(OAJ_LIBS) $(CHECK_LIBS)

unit_tests =
EXTRA_DIST += tests/unit/unit.h tests/unit/generated.h

include tests/unit/base.mk
include tests/unit/input.mk
include tests/unit/journal.mk
include tests/unit/event.mk
include tests/unit/index.mk
include tests/unit/format.mk
include tests/unit/deliver.mk

check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
