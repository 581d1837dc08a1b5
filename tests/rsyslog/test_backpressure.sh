#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The receiver is down and 200,000 records come: the window fills, replies wait with dots, rsyslog's
# queue on disk takes the rest, memory stays flat. The receiver comes back: everything arrives.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
need_rsyslogd
[ -z "${OAJ_QUICK-}" ] || tap_skip_all "OAJ_QUICK is set"

receiver_start
receiver_stop
oaj_conf "receiver = json-array" "window = 8MiB" "compress = gzip"
rsyslog_conf diskqueue ""
gen --seed 5 --events 45000 --width 4 --enriched --long 0 --rate 5000 |
    head -n 200000 >"$work/audit/audit.log"
fed=("$work/audit/audit.log")
is "$(lines "${fed[0]}")" 200000 "records fed"

rss() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$(child_pid)/status"; }
queued() { # files of the queue on disk, in MiB
    du -cm "$work"/spool/omauditjson.* 2>/dev/null | tail -n 1 | cut -f 1
}
queue_reaches() { [ "$(queued)" -ge "$1" ]; }

rsyslogd_start
check "the window fills" wait_until 30 stat_reaches journal_waits 1
check "replies wait with dots" wait_until 10 stat_reaches dots 1
then=$(rss)
check "rsyslog's queue on disk takes over" wait_until 50 queue_reaches 100
# a transaction that has begun is taken to its end: 512 records
check "the window stays within its bound" \
    test "$(stat_of window_used)" -le $(($(stat_of window_bytes) + 512 * 1024))
now=$(rss)
tap_note "queue on disk: $(queued) MiB; window used: $(stat_of window_used) of $(stat_of window_bytes); records taken: $(stat_of records)"
tap_note "resident: $then kB when the window was full, $now kB with the queue full"
check "memory stays flat" test "$now" -le $((then + 2048))
is "$(lines "$out")" 0 "nothing has arrived"

pid=$(child_pid)
receiver_start --port "$port"
check "everything arrives" delivered 60 "$(events_in "${fed[0]}")"
finish=$(rss)
is "$(child_pid)" "$pid" "it is still the same process"
tap_note "resident: $finish kB at the end"
if grep -q __asan_init "$omauditjson"; then
    tap_note "AddressSanitizer keeps what is freed: nothing can be said of the end"
else
    check "memory is still flat" test "$finish" -le $((then + 16384))
fi
finish_test "back-pressure" 1 1 --exactly-once
tap_done
