#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Healthy events of 5 to 8,000 records, and a process that is killed (-9) again and again while it
# handles them: none is set aside, all are delivered. N kills (make kills N=10000); in make check 60.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
: "${N:=60}" "${SEED:=$RANDOM}" "${EVENTS:=5 8000 6 100 5 1000 7 3000 5 5}"
read -ra sizes <<<"$EVENTS"
tap_note "N=$N SEED=$SEED, events of $EVENTS records"

event() { # SERIAL RECORDS
    echo "type=SYSCALL msg=audit(1800000000.001:$1): arch=c000003e syscall=59 success=yes exit=0"
    for ((i = 2; i < $2; i++)); do
        echo "type=PATH msg=audit(1800000000.001:$1): item=$i name=\"/tmp/$i\" nametype=NORMAL"
    done
    echo "type=PROCTITLE msg=audit(1800000000.001:$1): proctitle=\"x\""
}
fresh
receiver_start --mode 503
oaj_conf "receiver = json-array" "compress = gzip" "batch_events = 3"
serial=0
for n in "${sizes[@]}"; do
    event $((++serial)) "$n"
done >"$work/log"
"$omauditjson" --config "$work/omauditjson.conf" --shutdown-timeout 0 <"$work/log" >"$work/replies" \
    2>/dev/null
is "$(grep -c '^OK' "$work/replies")" $(($(lines "$work/log") + 1)) "every record is answered"
"$builddir/tests/crash/kills" "$work/omauditjson.conf" "$work/state" "$N" "$SEED" \
    >"$work/said" 2>&1
is "$?" 0 "and the process killed" || tap_note "$(cat "$work/said")"
tap_note "$(cat "$work/said")"
receiver_control mode=ok
"$omauditjson" --config "$work/omauditjson.conf" --shutdown-timeout 60s </dev/null >/dev/null 2>&1
is "$?" 0 "the last life ends in order"
is "$(lines "$out")" "${#sizes[@]}" "every event is delivered"
is "$(cat "$work"/state/deadletter/*.json 2>/dev/null | wc -l)" 0 "none is set aside" ||
    tap_note "$(grep -E 'quarantined|in the dead letters' "$work/oaj.log" | tail -n 3)"
is "$(grep -E 'quarantined|in the dead letters' "$work/oaj.log" | grep -vc ' 0 in the dead letters')" 0 "nor was one in between"
tap_note "trials: $(grep -c 'processing it in a child process first' "$work/oaj.log")"
receiver_stop
tap_done
