# SPDX-License-Identifier: Apache-2.0
# What SECURITY.md says is guarded.

check_PROGRAMS += tests/security/confine
tests_security_confine_SOURCES = tests/security/confine.c

# They run inside another program: without sanitizers or coverage of their own.
check_DATA += tests/security/env_spy.so
tests/security/env_spy.so: tests/security/env_spy.c config.h
	$(AM_V_CCLD)$(MKDIR_P) tests/security && $(CC) $(DEFS) -I. -std=gnu11 $(WARN_CFLAGS) -O2 -g \
	    -fPIC -shared -o $@ $(srcdir)/tests/security/env_spy.c -ldl
CLEANFILES += tests/security/env_spy.so

check_DATA += tests/security/intruder.so
tests/security/intruder.so: tests/security/intruder.c config.h
	$(AM_V_CCLD)$(MKDIR_P) tests/security && $(CC) $(DEFS) -I. -std=gnu11 $(WARN_CFLAGS) \
	    $(AUDIT_CFLAGS) $(CURL_CFLAGS) -O2 -g -fPIC -shared -o $@ \
	    $(srcdir)/tests/security/intruder.c -ldl
CLEANFILES += tests/security/intruder.so

security_tests = tests/security/test_clear.sh tests/security/test_confinement.sh \
    tests/security/test_environment.sh tests/security/test_state.sh tests/security/test_sandbox.sh \
    tests/security/test_secrets.sh tests/security/test_tls.sh
TESTS += $(security_tests)
EXTRA_DIST += $(security_tests) tests/security/jail.sh tests/security/env_spy.c \
    tests/security/intruder.c tests/lib/oaj.sh
