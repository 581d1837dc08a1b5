#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The format records is lossless: the records' lines can be rebuilt from its documents.
# First every log of the tests through the formatter alone, then some through the program.
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later

round_trip=$builddir/tests/golden/round_trip
data=$srcdir/tests/golden/data
logs=("$data"/*.log "$srcdir"/tests/data/*.log "$srcdir"/tests/fuzz/corpus/event/*)
if command -v xz >/dev/null; then
    xz -dc "$srcdir/tests/data/busy-enriched.log.xz" >"$work/busy-enriched.log"
    logs+=("$work/busy-enriched.log")
fi
"$round_trip" "${logs[@]}" >"$work/tap" 2>"$work/err"
while IFS= read -r line; do
    case $line in
    "ok - "*) tap_result 0 "${line#ok - }" ;;
    "not ok - "*) tap_result 1 "${line#not ok - }" ;;
    '#'*) tap_note "$(cut -c 3-1000 <<<"$line")" ;;
    esac
done < <(tr -d '\000' <"$work/tap" | LC_ALL=C tr -c '\11\12\40-\176' '?')
is "$(grep -ac '^ok - ' "$work/tap")" "${#logs[@]}" "all logs were judged"

for log in host_enriched interleaved nodes userspace bytes; do
    "$omauditjson" --config /dev/null --format records convert "$data/$log.log" 2>/dev/null |
        "$round_trip" -w | sort >"$work/again"
    cut -d $'\x1d' -f 1 "$data/$log.log" | sort >"$work/wanted"
    check "$log through the program: the same lines" cmp "$work/wanted" "$work/again"
done
tap_done
