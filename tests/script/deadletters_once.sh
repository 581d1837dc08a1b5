#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A dead letter is written once: a process that is killed again and again while it sets an event of
# 8,001 records aside, or lines that are no records, or refused events, goes on where it was. And
# what an older version wrote several times is listed, sent and dropped as one.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
ldd "$omauditjson" | grep -q libasan && tap_skip_all "gcc's sanitizers don't work behind LD_PRELOAD"
strace -o /dev/null true 2>/dev/null || tap_skip_all "strace does not work here"
ulimit -c 0
export ASAN_OPTIONS=handle_segv=0:detect_leaks=0
letters=$work/state/deadletter
shim=$builddir/tests/lib/poison.so

oaj() { "$omauditjson" --config "$work/omauditjson.conf" "$@"; }
listed() { oaj deadletter list 2>/dev/null | tail -n +2 | wc -l; }
entries() { cat "$letters"/*.json | grep -c '^{.*}$'; }
# omauditjson with nothing to read, killed at its n-th write to a file of the dead letters
killed_at() { # N
    strace -f -o /dev/null -P "$letters/0000000001.json" -e trace=write \
        -e inject="write:signal=SIGKILL:when=$1" \
        "$omauditjson" --config "$work/omauditjson.conf" </dev/null >/dev/null 2>&1
}

# -- an event of 8,001 records that kills: two deaths, then five that come while it is set aside
fresh
receiver_start
oaj_conf "receiver = json-array" "format = records"
{
    echo 'type=SYSCALL msg=audit(1800000000.001:77): arch=c000003e syscall=59 key="oajpoison"'
    for ((i = 1; i <= 8000; i++)); do
        echo "type=PATH msg=audit(1800000000.001:77): item=$i name=\"/tmp/$((i / 2))\""
    done
} >"$work/big"
for i in 1 2; do
    { env LD_PRELOAD="$shim" OAJ_POISON=SEGV:oajpoison "$omauditjson" --config \
        "$work/omauditjson.conf" <"$([ $i = 1 ] && echo "$work/big" || echo /dev/null)" >/dev/null; } 2>/dev/null
done
is "$(cat "$letters"/*.json 2>/dev/null | wc -l)" 0 "nothing is set aside before the second death"
mkdir -p "$letters"
: >"$letters/0000000001.json" # strace wants the path to be there
for n in 1000 3000 1 2 1500; do
    { killed_at "$n"; } 2>/dev/null
done
check "killed in the middle" test "$(entries)" -gt 4000 -a "$(entries)" -lt 8001
oaj </dev/null >/dev/null 2>&1
is "$(entries)" 8001 "every record is written once"
is "$(listed)" 8001 "and listed once"
is "$(grep -o 'audit(.*' "$letters"/*.json | sort | uniq -c | sort -rn | awk '{ print $1; exit }')" 1 \
    "each is another one" || tap_note "$(head -c 300 "$letters/0000000001.json")"
oaj deadletter requeue --all >"$work/said" 2>&1
is "$(head -n 1 "$work/said")" "8001 requeued; the next omauditjson sends them when it starts" \
    "requeue: each record"
oaj </dev/null >/dev/null 2>&1
is "$(lines "$out")" 1 "as its one event"
is "$(grep -o '"/tmp/[0-9]*"' "$out" | wc -l)" 8000 "with all its records, in pairs that are equal"
is "$(listed)" 0 "nothing is left"
receiver_stop

# -- lines that are no records, and events that are refused
fresh
receiver_start --reject refuseme
oaj_conf "receiver = json-array" "batch_events = 10"
mkdir -p "$letters"
: >"$letters/0000000001.json"
{
    for ((i = 1; i <= 40; i++)); do
        echo "no record"
        printf "type=USER_LOGIN msg=audit(1800000000.%03d:%d): op=refuseme res=success\n" "$i" "$i"
    done
} >"$work/refused"
# each life needs one that is taken, or it would be no fault of the others
taken() { printf "type=USER_LOGIN msg=audit(1800000001.001:%d): op=fine res=success\n" "$1"; }
for n in 3 7 20 11 1 9; do
    taken "$n" >"$work/input"
    [ "$n" != 3 ] || cat "$work/refused" >>"$work/input"
    {
        strace -f -o /dev/null -P "$letters/0000000001.json" -e trace=write \
            -e inject="write:signal=SIGKILL:when=$n" \
            "$omauditjson" --config "$work/omauditjson.conf" <"$work/input" >/dev/null 2>&1
    } 2>/dev/null
done
taken 1000 | oaj >/dev/null 2>&1
is "$(entries)" 80 "lines and events: each is written once"
is "$(grep -c '"line":"no record"' "$letters/0000000001.json")" 40 "equal lines are each their own"
is "$(listed)" 80 "and listed"
receiver_stop

# -- what an older version left: no keys, and doubles
fresh
receiver_start
oaj_conf "receiver = json-array"
mkdir -p "$letters"
old='{"time":"2026-11-22T12:00:00.000+00:00","reason":"died",'
{
    for i in 1 2 3; do
        head -n 50 "$work/big" | sed "s/\"/\\\\\"/g; s|.*|$old\"line\":\"&\"}|; s/77/7$i/"
        head -n $((i * 10)) "$work/big" | sed "s/\"/\\\\\"/g; s|.*|$old\"line\":\"&\"}|; s/77/7$i/"
        echo "$old\"id\":\"event-$i\",\"event\":{\"id\":$i}}"
        echo "$old\"id\":\"event-$i\",\"event\":{\"id\":$i}}"
        echo "$old\"line\":\"no record\"}"
    done
} >"$letters/0000000003.json"
sed -i 's/item=\([0-9]*\) name=[^ }]*/item=\1/' "$letters/0000000003.json" # 50 different ones
sed -i 's/item=\([0-9]*\)"*}*$/item=\1"}/' "$letters/0000000003.json"
is "$(listed)" 156 "an old file: list counts things"
is "$(oaj deadletter show --all 2>/dev/null | grep -c '"reason"')" 156 "so does show"
second=$(awk '/event-2/ { n++ } n == 2 { print NR; exit }' "$letters/0000000003.json")
oaj deadletter drop "3.$second" >"$work/said"
is "$(cat "$work/said")" "1 dropped" "one of two is dropped"
is "$(grep -c event-2 "$letters/0000000003.json")" 0 "and the other with it"
oaj deadletter requeue --all >"$work/said" 2>"$work/err"
is "$(head -n 1 "$work/said")" "152 requeued; the next omauditjson sends them when it starts" \
    "requeue: each thing"
is "$(grep -c 'can only be shown and dropped' "$work/err")" 3 "but lines that are no records"
oaj </dev/null >/dev/null 2>&1
is "$(lines "$out")" 5 "each event is sent once"
is "$(listed)" 3 "the lines stay"
is "$(entries)" 3 "alone"
receiver_stop
tap_done
