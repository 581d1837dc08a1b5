#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# auditd rotates its log (rename, then a new file) while rsyslogd reads it.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
need_rsyslogd
[ -z "${OAJ_QUICK-}" ] || tap_skip_all "OAJ_QUICK is set"
[ -z "${OAJ_ONCE-}" ] || tap_skip_all "OAJ_ONCE is set"


run() { # NAME STANZA [SED...]
    local name=$1 stanza=$2 piece i=0
    shift 2
    fresh
    receiver_start
    oaj_conf "receiver = json-array"
    rsyslog_conf "$stanza" "" "$@"
    sample | head -n 12000 >"$work/all"
    rm -f "$work"/piece.*
    split -n l/6 "$work/all" "$work/piece."
    : >"$work/audit/audit.log"
    rsyslogd_start
    for piece in "$work"/piece.*; do
        cat "$piece" >>"$work/audit/audit.log"
        [ "$piece" != "$work/piece.af" ] || break
        # not two rotations at once: imfile has begun with this file
        wait_until 10 stat_reaches records $((i * 2000 + 1))
        i=$((i + 1))
        for n in 4 3 2 1; do
            [ ! -e "$work/audit/audit.log.$n" ] || mv "$work/audit/audit.log.$n" "$work/audit/audit.log.$((n + 1))"
        done
        mv "$work/audit/audit.log" "$work/audit/audit.log.1"
        : >"$work/audit/audit.log"
    done
    fed=("$work/all")
    finish_test "$name" 40 "$(events_in "$work/all")" --allow-repeats
    tap_note "$(oracle --allow-repeats | tail -n 1)"
    receiver_stop
}

run "rotation, queue on disk" diskqueue
run "rotation, direct" direct "$quick_stop"
tap_done
