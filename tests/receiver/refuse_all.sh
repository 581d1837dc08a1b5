#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A receiver that refuses every request sets no event aside: nothing leaves the journal, the log
# says what to do, and all arrives when it takes events again; from the start, and after it took
# some. One bad event among good ones is set aside.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
# shellcheck source=tests/lib/oaj.sh
. "$srcdir/tests/lib/oaj.sh"
trap 'oaj_cleanup; cleanup' EXIT
tap_plan_later

sample | head -n 6000 >"$work/sample"
half=$(($(lines "$work/sample") / 2))
requests_reach() { [ "$(lines "$requests")" -ge "$1" ]; }
up() { [ "$(stat_of receiver_up)" = "$1" ]; }

for begin in refused accepted; do
    for status in 400 405 410 413 415 422; do
        fresh
        receiver_start
        [ "$begin" = accepted ] || receiver_control "mode=$status"
        oaj_conf "receiver = ndjson" "batch_events = 20" "window = 16MiB" \
            "deadletter_bytes = 64KiB"
        oaj_start
        head -n "$half" "$work/sample" >&5
        if [ "$begin" = accepted ]; then
            wait_until 60 stat_reaches delivered 20 || tap_note "nothing is delivered at first"
            receiver_control "mode=$status"
        fi
        tail -n "+$((half + 1))" "$work/sample" >&5
        n=$(lines "$requests")
        check "$status, $begin at first: it is tried again" wait_until 60 requests_reach "$((n + 12))"
        check "$status: receiver_up is 0" wait_until 30 up 0
        is "$(stat_of rejected)" 0 "$status: nothing is set aside"
        is "$(find "$work/state/deadletter" -name '*.json' -size +0 | wc -l)" 0 \
            "$status: no dead letters"
        is "$(grep -c "accepted nothing since .* last: $status.* to fix it: it refuses every event" \
            "$work/oaj.log")" 1 "$status: the log says so, and what to do"
        receiver_control mode=ok
        fed=("$work/sample")
        check "$status: all arrives when it takes events again" \
            delivered 120 "$(events_in "${fed[@]}")" --allow-repeats
        check "$status: receiver_up is 1" wait_until 30 up 1
        oaj_end
        is $? 0 "$status: the end"
        is "$(stat_of rejected)" 0 "$status: nothing was set aside"
        receiver_stop
    done
done

fresh
receiver_start --reject refuseme
oaj_conf "receiver = ndjson"
oaj_start
oaj_feed 20
echo "type=USER_LOGIN msg=audit(1700000000.001:1000): pid=1 uid=0 msg='op=refuseme res=success'" >&5
oaj_feed 20
check "one bad event is set aside" wait_until 60 stat_reaches rejected 1
check "the others are delivered" wait_until 60 stat_reaches delivered 40
is "$(grep -ho '"reason":"[^"]*"' "$work"/state/deadletter/*.json)" \
    '"reason":"refused by the receiver"' "with the reason"
oaj_end
is $? 0 "the end"
is "$(stat_of rejected)-$(stat_of receiver_up)" 1-1 "nothing else was, and the receiver is up"
tap_done
