#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The command deadletter: what it lists and shows, what it puts back (with the bytes and the id of
# before, with the program running and without), what it refuses and drops; and that killed at any of
# its steps it loses nothing.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
# LeakSanitizer can't work under a tracer
export ASAN_OPTIONS=detect_leaks=0
letters=$work/state/deadletter
spool=$work/state/requeue

oaj() { "$omauditjson" --config "$work/omauditjson.conf" "$@"; }
dl() { oaj deadletter "$@" 2>"$work/err"; }
login() { # NUMBER: a record that the receiver refuses
    printf "type=USER_LOGIN msg=audit(1800000000.%03d:%d): pid=1 uid=0 msg='op=refuseme res=success'\n" \
        $(($1 % 1000)) "$1"
}
logins() { for ((i = $1; i <= $2; i++)); do login "$i"; done; } # FIRST LAST
listed() { dl list "$@" | tail -n +2 | wc -l; }
ids() { grep -o '"auditid":"[^"]*"' "$@" | sort; }
events() { sed -n 's/.*,"event":\(.*\)}$/\1/p' "$@"; } # the kept documents
run_once() { oaj "$@" </dev/null >/dev/null; }
fill() { # FIRST LAST [LINE...]: that many refused events, and lines, in fresh dead letters
    fresh
    receiver_start --reject refuseme
    oaj_conf "receiver = json-array" "batch_events = 100" "shutdown_timeout = 1m"
    {
        # one that it takes, or it would be no fault of the others
        login 999 | sed s/refuseme/fine/
        wait_until 20 has_lines "$out" 1
        logins "$1" "$2"
        [ "$#" -lt 3 ] || printf '%b\n' "${@:3}"
    } | oaj >/dev/null
    receiver_stop
    : >"$out"
    events "$letters"/*.json >"$work/kept"
    receiver_start --port "$port"
}
rc() { # WANTED NAME COMMAND...
    local wanted=$1 name=$2 got
    shift 2
    "$@" >"$work/said"
    got=$?
    is "$got" "$wanted" "$name" || tap_note "$(cat "$work/said" "$work/err")"
}
empty_spool() { [ -z "$(ls -A "$spool")" ]; }
same_bytes() { # NAME: every kept document has arrived as it was, once
    is "$(sort "$out" | md5sum)" "$(sort "$work/kept" | md5sum)" "$1"
}

# -- list, show, drop
fill 1 3 "garbage one" 'bad \0377 bytes \033[31m' ""
is "$(listed)" 5 "list: all of them"
is "$(listed --reason refused)" 3 "list --reason"
is "$(listed --since 1h)" 5 "list --since: an hour ago"
is "$(listed --since "$(date -u -d tomorrow +%F)")" 0 "list --since: tomorrow"
dl list | grep -q '^1\.[1-5] .* 400 .*testhost:1800000000.001:1:1:[0-9a-f]*, refused by the receiver$'
is "$?" 0 "list: number, status, event and reason"
one=$(dl list | sed -n 's/^\([0-9.]*\) .*:1800000000.002:.*/\1/p')
dl show "$one" | grep -q '"answer":"this event cannot be indexed"'
is "$?" 0 "show: with the answer"
is "$(dl show --all | grep -c '"reason"')" 5 "show --all"
is "$(dl show --all | tr -d '\n -~' | tr -dc '\001-\037\177' | wc -c)" 0 "show: no control characters"
rc 1 "show: no such entry" dl show 7.7
rc 64 "an ID is needed" dl show
rc 64 "IDs or --all, not both" dl requeue --all 1.1
rc 64 "drop --all needs --yes" dl drop --all
rc 64 "no such action" dl list-all
rc 64 "no such time" dl list --since yesterday
rc 78 "no such option" dl list --al
rc 73 "no such state directory" oaj --state-dir "$work/none" deadletter list 2>/dev/null
is "$(listed)" 5 "nothing of this changed anything"
rc 0 "drop one" dl drop "$one"
is "$(listed)" 4 "it is gone"
rc 1 "it is gone for show too" dl show "$one"
is "$(grep -c 000.002 "$letters"/*.json)" 0 "and from the disk"
rc 1 "requeue: lines that are no records are refused" dl requeue --all --reason header
is "$(grep -c 'can only be shown and dropped' "$work/err")" 2 "and it says so of each"
exec 9>>"$letters/lock"
flock 9
rc 75 "another one is at work" dl drop --all --yes
rc 0 "list does not mind" dl list
exec 9>&-
rc 0 "drop --all --yes" dl drop --all --yes
is "$(tr -d ' \n' <"$letters/0000000001.json")" "" "nothing is left of them"
receiver_stop

# -- requeue without the program, which then has another configuration
fill 1 3
rc 0 "requeue: all" dl requeue --all
is "$(listed)" 0 "they have left the dead letters"
echo "details = compatible" >>"$work/omauditjson.conf"
run_once
check "the next program sends them" wait_until 10 has_lines "$out" 3
same_bytes "with their bytes and ids, whatever the configuration is now"
check "the queue is empty" empty_spool
run_once
is "$(lines "$out")" 3 "and they are sent once"
receiver_stop

# -- with the program running: its timer, SIGHUP; and it is refused again
fill 1 700
mkfifo "$work/in"
"$omauditjson" --config "$work/omauditjson.conf" <"$work/in" >/dev/null 8>&- &
pid=$!
exec 6>"$work/in"
wait_until 10 test -s "$work/stats.json"
first=$(dl list | sed -n 's/^\([0-9.]*\) .*:1800000000.001:.*/\1/p')
rc 0 "requeue one while the program runs" dl requeue "$first"
check "said so" has_text "$work/said" "within seconds"
check "it is sent without being asked" wait_until 20 has_lines "$out" 1
rc 0 "requeue the others" dl requeue --all
kill -HUP "$pid"
check "SIGHUP: they are sent" wait_until 20 has_lines "$out" 700
same_bytes "each with its bytes, once"
check "the queue is empty" wait_until 10 empty_spool
login 701 >&6
check "the stream goes on" wait_until 10 has_lines "$out" 701
is "$(stat_of requeued)" 700 "counted"
exec 6>&-
wait "$pid"
receiver_stop
fill 1 2
receiver_stop
receiver_start --port "$port" --reject refuseme
rc 0 "requeue what is refused again" dl requeue --all
login 998 | sed s/refuseme/fine/ | oaj >/dev/null # and this one is not
is "$(listed)" 2 "they are back in the dead letters"
is "$(events "$letters"/*.json | md5sum)" "$(md5sum <"$work/kept")" "as they were"
check "the queue is empty" empty_spool
receiver_stop

# -- the program is killed while they are on the wire
fill 1 5
receiver_control mode=hang
dl requeue --all >/dev/null
mkfifo "$work/in2"
"$omauditjson" --config "$work/omauditjson.conf" <"$work/in2" >/dev/null 8>&- &
pid=$!
exec 6>"$work/in2"
check "killed in the middle" wait_until 10 stat_reaches requeued 5
kill -9 "$pid"
{ wait "$pid"; } 2>/dev/null
exec 6>&-
receiver_control mode=ok
: >"$out"
run_once
same_bytes "the next one sends them all again, the same"
check "the queue is empty" empty_spool
receiver_stop

# -- files of the queue that cannot be read are kept, each of them
fresh
receiver_start
oaj_conf "receiver = json-array"
mkdir -p "$spool"
for i in $(seq 1 18); do
    echo '{"half a line' >"$spool/$(printf '%010d.json' "$i")"
done
run_once
is "$(find "$spool" -name '*.json.bad' | wc -l)" 18 "damaged files of the queue: all are kept"
check "which is said" has_text "$work/oaj.log" "0000000018.json: partly unreadable"
receiver_stop

# -- records that were set aside become their event
event="type=SYSCALL msg=audit(1800000000.001:77): arch=c000003e syscall=59 success=yes exit=0 comm=\"x\"
type=CWD msg=audit(1800000000.001:77): cwd=\"/\"
type=PROCTITLE msg=audit(1800000000.001:77): proctitle=\"x\""
fresh
receiver_start
oaj_conf "receiver = json-array"
mkdir -p "$letters"
{
    echo '{"time":"2026-11-22T12:00:00.000+00:00","reason":"no audit record header","line":"x"}'
    sed 's/"/\\"/g; s/.*/{"time":"2026-11-22T12:00:00.000+00:00","reason":"died","line":"&"}/' <<<"$event"
    echo '{"half a line'
} >"$letters/0000000003.json"
rc 1 "lines: records go back, others are refused" dl requeue --all
is "$(grep -c 'can only be shown and dropped' "$work/err")" 2 "a damaged one too"
run_once
is "$(lines "$out")" 1 "one event is sent"
oaj convert <<<"$event" >"$work/wanted" 2>/dev/null
is "$(ids "$out")" "$(ids "$work/wanted")" "under the id of its records"
is "$(listed)" 2 "the others stay"
rc 0 "a damaged one can be dropped" dl drop 3.5
is "$(listed)" 1 "and is gone"
receiver_stop

# -- root works as the owner of the state directory
if [ "$(id -u)" = 0 ]; then
    fill 1 1
    chown -R 65534:65534 "$work/state"
    chmod 755 "$work"
    dl requeue --all >/dev/null
    is "$(stat -c %u:%g:%a "$spool" "$spool"/*.json "$letters/lock" | sort -u | tr '\n' ' ')" \
        "65534:65534:600 65534:65534:700 " "root: files are the owner's"
    receiver_stop
else
    tap_skip "not root"
fi

# -- kill -9 at every step
strace -o /dev/null true 2>/dev/null || {
    tap_skip "strace does not work here"
    tap_done
}
fill 1 3
cp -a "$work/state" "$work/state.filled"
killed_at() { # CALL N: requeue, killed when it makes that call for the n-th time
    strace -f -o /dev/null -e trace="$1" -e inject="$1:signal=SIGKILL:when=$2" \
        "$omauditjson" --config "$work/omauditjson.conf" deadletter requeue --all >"$work/said"
}
steps=0 lost=0 unsent=0
for call in openat write pwrite64 fdatasync fsync renameat mkdirat; do
    for ((n = 1; n < 60; n++)); do
        rm -rf "$work/state"
        cp -a "$work/state.filled" "$work/state"
        { killed_at "$call" "$n"; } 2>/dev/null && break
        steps=$((steps + 1))
        # what is in neither place is lost; half-blanked lines do not count
        cat "$letters"/[0-9]*.json "$spool"/[0-9]*.json 2>/dev/null | grep '^{' >"$work/there"
        [ "$(ids "$work/there" | sort -u | wc -l)" = 3 ] || lost=$((lost + 1))
        [ $((steps % 6)) = 0 ] || continue
        : >"$out"
        dl requeue --all >/dev/null
        run_once
        [ "$(sort -u "$out" | md5sum)" = "$(sort "$work/kept" | md5sum)" ] && [ "$(listed)" = 0 ] &&
            empty_spool || unsent=$((unsent + 1))
    done
done
is "$lost" 0 "killed at $steps steps: each event is still there"
is "$unsent" 0 "and goes out the same when it is asked for again"
[ "$steps" -gt 10 ]
is "$?" 0 "there were steps"
receiver_stop
tap_done
