#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The state directory: one that others may change is refused, and so is a link in the place of
# anything of ours in it; one that is removed while we run is noticed at once, no record is answered
# from then on, and the next process begins anew.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
# shellcheck source=tests/lib/oaj.sh
. "$srcdir/tests/lib/oaj.sh"
tap_plan_later
trap 'oaj_cleanup; cleanup' EXIT
trap '' PIPE # it leaves while records are fed
receiver_start
log=$work/oaj.log

fresh_state() {
    rm -rf "$work/state" "$work/elsewhere" "$log"
    mkdir -m 700 "$work/state" "$work/elsewhere"
}
refused() { # NAME TEXT
    "$omauditjson" --config "$work/omauditjson.conf" </dev/null >"$work/wire" 2>"$work/oaj.err"
    check "$1: refused" test $? -ne 0
    check "$1: it is said why" has_text "$log" "$2"
    is "$(cat "$work/wire")" "" "$1: nothing is said to rsyslog"
    is "$(find "$work/elsewhere" -mindepth 1)" "" "$1: nothing is made elsewhere"
}
oaj_conf "receiver = ndjson" "shutdown_timeout = 500ms"

# -- whose -----------------------------------------------------------------------------------------
for mode in 777 770 720 702; do
    fresh_state
    chmod $mode "$work/state"
    refused "mode $mode" "state: refused: writable by other users.*chmod go-w $work/state"
done
if [ "$(id -u)" = 0 ]; then
    fresh_state
    chown 65534 "$work/state"
    refused "another user's" "state: refused: owned by another user.*chown -R 0 $work/state"
else
    tap_skip "only root can give it away"
fi

# -- links -----------------------------------------------------------------------------------------
for name in deadletter journal; do
    fresh_state
    ln -s "$work/elsewhere" "$work/state/$name"
    refused "a link at $name" "state/$name: refused: not a directory"
done
for name in lock recent scoreboard; do
    fresh_state
    ln -s "$work/elsewhere/made" "$work/state/$name"
    "$omauditjson" --config "$work/omauditjson.conf" </dev/null >"$work/wire" 2>"$work/oaj.err"
    is "$(find "$work/elsewhere" -mindepth 1)" "" "a link at $name: nothing is made where it leads to"
    check "a link at $name: it is said" has_text "$log" "$name\|state: cannot be used"
done
fresh_state
mkdir -p "$work/real"
chmod 700 "$work/real"
rmdir "$work/state"
ln -s "$work/real" "$work/state"
oaj_start
oaj_end
is $? 0 "that state_dir itself is a link is the administrator's decision"
rm -rf "$work/state" "$work/real"

# -- removed under us ------------------------------------------------------------------------------
removed() { # NAME COMMAND...
    local name=$1 before answered
    shift
    fresh_state
    receiver_control mode=503
    oaj_start
    oaj_feed 20
    wait_until 20 has_lines "$work/wire" 21
    check "$name: nothing is delivered yet" wait_until 20 has_text "$log" "down since"
    "$@"
    check "$name: it is noticed" wait_until 20 has_text "$log" "removed or moved while in use"
    is "$(grep -c 'error.*removed or moved.*20 acknowledged records' "$log")" 1 "$name: as an error, with the number"
    answered=$(lines "$work/wire")
    { oaj_feed 3; } 2>/dev/null
    check "$name: it leaves, for rsyslog to start another one" wait_until 20 gone "$oaj_pid"
    { oaj_end; } 2>/dev/null
    is $? 75 "$name: with the status that says so"
    is "$(lines "$work/wire")" "$answered" "$name: nothing was answered after it was gone"
    receiver_control mode=ok
    rm -f "$log"
    before=$(lines "$out")
    oaj_start
    oaj_feed 3
    check "$name: the next process makes it anew and goes on" wait_until 20 has_lines "$out" $((before + 3))
    oaj_end
    is $? 0 "$name: and ends in order"
}
removed "rm -r" rm -r "$work/state"
removed "its content" rm -r "$work/state/journal"
removed "a segment" sh -c "rm $work/state/journal/*"
removed "moved away" mv "$work/state" "$work/elsewhere/moved"

# While the receiver takes events, what is in memory is delivered all the same.
fresh_state
receiver_control mode=503
sed -i 's/^retry_max.*/retry_max = 100ms/; s/^shutdown_timeout.*/shutdown_timeout = 20s/' "$work/omauditjson.conf"
before=$(lines "$out")
oaj_start
oaj_feed 20
wait_until 20 has_lines "$work/wire" 21
check "the receiver is down" wait_until 20 has_text "$log" "down since"
rm -r "$work/state"
check "it is noticed" wait_until 20 has_text "$log" "removed or moved while in use"
receiver_control mode=ok
check "answered records in memory are delivered" wait_until 20 has_lines "$out" $((before + 20))
check "then it leaves" wait_until 20 gone "$oaj_pid"
{ oaj_end; } 2>/dev/null

# Our own removals of segments are none of that.
fresh_state
sed -i 's/^window.*//' "$work/omauditjson.conf"
before=$(lines "$out")
oaj_start
for i in 1 2 3; do
    oaj_feed 5
    check "delivered and trimmed, part $i" wait_until 20 has_lines "$out" $((before + 5 * i))
done
oaj_end
is $? 0 "it ends in order"
is "$(grep -c 'removed or moved' "$log")" 0 "our own removals are not reported"
tap_done
