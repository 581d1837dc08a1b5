#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The whole busy log through a real rsyslogd, nothing going wrong: each event exactly once, in each
# of omprog's three modes.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
need_rsyslogd
[ -z "${OAJ_QUICK-}" ] || tap_skip_all "OAJ_QUICK is set"

sample >"$work/busy"
events=$(events_in "$work/busy")
tap_note "$(lines "$work/busy") records, $events events"

run() { # NAME STANZA RECEIVER [SED...]
    local name=$1 stanza=$2 receiver=$3
    shift 3
    fresh
    receiver_start
    oaj_conf "receiver = $receiver" "in_flight = 1"
    rsyslog_conf "$stanza" "" "$@"
    cp "$work/busy" "$work/audit/audit.log"
    fed=("$work/audit/audit.log")
    rsyslogd_start
    finish_test "$name" 50 "$events" --exactly-once --ordered
    receiver_stop
}

run "transactions" diskqueue json-array
is "$(stat_of begins)" "$(stat_of commits)" "transactions: each was committed"
check "transactions: there were some" stat_reaches commits 2
run "confirmed, without transactions" direct ndjson "$quick_stop"
run "not confirmed" direct mozdef-bulk "$quick_stop" 's/confirmMessages="on"/confirmMessages="off"/'
tap_done
