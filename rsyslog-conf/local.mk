# SPDX-License-Identifier: Apache-2.0
# The stanzas for rsyslog. The sources name the path of distributions; what is installed names the
# path of this build.

RSYSLOG_CONFS = \
    rsyslog-conf/omauditjson-audisp-syslog.conf \
    rsyslog-conf/omauditjson-direct.conf \
    rsyslog-conf/omauditjson-diskqueue.conf \
    rsyslog-conf/omauditjson-journal.conf \
    rsyslog-conf/omauditjson-kmsg.conf
# For systemd and AppArmor, laid beside them.
RSYSLOG_GUARDS = rsyslog-conf/apparmor/omauditjson rsyslog-conf/systemd/omauditjson.conf
EXTRA_DIST += $(RSYSLOG_CONFS) $(RSYSLOG_GUARDS) rsyslog-conf/gather.sed
rsyslogconf_DATA = rsyslog-conf/gather.sed
rsyslogconfdir = $(datadir)/omauditjson/rsyslog-conf

install-data-local: install-rsyslog-conf
uninstall-local: uninstall-rsyslog-conf

.PHONY: install-rsyslog-conf uninstall-rsyslog-conf
install-rsyslog-conf:
	$(MKDIR_P) '$(DESTDIR)$(rsyslogconfdir)'
	for f in $(RSYSLOG_CONFS); do \
	    $(SED) 's,/usr/libexec/rsyslog/omauditjson,$(rsyslogexecdir)/omauditjson,' \
	        "$(srcdir)/$$f" >"$(DESTDIR)$(rsyslogconfdir)/$${f##*/}" || exit 1; \
	done
	$(MKDIR_P) '$(DESTDIR)$(rsyslogconfdir)/apparmor' '$(DESTDIR)$(rsyslogconfdir)/systemd'
	for f in $(RSYSLOG_GUARDS); do \
	    $(SED) 's,/usr/libexec/rsyslog/omauditjson,$(rsyslogexecdir)/omauditjson,' \
	        "$(srcdir)/$$f" >"$(DESTDIR)$(rsyslogconfdir)/$${f#rsyslog-conf/}" || exit 1; \
	done

uninstall-rsyslog-conf:
	for f in $(RSYSLOG_CONFS); do \
	    rm -f "$(DESTDIR)$(rsyslogconfdir)/$${f##*/}"; \
	done
	for f in $(RSYSLOG_GUARDS); do \
	    rm -f "$(DESTDIR)$(rsyslogconfdir)/$${f#rsyslog-conf/}"; \
	done
	-rmdir '$(DESTDIR)$(rsyslogconfdir)/apparmor' '$(DESTDIR)$(rsyslogconfdir)/systemd'
	-rmdir '$(DESTDIR)$(rsyslogconfdir)' '$(DESTDIR)$(datadir)/omauditjson'
