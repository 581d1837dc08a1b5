#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# rsyslogd killed with -9 on the way, and stopped in order and started again while the receiver is
# down: no record is missing.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
need_rsyslogd
[ -z "${OAJ_QUICK-}" ] || tap_skip_all "OAJ_QUICK is set"

sample | head -n 8000 >"$work/all"
split -n l/4 "$work/all" "$work/piece."
events=$(events_in "$work/all")

grown() { [ "$(lines "$out")" -ge $(($1 + $2)) ]; }
begin() { # STANZA [SED...]
    local stanza=$1
    shift
    fresh
    receiver_start --mode delay=5
    oaj_conf "receiver = json-array" "batch_events = 50"
    rsyslog_conf "$stanza" "" "$@"
    : >"$work/audit/audit.log"
    fed=("$work/audit/audit.log")
}

run_kill() { # NAME STANZA [SED...]
    local name=$1 piece before
    shift
    begin "$@"
    rsyslogd_start
    for piece in "$work"/piece.*; do
        before=$(lines "$out")
        cat "$piece" >>"$work/audit/audit.log"
        [ "$piece" != "$work/piece.ad" ] || break
        wait_until 10 grown "$before" 60
        check "$name: it is killed" rsyslogd_kill
        rsyslogd_start
    done
    # a few records a death that nobody can tell from further ones (event/recent.h)
    finish_test "$name" 40 "$events" --allow-repeats --copies 96
    tap_note "$(oracle --allow-repeats --copies 96 | tail -n 1)"
    receiver_stop
}

run_stop() { # NAME STANZA [SED...]
    local name=$1 i
    shift
    begin "$@"
    receiver_stop
    rsyslogd_start
    i=0
    # each time it is stopped while records that the receiver can't have yet are on their way
    for piece in "$work"/piece.*; do
        cat "$piece" >>"$work/audit/audit.log"
        i=$((i + 1))
        [ "$i" -lt 4 ] || break
        [ "$i" != 2 ] || continue
        wait_until 10 stat_reaches retries 1 || tap_note "no failed request"
        check "$name: stopped while the receiver is down" rsyslogd_stop
        rm -f "$work/stats.json"
        rsyslogd_start
    done
    is "$(lines "$out")" 0 "$name: nothing could arrive"
    receiver_start --port "$port"
    finish_test "$name" 40 "$events" --allow-repeats
    tap_note "$(oracle --allow-repeats | tail -n 1)"
    receiver_stop
}

run_kill "kill -9, queue on disk" diskqueue
run_kill "kill -9, direct" direct "$quick_stop"
run_stop "stop, queue on disk" diskqueue
run_stop "stop, direct" direct "$quick_stop"
tap_done
