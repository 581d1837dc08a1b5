#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The oracle itself: what it must let pass, and each thing it must find. The digests were computed
# by another program.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later

fed_log=$work/fed
stamp='msg=audit(1700000000.001:10):'
{
    echo "type=SYSCALL $stamp a=1"
    echo "node=n:1 type=USER $stamp x=1"$'\x1dUID="root"'
    echo "type=PATH $stamp item=0"
    echo "no record at all"
    echo "type=PROCTITLE $stamp proctitle=61"$'\r'
    echo ""
    echo "node=n:1 type=USER msg=audit(1700000001.002:11): x=2"
    echo "type=EOE $stamp "
} >"$fed_log"

doc() { # NODE:SEC.MMM:SERIAL:PART:HASH RECORDS [STAMP]
    local serial=${1%:*:*}
    printf '{"summary":"x","timestamp":"%s","details":{"auditserial":"%s","records":"%s","complete":"type","auditid":"%s"}}\n' \
        "${3:-2023-11-14T22:13:20.001+00:00}" "${serial##*:}" "$2" "$1"
}
whole=$(doc host:1700000000.001:10:1:6a7115b756611942 3)
whole_eoe=$(doc host:1700000000.001:10:1:6a7115b756611942 4)
first=$(doc host:1700000000.001:10:1:5d16f6670a7183db 2)
second=$(doc host:1700000000.001:10:2:9d3eb2622b5aa0bb 1)
outer=$(doc host:1700000000.001:10:1:5191a372aa0aed7e 2)
user=$(doc n:1:1700000000.001:10:1:8f0d71e80b29ceed 1)
last=$(doc n:1:1700000001.002:11:1:0e582365c20d98d2 1 2023-11-14T22:13:21.002+00:00)
overlap=$(doc host:1700000000.001:10:2:278931104ad95313 2)

judge() { # OPTION... -- DOCUMENT...
    local options=()
    while [ "$1" != -- ]; do options+=("$1") && shift; done
    shift
    printf '%s\n' "$@" >"$out"
    "$builddir/tests/oracle/oracle" "${options[@]}" --out "$out" "$fed_log"
}
finds() { # WHAT OPTION... -- DOCUMENT...
    local what=$1 text
    shift
    text=$(judge "$@")
    is "$?" 1 "exit 1: $what"
    case $text in
    *"difference: "*"$what"*) tap_result 0 "found: $what" ;;
    *)
        tap_result 1 "found: $what"
        tap_note "$text"
        ;;
    esac
}

check "all there" judge --exactly-once -- "$user" "$whole" "$last"
check "EOE counted in" judge --exactly-once -- "$user" "$whole_eoe" "$last"
check "in order" judge --ordered -- "$user" "$whole_eoe" "$last"
finds "completed later" --ordered -- "$whole" "$user" "$last"
check "a late part" judge -- "$user" "$first" "$second" "$last"
check "a repeat where allowed" judge --allow-repeats -- "$user" "$whole" "$last" "$user"
finds "3 of 3 records are missing" -- "$user" "$last"
finds "1 of 3 records are missing" -- "$user" "$first" "$last"
finds "1 of 3 records are missing" -- "$user" "$outer" "$last"
finds "came again" -- "$user" "$whole" "$last" "$user"
finds "came again" --exactly-once -- "$user" "$whole" "$last" "$user"
finds "with other bytes" --allow-repeats -- "$user" "$whole" "$last" "${user/\"x\"/\"y\"}"
finds "2 documents" --exactly-once -- "$user" "$first" "$second" "$last"
finds "in two documents" --allow-repeats -- "$user" "$first" "$overlap" "$last"
check "in two documents where allowed" judge --allow-repeats --allow-twice -- \
    "$user" "$first" "$overlap" "$last"
finds "are not those that were fed" -- "$user" "${whole/611942/611943}" "$last"
finds "are not those that were fed" -- "$user" "${whole/\"3\"/\"5\"}" "$last"
finds "are not those that were fed" -- "$user" "${whole/\"3\"/\"2\"}" "$last"
finds "no record of this event was fed" -- "$user" "$whole" "$last" "${user//:10/:12}"
finds "completed later" --ordered -- "$last" "$whole" "$user"
finds "is there twice" -- "$user" "$whole" "${last/\"summary\"/\"details\"}"
finds "not valid JSON" -- "$user" "$whole" "$last" "{'a':1}"
finds "is missing or not an id" -- "$user" "$whole" "$last" '{"a":1}'
finds "timestamp" -- "$user" "${whole/20.001+/21.001+}" "$last"
finds "auditserial" -- "$user" "${whole/al\":\"10/al\":\"11}" "$last"

mkdir "$work/dead"
finds "not in the dead letters" --deadletter "$work/dead" -- "$user" "$whole" "$last"
echo '{"reason":"x","line":"no record at all"}' >"$work/dead/1"
check "a dead line" judge --deadletter "$work/dead" -- "$user" "$whole" "$last"
echo '{"reason":"x","line_base64":"bm8gcmVjb3JkIGF0IGFsbA=="}' >"$work/dead/1"
check "a dead line in base64" judge --deadletter "$work/dead" -- "$user" "$whole" "$last"
printf '{"reason":"refused","event":%s}\n' "$user" >>"$work/dead/1"
check "a dead event" judge --deadletter "$work/dead" -- "$whole" "$last"

printf '{"reason":"refused","ev' >>"$work/dead/1"
check "a dead letter torn by a kill" judge --deadletter "$work/dead" -- "$whole" "$last"

# what was never answered may be missing, and is counted; what was answered may not
grep -v -e "item=0" -e "no record" "$fed_log" >"$work/answered"
rm -f "$work/dead/1"
finds "2 of 3 records are missing" --answered "$work/answered" -- "$user" "$last"
check "never answered, and missing" judge --answered "$work/answered" --deadletter "$work/dead" \
    -- "$user" "$outer" "$last"
is "$(judge --answered "$work/answered" --deadletter "$work/dead" -- "$user" "$outer" "$last" |
    sed -n 's/.*never answered \([0-9]*\),.*/\1/p')" 2 "never answered: a record and a line"
check "never answered, and there" judge --answered "$work/answered" -- "$user" "$whole" "$last"
finds "not in the dead letters" --answered "$fed_log" --deadletter "$work/dead" \
    -- "$user" "$whole" "$last"

gen() { "$builddir/tests/oracle/gen" "$@"; }
gen --seed 7 --events 500 --width 9 --nodes a,b --eoe --enriched >"$work/a"
gen --seed 7 --events 500 --width 9 --nodes a,b --eoe --enriched >"$work/b"
check "the generator: the same seed, the same bytes" cmp "$work/a" "$work/b"
gen --seed 8 --events 500 --width 9 --nodes a,b --eoe --enriched >"$work/b"
is "$(cmp -s "$work/a" "$work/b"; echo $?)" 1 "another seed, other bytes"
count() { sed -n 's/^lines fed \([0-9]*\), records \([0-9]*\) .*events \([0-9]*\);.*/\1 \2 \3/p'; }
: >"$out"
is "$("$builddir/tests/oracle/oracle" --out "$out" "$work/a" | count)" \
    "$(lines "$work/a") $(lines "$work/a") 500" "all its lines are records, of 500 events"
tap_done
