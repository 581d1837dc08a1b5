#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every field of every record of the samples and the golden logs: our value against that of
# `ausearch -i`. The file differences lists where the two differ, and why; a difference that is not
# listed fails, and so does a listed one that does not occur.
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
[ -z "${OAJ_ONCE-}" ] || tap_skip_all "OAJ_ONCE is set"
command -v python3 >/dev/null || tap_skip_all "there is no python3"
command -v ausearch >/dev/null || tap_skip_all "there is no ausearch (package auditd)"
case $(ausearch --version) in
*3.0.9*) ;;
*) tap_skip_all "the list of differences is that of ausearch 3.0.9" ;;
esac

here=$srcdir/tests/differential
export USED_RULES=$work/used TZ=UTC
ours() { "$omauditjson" --config /dev/null --hostname relay.example convert "$1" 2>/dev/null; }

compare() { # LOG NAME
    ours "$1" >"$work/ours"
    ausearch -i -if "$1" </dev/null >"$work/theirs" 2>/dev/null
    check "$2" python3 "$here/compare.py" "$here/differences" "$1" "$work/ours" "$work/theirs"
}

for log in "$srcdir"/tests/golden/data/*.log "$srcdir"/tests/data/host-{raw,enriched}.log; do
    case $log in
    *hostile_*) ;; # it reads memory that is not its own there
    # headers that it does not take, and an EOE alone
    *field_59_mmaudit_centos6.log | *field_daemon_config_nocolon.log | *field_eoe_no_blank.log) ;;
    *) compare "$log" "$(basename "$log")" ;;
    esac
done
# The whole takes a minute; it was compared, 603,329 fields.
xz -dc "$srcdir/tests/data/busy-enriched.log.xz" | head -n 6000 >"$work/busy.log"
compare "$work/busy.log" "the beginning of the busy log"

sort -u "$work/used" >"$work/used.sorted"
grep -v -e '^#' -e '^$' "$here/differences" | awk '{ print $1 "\t" $2 "\t" $3 "\t" $4 }' | sort -u |
    comm -23 - <(cut -f1-4 "$work/used.sorted" | sort -u) >"$work/unneeded"
is "$(cat "$work/unneeded")" "" "each line of the list is needed"

# and it detects a wrong value and a missing one
log=$srcdir/tests/golden/data/sockets.log
ours "$log" | sed 's/"processname":"nc"/"processname":"cat"/' >"$work/changed"
ausearch -i -if "$log" </dev/null >"$work/theirs" 2>/dev/null
python3 "$here/compare.py" "$here/differences" "$log" "$work/changed" "$work/theirs" >/dev/null
is $? 1 "a value that was changed is found"
ours "$log" | sed 1d >"$work/changed"
python3 "$here/compare.py" "$here/differences" "$log" "$work/changed" "$work/theirs" >/dev/null
is $? 1 "an event that is missing is found"
tap_done
