#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A record longer than rsyslog's maxMessageSize comes cut: its document says so, in each format. One
# that is as long as that allows is whole.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
need_rsyslogd

# An event with an EXECVE record whose line has LENGTH bytes; HEX: the argument is encoded
long() { # SERIAL LENGTH [HEX]
    perl -e '
        my ($serial, $len, $hex) = @ARGV;
        my $head = "type=EXECVE msg=audit(1795356082.001:$serial): argc=1 a0=" . ($hex ? "" : "\"");
        my $tail = $hex ? "" : "\"";
        my $n = $len - length($head) - length($tail);
        print $head, ($hex ? "4" : "x") x $n, $tail, "\n";
        print "type=EOE msg=audit(1795356082.001:$serial): \n"' "$@"
}

run() { # FORMAT WANTED-CUT [SED...]: with $work/long
    local format=$1 wanted=$2 n
    shift 2
    fresh
    receiver_start
    oaj_conf "receiver = ndjson" "format = $format"
    rsyslog_conf direct "" "$@" "$quick_stop"
    cp "$work/long" "$work/audit/audit.log"
    n=$(grep -c EXECVE "$work/audit/audit.log")
    rsyslogd_start
    check "$format: $n documents" wait_until 20 has_lines "$out" "$n"
    check "$format: rsyslogd stops" rsyslogd_stop
    is "$(grep -c lines_cut_before=1 "$out")" "$wanted" "$format: marked"
    is "$(stat_of lines_cut_before)" "$wanted" "$format: counted"
    check "$format: every body was valid" no_bad_bodies
    receiver_stop
}

{ long 1 70000 && long 2 70001 hex && long 3 70000 hex && long 4 65534; } >"$work/long"
for format in audisp-json records ecs; do
    run "$format" 3
done
# where nobody sets it, rsyslog cuts at 8,096
{ long 1 9000 && long 2 9000 hex && long 3 9001 hex && long 4 8090; } >"$work/long"
run records 3 '/^.MaxMessageSize/d'
tap_done
