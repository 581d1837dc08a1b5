#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 of omauditjson, up to twenty times on the way: no record is missing, every repeat is under its
# own id.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
need_rsyslogd
[ -z "${OAJ_QUICK-}" ] || tap_skip_all "OAJ_QUICK is set"

grown() { [ "$(lines "$out")" -ge $(($1 + $2)) ]; }

run() { # NAME STANZA RECORDS [SED...]
    local name=$1 stanza=$2 records=$3 killed=0 n pid piece before
    shift 3
    fresh
    receiver_start --mode delay=5
    oaj_conf "receiver = json-array" "batch_events = 50"
    rsyslog_conf "$stanza" "" "$@"
    sample | head -n "$records" >"$work/all"
    rm -f "$work"/piece.*
    split -n l/21 "$work/all" "$work/piece."
    : >"$work/audit/audit.log"
    fed=("$work/audit/audit.log")
    rsyslogd_start
    # a piece of the log, and while its events are on their way: kill -9
    for piece in "$work"/piece.*; do
        before=$(lines "$out")
        cat "$piece" >>"$work/audit/audit.log"
        [ "$piece" != "$work/piece.au" ] || break
        wait_until 10 grown "$before" 60 || tap_note "nothing arrived after $killed kills"
        # rsyslog starts the next one with its next message
        wait_until 10 child_runs
        pid=$(child_pid)
        [ -n "$pid" ] && kill -9 "$pid" && killed=$((killed + 1))
    done
    # now and then rsyslog has not started the next one yet
    check "$name: killed" [ "$killed" -ge 15 ]
    tap_note "killed $killed times"
    # a few records a death that nobody can tell from further ones (event/recent.h)
    finish_test "$name" 40 "$(events_in "$work/audit/audit.log")" --allow-repeats \
        --copies $((killed * 32))
    tap_note "$(oracle --allow-repeats --copies $((killed * 32)) | tail -n 1)"
    receiver_stop
}

run "transactions" diskqueue 59723
run "without transactions" direct 20000 "$quick_stop"
tap_done
