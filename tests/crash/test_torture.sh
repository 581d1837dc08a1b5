#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The torture machine in short: schedules whose seeds were chosen for what they show. A test each;
# the line says what happened. make torture runs as many others as you like (README.md here).
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
need_rsyslogd
[ -z "${OAJ_QUICK-}" ] || tap_skip_all "OAJ_QUICK is set"
command -v openssl >/dev/null || tap_skip_all "no openssl"

seeds=(320 241 339 184 188 319 296 354 4 39 162 121 27 21 130 144 286 1 373 69)
# sanitizers need room of their own
rss=65536
grep -qa __asan_init "$omauditjson" && rss=2000000

export KEEP=$work/torture
sh "$srcdir/tests/crash/torture.sh" --jobs 3 --rss "$rss" "${seeds[@]}" >"$work/lines" 2>&1
status=$?
grep '^seed=' "$work/lines" >"$work/schedules"
is "$(lines "$work/schedules")" "${#seeds[@]}" "every schedule came to an end" ||
    tap_note "$(grep -v '^seed=' "$work/lines")"
while IFS= read -r line; do
    [[ $line != *': FAILED: '* ]]
    tap_result $? "${line%%: *}"
    tap_note "${line#*: }"
    [[ $line != *': FAILED: '* ]] || {
        seed=${line#seed=}
        tap_note "$(tail -n 20 "$KEEP/${seed%% *}"/{oaj,internal}.log 2>/dev/null | cut -c1-300)"
    }
done <"$work/schedules"
tap_note "$(grep -v '^seed=' "$work/lines")"
is "$status" 0 "exit 0"
tap_done
