#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# omauditjson convert: the events of each golden log with their records, from files and from
# standard input; lines that are not records are reported and set the exit status.
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later

data=$srcdir/tests/golden/data
convert() { "$omauditjson" --config /dev/null --hostname relay.example convert "$@"; }
# The ids name node, time, serial, part and a hash of the records.
ids() { grep -o '"auditid":"[^"]*"' | sort; }

for log in "$data"/*.log; do
    name=$(basename "$log" .log)
    [ -e "$data/$name.json" ] || continue
    # the golden program reads its headers itself, and more loosely
    [ "$name" != hostile_r5_interpretation_overread ] || continue
    # an EOE alone is no event
    [ "$name" != field_eoe_no_blank ] || continue
    is "$(convert "$log" 2>/dev/null | ids)" "$(ids <"$data/$name.json")" "$name: the same events"
done

convert "$data/interleaved.log" >"$work/file" 2>"$work/err"
is $? 0 "a log of records only: exit status 0"
is "$(cat "$work/err")" "" "and nothing is said"
convert <"$data/interleaved.log" >"$work/stdin"
is "$(sort "$work/stdin")" "$(sort "$work/file")" "standard input gives the same"
convert "$data/interleaved.log" "$data/sockets.log" >"$work/both"
is "$(sort "$work/both")" "$({
    cat "$work/file"
    convert "$data/sockets.log"
} | sort)" "several files, one after the other"

{
    cat "$data/interleaved.log"
    echo "this is no record"
} >"$work/mixed.log"
convert "$work/mixed.log" >"$work/out.mixed" 2>"$work/err"
is $? 1 "a line that is no record: exit status 1"
check "it is named by file and line" \
    grep -q "mixed.log:$(lines "$work/mixed.log"): " "$work/err"
is "$(sort "$work/out.mixed")" "$(sort "$work/file")" "the others are converted"

convert "$work/none.log" "$data/interleaved.log" >"$work/out.none" 2>"$work/err"
is $? 74 "a file that is not there: exit status 74"
check "it is named" grep -q none.log "$work/err"
is "$(sort "$work/out.none")" "$(sort "$work/file")" "the next file is converted"
"$omauditjson" --config /dev/null --hostname relay.example --receiver stdout \
    --state-dir "$work/state" --log "$work/log" <"$data/interleaved.log" >"$work/delivered"
is $? 0 "receiver stdout: exit status 0"
is "$(ids <"$work/delivered")" "$(ids <"$work/file")" "it delivers the same events to standard output"
is "$(grep -vc '^{' "$work/delivered")" 0 "and no replies are among them"

convert --pretty "$data/interleaved.log" >"$work/pretty"
is $? 0 "--pretty: exit status 0"
is "$(sed -n 's/^ *"auditid": \("[^"]*"\).*/"auditid":\1/p' "$work/pretty" | sort)" \
    "$(ids <"$work/file")" "the same events"
is "$(grep -c '^}$' "$work/pretty")" "$(lines "$work/file")" "laid out over several lines"
# Laid out or not, the same JSON: no value of this log has a blank behind a colon or a comma.
is "$(sed 's/^ *//; s/^\("[^"]*":\) /\1/' "$work/pretty" | tr -d '\n' | sed 's/}{/}\n{/g')" \
    "$(cat "$work/file")" "and it says the same"
"$omauditjson" --config /dev/null --pretty --receiver stdout </dev/null 2>"$work/err"
is $? 78 "--pretty without convert is refused"
check "and the message says so" grep -q "'--pretty': only valid with the command convert" "$work/err"

# On a terminal a long conversion shows how far it is; the line is wiped before anything else is
# said. The pause is much longer than the half second in which nothing is shown.
if command -v script >/dev/null; then
    cat >"$work/slow.sh" <<END
{ cat '$data/interleaved.log'; sleep 3; echo this is no record; cat '$data/sockets.log'; } |
    '$omauditjson' --config /dev/null convert >'$work/out.slow'
END
    script -qc "sh '$work/slow.sh'" /dev/null </dev/null | tr '\r' '\n' >"$work/terminal"
    check "the progress is shown on a terminal" \
        grep -q 'standard input: 0 MiB, [0-9]* events' "$work/terminal"
    check "a message stands in a line of its own" \
        grep -q "^$(printf '\033')\[Komauditjson: -:[0-9]*: " "$work/terminal"
    "$omauditjson" --config /dev/null convert "$data/sockets.log" 2>"$work/err" >"$work/out.quiet"
    is "$(cat "$work/err")" "" "nothing is shown when standard error is no terminal"
else
    tap_skip "script(1) is not there"
fi

convert "$data/interleaved.log" >/dev/full 2>"$work/err"
is $? 74 "standard output that can't be written: exit status 74"
tap_done
