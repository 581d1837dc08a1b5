#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the stanzas cost as shipped and changed by gather.sed, in turns: records a second from the log
# to the receiver, and the CPU of rsyslogd and of omauditjson for a record. By hand, in a build folder
# that has the test programs (make check TESTS=):
#   srcdir=.. builddir=. omauditjson=omauditjson/omauditjson ../bench/stanzas.sh [ROUNDS]
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
rounds=${1:-3}
need_rsyslogd

sample >"$work/busy"
last_of_a_message >>"$work/busy"
events=$(events_in "$work/busy")
records=$(lines "$work/busy")
hertz=$(getconf CLK_TCK)

cpu_of() { awk '{ print $14 + $15 }' "/proc/$1/stat"; } # PID: ticks
now_ms() { date +%s%3N; }

measure() { # STANZA shipped|gathered
    local began ended r c
    fresh
    receiver_start
    oaj_conf "receiver = ndjson"
    rsyslog_conf "$1" "" "$quick_stop"
    [ "$2" = shipped ] || gather
    head -n 20 "$work/busy" >"$work/audit/audit.log"
    rsyslogd_start
    wait_until 20 child_runs || tap_bail "omauditjson does not start"
    sleep 1
    r=$(cpu_of "$rsyslogd_pid") c=$(cpu_of "$(child_pid)") began=$(now_ms)
    tail -n +21 "$work/busy" >>"$work/audit/audit.log"
    wait_until 120 has_lines "$out" "$events" || tap_bail "not all arrived"
    ended=$(now_ms)
    r=$(($(cpu_of "$rsyslogd_pid") - r)) c=$(($(cpu_of "$(child_pid)") - c))
    awk -v s="$1" -v how="$2" -v n="$records" -v ms=$((ended - began)) -v r="$r" -v c="$c" \
        -v hz="$hertz" -v m="$(stat_of messages)" 'BEGIN {
            printf "%-10s %-9s %7.0f records/s, us of CPU a record: rsyslogd %6.1f, omauditjson %5.1f; %d messages\n",
                s, how, n * 1000 / ms, r * 1e6 / hz / n, c * 1e6 / hz / n, m ? m : n }'
    rsyslogd_stop
    receiver_stop
}

echo "$records records, $events events"
for ((i = 0; i < rounds; i++)); do
    for stanza in direct diskqueue; do
        measure "$stanza" shipped
        measure "$stanza" gathered
    done
done
