#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A receiver that answers well and reads no body has taken nothing: from the start, and when it is
# one after an outage.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
# shellcheck source=tests/lib/oaj.sh
. "$srcdir/tests/lib/oaj.sh"
trap 'oaj_cleanup; cleanup' EXIT
tap_plan_later

requests_reach() { [ "$(lines "$requests")" -ge "$1" ]; }

for receiver in ndjson mozdef; do
    fresh
    receiver_start
    receiver_control mode=early
    oaj_conf "receiver = $receiver" "batch_events = 50"
    oaj_serial=0
    oaj_start
    oaj_feed 933
    check "$receiver: it is tried again" wait_until 60 requests_reach 8
    is "$(stat_of delivered)" 0 "$receiver: nothing counts as delivered"
    is "$(grep -c 'the receiver answered before the request was complete' "$work/oaj.log")" 1 \
        "$receiver: the log says why"
    receiver_control mode=ok
    check "$receiver: all arrives when it reads" wait_until 60 has_lines "$out" 933
    check "$receiver: and is delivered" wait_until 60 stat_reaches delivered 933
    receiver_control mode=503
    oaj_feed 1
    n=$(lines "$requests")
    check "$receiver: an outage" wait_until 60 requests_reach "$((n + 2))"
    receiver_control mode=early
    oaj_feed 100
    n=$(lines "$requests")
    check "$receiver: tried again" wait_until 60 requests_reach "$((n + 4))"
    is "$(stat_of delivered)" 933 "$receiver: nothing more counts as delivered"
    receiver_control mode=ok
    check "$receiver: all arrives" wait_until 60 has_lines "$out" 1034
    oaj_end
    is $? 0 "$receiver: the end"
    is "$(lines "$out")" 1034 "$receiver: once"
    receiver_stop
done
tap_done
