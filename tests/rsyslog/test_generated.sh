#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Generated logs: interleaved events of two nodes with equal serials and EOE records; events that
# nothing ends; garbage between the records; the recorded logs, RAW and ENRICHED.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
need_rsyslogd
[ -z "${OAJ_QUICK-}" ] || tap_skip_all "OAJ_QUICK is set"

receiver_start

run() { # NAME LOG ORACLE-OPTION...
    local name=$1 log=$2
    shift 2
    receiver_stop
    fresh
    receiver_start
    oaj_conf "receiver = json-array" "in_flight = 1"
    rsyslog_conf direct "" "$quick_stop"
    cp "$log" "$work/audit/audit.log"
    fed=("$work/audit/audit.log")
    rsyslogd_start
    finish_test "$name" 20 "$(events_in "$log")" "$@"
    tap_note "$(oracle "$@" | tail -n 1)"
}

gen --seed 11 --events 8000 --width 30 --nodes alpha,beta --eoe --enriched >"$work/two"
run "two nodes, interleaved" "$work/two" --exactly-once --ordered
gen --seed 12 --events 500 --width 10 --no-proctitle --open 30 >"$work/open"
run "events that nothing ends" "$work/open" --exactly-once
run "recorded, RAW" "$srcdir/tests/data/host-raw.log" --exactly-once --ordered
run "recorded, ENRICHED" "$srcdir/tests/data/host-enriched.log" --exactly-once --ordered

# garbage is kept, and harms no neighbour
gen --seed 13 --events 300 --width 3 --nodes n1 --enriched |
    awk 'NR % 50 == 0 { printf "no record number %d \001\377\n", NR }
         NR % 70 == 0 { print "type=SYSCALL msg=audit(x): broken" }
         { print }' >"$work/garbage"
run "garbage between the records" "$work/garbage" --exactly-once --ordered
check "garbage is counted" stat_reaches garbage_lines 30
tap_done
