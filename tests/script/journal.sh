#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# omauditjson journal check and salvage: what is damaged is said with numbers, and the records of
# damaged files are delivered, each once, with the program running and without.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
# shellcheck source=tests/lib/oaj.sh
. "${srcdir:?}/tests/lib/oaj.sh"
trap 'oaj_cleanup; cleanup' EXIT
tap_plan_later

journal=$work/state/journal
command() {
    "$omauditjson" --config "$work/omauditjson.conf" journal "$@" >"$work/said" 2>&1
    echo $?
}
said() { grep -q -e "$1" "$work/said"; }
flip() { # FILE OFFSET: one bit
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    # shellcheck disable=SC2059 # the byte
    printf "\\x$(printf %02x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
undelivered() { # N: they are in the journal, and the receiver is down
    fresh
    oaj_conf "receiver = json-array" "shutdown_timeout = 0"
    oaj_start
    oaj_feed "$1"
    wait_until 20 has_lines "$work/wire" $(($1 + 1)) || tap_bail "no replies"
    oaj_end
}

receiver_start
receiver_stop

undelivered 20
is "$(command check)" 0 "nothing is damaged"
check "and so many are not delivered" said "1 segments, 20 records, 20 not delivered; at most 0"
flip "$journal/0000000000000001.seg" 20
is "$(command check)" 1 "a damaged header is seen"
check "and said" said "its header is damaged and can be restored"
check "check changes nothing" test "$(command check)" = 1

# -- a segment under another name is set aside, and comes back
mv "$journal/0000000000000001.seg" "$journal/0000000000000007.seg"
receiver_start --port "$port"
oaj_start
check "it is set aside" wait_until 20 has_text "$work/oaj.log" "kept as"
check "and said with its number" has_text "$work/oaj.log" "20 acknowledged records are lost"
check "and counted" wait_until 20 stat_reaches lost_records 20
is "$(command check)" 1 "check sees it"
check "with its records" said "seg.bad .*20 records .*20 not delivered"
is "$(command salvage 0000000000000009.seg.bad)" 1 "a name that is not there is refused"
is "$(command salvage --all)" 0 "it is handed over to the running program"
check "which takes it" said "1 files queued for salvage, 20 records; the running"
check "and delivers all of it" wait_until 30 has_lines "$out" 20
check "and counts it" wait_until 20 stat_reaches salvaged 20
is "$(command salvage --all)" 0 "there is no other"
check "as is said" said "0 files queued for salvage"
oaj_feed 1
check "what follows goes on" wait_until 20 has_lines "$out" 21
oaj_end
is "$(find "$journal" -name '*.seg*' | wc -l)" 0 "nothing is left in the journal"
is "$(find "$work/state/salvage" -name '*.done' | wc -l)" 1 "the file is kept"
receiver_stop

# -- without a program; killed after it was taken and before that was said
undelivered 20
mv "$journal/0000000000000001.seg" "$journal/0000000000000007.seg.bad"
is "$(command salvage 0000000000000007.seg.bad)" 0 "handed over to the next one"
check "as is said" said "the next omauditjson reads them"
cp "$work/state/salvage/0000000000000007.seg.bad" "$work/kept"
oaj_start
check "it is taken" wait_until 20 has_text "$work/oaj.log" "20 records added"
kill -9 "$oaj_pid"
{ oaj_end; } 2>/dev/null
mv "$work/state/salvage/0000000000000007.seg.bad.done" "$work/state/salvage/0000000000000007.seg.bad"
receiver_start --port "$port"
oaj_start
check "all arrives" wait_until 30 has_lines "$out" 20
oaj_feed 1
check "and what follows" wait_until 20 has_lines "$out" 21
oaj_end
is "$(lines "$out")" 21 "each once"
receiver_stop

# -- what was delivered does not come again
undelivered 20
flip "$journal/0000000000000001.seg" 200
receiver_start --port "$port"
oaj_start
check "all but the damaged one arrive" wait_until 30 has_lines "$out" 19
check "which is said" has_text "$work/oaj.log" "1 acknowledged records are lost"
oaj_end
is "$(find "$journal" -name '*.seg.bad' | wc -l)" 1 "the damaged segment is kept"
is "$(command salvage --all)" 0 "it can be salvaged"
check "but nothing is in it" said "0 of its 19 records were not delivered"
oaj_start
check "it is looked at" wait_until 20 has_text "$work/oaj.log" " 0 records added"
oaj_end
is "$(lines "$out")" 19 "and nothing comes twice"
receiver_stop

is "$(command)" 64 "no action"
is "$(command salvage)" 64 "no file"
is "$(command check x)" 64 "check takes no file"
oaj_conf
rm -rf "$work/state"
is "$(command check)" 73 "no state directory"
tap_done
