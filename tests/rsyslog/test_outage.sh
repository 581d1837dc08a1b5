#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A receiver in trouble: 503 for a while, too many requests, resets, answers that never come, down
# and up again. Nothing is missing; what may have been taken comes again under its own id.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
need_rsyslogd
[ -z "${OAJ_QUICK-}" ] || tap_skip_all "OAJ_QUICK is set"

sample | head -n 6000 >"$work/all"
split -n l/4 "$work/all" "$work/piece."
events=$(events_in "$work/all")
more() { cat "$work/piece.$1" >>"$work/audit/audit.log"; }
failed_requests() { grep -c '"status":[45]' "$requests"; }
many_failed() { [ "$(failed_requests)" -ge "$1" ]; }

fresh
receiver_start
oaj_conf "receiver = ndjson" "batch_events = 50" "timeout = 1s" "compress = gzip"
rsyslog_conf direct "" "$quick_stop"
: >"$work/audit/audit.log"
fed=("$work/audit/audit.log")
rsyslogd_start
more aa
wait_until 10 has_lines "$out" 100
receiver_control mode=503
more ab
check "503: it tries again" wait_until 10 many_failed 10
n=$(lines "$out")
receiver_control mode=ok
wait_until 10 has_lines "$out" $((n + 200))
# first 503s and 429s, then a connection that breaks before, in and after the body, one that is
# taken without an answer, half an answer, and no answer at all
receiver_control "plan=503x3,429+retry-after=1,reset,lost,unknown,half,hang,502x2"
more ac
check "resets and silence: all is asked for again" wait_until 20 has_lines "$out" $((n + 500))
receiver_stop
more ad
check "down: the failures are counted" wait_until 10 stat_reaches retries 20
receiver_start --port "$port"
finish_test "outages" 40 "$events" --allow-repeats
tap_note "$(oracle --allow-repeats | tail -n 1)"

# refused for good: those events, and only those, end in the dead letters; nothing is sent twice
receiver_stop
fresh
receiver_start --reject busctl --max-events 30
oaj_conf "receiver = json-array" "batch_events = 50"
rsyslog_conf direct "" "$quick_stop"
head -n 3000 "$work/all" >"$work/audit/audit.log"
fed=("$work/audit/audit.log")
rsyslogd_start
check "413 and 400: all is delivered or in the dead letters" wait_until 30 oracle
finish_test "413 and 400" 1 1
tap_done
