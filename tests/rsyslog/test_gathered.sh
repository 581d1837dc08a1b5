#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Several records in a message: imfile gathers an event's lines (endmsg.regex, readTimeout), and the
# template writes them as a JSON string. The whole busy log through both stanzas, changed by
# rsyslog-conf/gather.sed: each event exactly once, in order, with fewer messages than records. Then
# with omauditjson and rsyslogd killed and stopped in the middle: nothing is lost.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
need_rsyslogd
[ -z "${OAJ_ONCE-}" ] || tap_skip_all "OAJ_ONCE is set"

sample >"$work/busy"
[ -z "${OAJ_QUICK-}" ] || { head -n 3000 "$work/busy" >"$work/part" && mv "$work/part" "$work/busy"; }
last_of_a_message >>"$work/busy"
events=$(events_in "$work/busy")
tap_note "$(lines "$work/busy") records, $events events"

prepare() { # STANZA [SED...]
    local stanza=$1
    shift
    fresh
    receiver_start
    oaj_conf "receiver = json-array" "in_flight = 1"
    rsyslog_conf "$stanza" "" 's/action.resumeInterval="[0-9]*"/action.resumeInterval="1"/' "$@"
    gather
    check "$stanza: it gathers" grep -q 'endmsg.regex=' "$work/rsyslog.conf"
    cp "$work/busy" "$work/audit/audit.log"
    fed=("$work/audit/audit.log")
}

for stanza in direct diskqueue; do
    prepare "$stanza" "$quick_stop"
    rsyslogd_start
    finish_test "$stanza" 50 "$events" --exactly-once --ordered
    messages=$(stat_of messages)
    check "$stanza: $messages messages" test "$messages" -gt 0 -a $((messages * 2)) -lt "$(stat_of records)"
    is "$(stat_of garbage_lines)" 0 "$stanza: no line was taken for a bad record"
    receiver_stop
done

for stanza in direct diskqueue; do
    prepare "$stanza" "$quick_stop"
    rsyslogd_start
    for at in 10 30 50; do
        check "$stanza: $at % are there" wait_until 50 has_lines "$out" $((events * at / 100))
        check "$stanza: omauditjson runs" wait_until 20 child_runs
        kill -9 "$(child_pid)"
    done
    check "$stanza: 60 % are there" wait_until 50 has_lines "$out" $((events * 60 / 100))
    check "$stanza: rsyslogd stops" rsyslogd_stop
    rsyslogd_start
    check "$stanza: 80 % are there" wait_until 50 has_lines "$out" $((events * 80 / 100))
    rsyslogd_kill
    rsyslogd_start
    finish_test "$stanza, killed and stopped" 50 "$events" --allow-repeats
    receiver_stop
done

tap_done
