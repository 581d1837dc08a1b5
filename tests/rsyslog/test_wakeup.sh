#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The journal holds what was not delivered, rsyslogd starts, and no record comes: the stanza's own
# line has omauditjson started, at the start and again after it was killed, and nobody else sees it.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
# shellcheck source=tests/lib/oaj.sh
. "${srcdir:?}/tests/lib/oaj.sh"
trap 'oaj_cleanup; cleanup' EXIT
tap_plan_later
need_rsyslogd

another_child() { child_runs && [ "$(child_pid)" != "$1" ]; } # PID
takes_hup() { # SIGHUP from rsyslogd ends a process that has not blocked it yet
    local blocked
    blocked=$(sed -n 's/^SigBlk:[[:space:]]*//p' "/proc/$(child_pid)/status" 2>/dev/null)
    [ -n "$blocked" ] && ((0x$blocked & 1)) &&
        [ "/proc/$(child_pid)/exe" -ef "$omauditjson" ]
}

run() { # STANZA BEFORE
    local stanza=$1 before=$2 pid
    fresh
    receiver_start
    oaj_conf "receiver = ndjson"
    rsyslog_conf "$stanza" "$before" 's/interval="10"/interval="1"/' "$quick_stop"
    : >"$work/audit/audit.log"
    receiver_stop
    oaj_start
    oaj_feed 5
    check "$stanza: five records are answered" wait_until 10 has_lines "$work/wire" 6
    kill -9 "$oaj_pid"
    oaj_end
    is "$(lines "$out")" 0 "$stanza: nothing could be delivered"

    receiver_start --port "$port"
    rsyslogd_start
    check "$stanza: delivered, and no record came" wait_until 20 has_lines "$out" 5
    check "$stanza: the lines are counted" wait_until 20 stat_reaches wakeups 2
    pid=$(child_pid)
    kill -9 "$pid"
    check "$stanza: killed, it is started again" wait_until 20 another_child "$pid"
    check "$stanza: and reads its configuration again when asked" wait_until 20 takes_hup
    pid=$(child_pid)
    kill -HUP "$rsyslogd_pid"
    rm -f "$work/stats.json"
    check "$stanza: the lines go on behind a HUP" wait_until 20 stat_reaches wakeups 2
    is "$(child_pid)" "$pid" "$stanza: there is one omauditjson, and it is the same"
    is "$(children_of "$rsyslogd_pid" | wc -l)" 1 "$stanza: it is the only child"
    check "$stanza: rsyslogd stops in order" rsyslogd_stop
    rm -f "$work/stats.json"
    rsyslogd_start
    check "$stanza: and once more" wait_until 20 stat_reaches wakeups 1
    check "$stanza: rsyslogd stops in order again" rsyslogd_stop
    is "$(lines "$out")" 5 "$stanza: nothing but the five was sent"
    is "$(stat_of garbage_lines)" 0 "$stanza: no line was taken for a bad record"
    check "$stanza: nobody else got the line" test "$(grep -c -e 'MARK' "$work/internal.log")" = 0
    [ "$tap_failed" = 0 ] || tap_show_logs
    receiver_stop
}

run diskqueue ""
if [ -n "${OAJ_QUICK-}" ]; then
    tap_skip "OAJ_QUICK is set: one stanza"
    tap_done
fi
run direct ""
run kmsg ""
run audisp-syslog 'module(load="imuxsock" SysSock.Use="off")'

# direct's small file does not grow: rsyslogd has it made anew
fresh
receiver_start
oaj_conf "receiver = ndjson"
rsyslog_conf direct "" 's/interval="10"/interval="1"/' 's/sizeLimit="4096"/sizeLimit="30"/' "$quick_stop"
: >"$work/audit/audit.log"
rsyslogd_start
check "direct: lines come when the file was made anew" wait_until 30 stat_reaches wakeups 8
size() { stat -c %s "$work/omauditjson.wakeup" 2>/dev/null || echo 0; } # it may just be gone
small() { [ "$(size)" -le 44 ]; }
check "direct: and it is small" small
check "direct: rsyslogd stops in order" rsyslogd_stop
receiver_stop
tap_done
