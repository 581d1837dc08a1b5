#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The documents of all samples, of all golden logs and of the busy log, by the program itself: 0
# invalid ones, 0 repeated keys, 0 records unaccounted for, by an independent JSON parser.
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
[ -z "${OAJ_ONCE-}" ] || tap_skip_all "OAJ_ONCE is set"
command -v python3 >/dev/null || tap_skip_all "there is no python3"

strict=$srcdir/tests/differential/strict.py
convert() { "$omauditjson" --config /dev/null --hostname relay.example "$@" 2>/dev/null; }

for log in "$srcdir"/tests/golden/data/*.log; do
    name=$(basename "$log" .log)
    case $name in
    # no record at all in these, and lines within lines in the third
    hostile_r2* | hostile_r4*) continue ;;
    field_eoe_no_blank) continue ;; # an EOE alone is no event
    field_59* | field_daemon_config_nocolon) # headers that the count does not take
        convert convert "$log" >"$work/doc"
        log=
        ;;
    hostile_r5*)
        convert convert "$log" >"$work/doc"
        log=
        ;;
    *) convert convert "$log" >"$work/doc" ;;
    esac
    check "$name" python3 "$strict" ${log:+"$log"} <"$work/doc"
done
for log in "$srcdir"/tests/data/host-{raw,enriched}.log; do
    convert convert "$log" >"$work/doc"
    check "$(basename "$log")" python3 "$strict" "$log" <"$work/doc"
    convert --details compatible --events audisp-json convert "$log" >"$work/doc"
    check "$(basename "$log"), as audisp-json" python3 "$strict" <"$work/doc"
done
xz -dc "$srcdir/tests/data/busy-enriched.log.xz" >"$work/busy.log"
convert convert "$work/busy.log" >"$work/doc"
check "the busy log" python3 "$strict" "$work/busy.log" <"$work/doc"

# and it detects a defect
for bad in '{"a":1,"a":2}' '{"a":NaN}' '{"a":"\x01"}' '{"a":"\ud800"}' '["a"]' '{"a":1} x' \
    $'{"a":"\xff"}' '{"details":{"auditserial":"1","records":"1"}}'; do
    printf '%b\n' "${bad//\\u/\\\\u}" >"$work/doc"
    printf 'type=CWD msg=audit(1.000:2): cwd="/"\n' >"$work/one.log"
    python3 "$strict" "$work/one.log" <"$work/doc" >/dev/null
    is $? 1 "refused: $(printf %q "$bad")"
done
tap_done
