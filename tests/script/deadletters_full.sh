#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The dead letters at their bound. To hold: nothing is lost, the rest waits in the journal, also over a
# restart, and goes on when there is room. To drop: the oldest go, and the log and a counter say so.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
# shellcheck source=tests/lib/oaj.sh
. "$srcdir/tests/lib/oaj.sh"
trap 'oaj_cleanup; cleanup' EXIT
tap_plan_later

dl() { "$omauditjson" --config "$work/omauditjson.conf" deadletter "$@" 2>&1; }
garbage() { # FIRST LAST: lines of some 400 bytes
    local i
    for i in $(seq "$1" "$2"); do
        printf 'no record %d %0400d\n' "$i" 0 >&5
    done
}
kept() { cat "$work"/state/deadletter/*.json | grep -o 'no record [0-9]*' | sort -u; }

receiver_start
oaj_conf "receiver = ndjson" "deadletter_bytes = 64KiB"
oaj_start
garbage 1 200
check "hold: the bound is reached" wait_until 30 stat_reaches deadletters_held 1
check "hold: the log says so, and what to do" has_text "$work/oaj.log" \
    'deadletter_bytes is reached; requeue or drop some.*deadletter_full = drop'
is "$(stat_of deadletters_dropped)" 0 "hold: none is dropped"
n=$(kept | wc -l)
check "hold: less than all are kept" test "$n" -lt 200
is "$(kept | cut -d ' ' -f 3 | sort -n | tail -n 1)" "$n" "hold: the first ones"
exec 5>&-
wait "$oaj_pid"
oaj_start
garbage 201 210
check "hold: in the next life too" wait_until 30 stat_reaches deadletters_held 1
is "$(kept | wc -l)" "$n" "hold: the same ones"
# what is dropped here has been seen: entries that come meanwhile are not among these
more() {
    local ids
    mapfile -t ids < <(dl list | awk '$1 ~ /^[0-9]+[.][0-9]+$/ { print $1 }')
    dl show "${ids[@]}" | grep -o 'no record [0-9]*' >>"$work/all"
    dl drop "${ids[@]}" >/dev/null
    kept >>"$work/all"
    [ "$(sort -u "$work/all" | wc -l)" -ge 210 ]
}
check "hold: all of them, as room is made" wait_until 30 more
oaj_end
is $? 0 "hold: the end"

fresh
oaj_conf "receiver = ndjson" "deadletter_bytes = 64KiB" "deadletter_full = drop"
oaj_start
garbage 1 210
check "drop: counted" wait_until 30 stat_reaches deadletters_dropped 1
check "drop: the log says so, as an error" has_text "$work/oaj.log" \
    'error: dead letters: .* was dropped to make room'
oaj_end
is $? 0 "drop: the end"
check "drop: the youngest are kept" grep -q 'no record 210 ' -r "$work/state/deadletter"
tap_done
