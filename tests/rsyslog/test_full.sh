#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The file system of the state directory is full and the receiver is down; then rsyslogd is stopped.
# It forgets the batch in its hands then, so there must be room for it: the reserve is allocated
# before. Afterwards there is room again: every record arrives.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
need_rsyslogd
[ -z "${OAJ_QUICK-}${OAJ_ONCE-}" ] || tap_skip_all "OAJ_QUICK or OAJ_ONCE is set"
small=$(mktemp -d "${TMPDIR:-/tmp}/oajXXXXXX") || exit 99
leave_disk() {
    umount -l "$small" 2>/dev/null
    rmdir "$small"
    cleanup
}
trap leave_disk EXIT
mount -t tmpfs -o size=40m,mode=700 tmpfs "$small" 2>/dev/null ||
    tap_skip_all "a small file system can't be mounted"

fill() { dd if=/dev/zero of="$small/fill" bs=64k 2>/dev/null; }
is_full() { [ "$(df -Pk "$small" | awk 'NR == 2 { print $4 }')" -lt 64 ]; }
# Replies wait now: by dots, the receiver not being the reason.
taken() { [ "$(stat_of records)" -ge "$1" ]; }
stands_still() {
    local before
    before=$(stat_of records)
    sleep 1
    [ "$(stat_of records)" = "$before" ]
}

run() { # NAME STANZA [SED...]
    local name=$1 stanza=$2 i=0 piece
    shift 2
    fresh
    rm -rf "${small:?}"/*
    mkdir -m 700 "$small/state"
    ln -s "$small/state" "$work/state" # for the oracle
    receiver_start
    receiver_stop
    oaj_conf "receiver = json-array"
    rsyslog_conf "$stanza" "" "$@"
    : >"$work/audit/audit.log"
    fed=("$work/audit/audit.log")
    rsyslogd_start
    # each piece is more than the current segment has room for
    for piece in "$work"/piece.*; do
        i=$((i + 1))
        head -n 100 "$piece" >>"${fed[0]}"
        wait_until 20 taken 1
        fill
        tail -n +101 "$piece" >>"${fed[0]}"
        check "$name $i: replies wait" wait_until 60 stat_reaches dots 1
        wait_until 30 stands_still
        check "$name $i: the disk is full" is_full
        check "$name $i: rsyslogd stops" rsyslogd_stop
        rm -f "$small/fill" "$work/stats.json"
        rsyslogd_start
    done
    receiver_start --port "$port"
    finish_test "$name" 120 "$(events_in "${fed[0]}")" --allow-repeats
    tap_note "$(oracle --allow-repeats | tail -n 1)"
    receiver_stop
    rm -f "$work/state"
}

gen --seed 7 --events 11000 --width 1 --long 0 >"$work/all"
split -n l/2 "$work/all" "$work/piece."
tap_note "$(lines "$work/all") records"
run "direct" direct "$quick_stop"
run "queue on disk" diskqueue
tap_done
