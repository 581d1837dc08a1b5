#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a real rsyslogd does to us beside killing: transactions of several workers on one pipe (rule
# 8 of omprog's), and systemd's stop, which sends SIGTERM to rsyslogd and to us at the same moment
# (rule 11), while the receiver is down and replies are held.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
need_rsyslogd
[ -z "${OAJ_QUICK-}${OAJ_ONCE-}" ] || tap_skip_all "OAJ_QUICK or OAJ_ONCE is set"

# -- four workers, one process ---------------------------------------------------------------------
receiver_start
oaj_conf "receiver = json-array"
rsyslog_conf diskqueue "" \
    's/queue.type="Disk" queue.filename="omauditjson"/queue.type="LinkedList"/' \
    's/queue.workerThreads="1"/queue.workerThreads="4" queue.workerThreadMinimumMessages="100"/' \
    's/queue.checkpointInterval="1" queue.syncQueueFiles="off"//' \
    's/queue.maxDiskSpace="1g" queue.maxFileSize="16m"//; s/queue.saveOnShutdown="on"//' \
    's/queue.dequeueBatchSize="512"/queue.dequeueBatchSize="32"/' \
    's/queue.minDequeueBatchSize="256" queue.minDequeueBatchSize.timeout="1000"//' \
    's/useTransactions="on"/useTransactions="on" forceSingleInstance="on"/'
sample | head -n 20000 >"$work/audit/audit.log"
fed=("$work/audit/audit.log")
{
    echo '#!/bin/sh'
    echo "exec tee -a $work/said | '$omauditjson' --config $work/omauditjson.conf"
} >"$work/heard"
chmod +x "$work/heard"
sed -i "s,binary=\"[^\"]*\",binary=\"$work/heard\"," "$work/rsyslog.conf"
rsyslogd_start
check "four workers: all arrives" delivered 40 "$(events_in "${fed[0]}")"
nested=$(awk '/^BEGIN TRANSACTION$/ { n += open; open = 1 } /^COMMIT/ { open = 0 } END { print n + 0 }' \
    "$work/said")
check "four workers: their transactions were mixed ($nested times)" test "$nested" -gt 0
# a record that another worker brings late is a part of its own: no record is missing or doubled
finish_test "four workers" 1 1
receiver_stop

# -- stops while a reply is held ------------------------------------------------------------------
# rsyslogd 8.2302 forgets the batch in flight when it has to cancel its worker: only the end of a
# transaction may wait, when the records are in the journal.
queue_bytes() { du -cb "$work"/spool/omauditjson.* 2>/dev/null | tail -n 1; }
queue_rests() { # what imfile reads is in it, and nothing leaves it
    local before
    before=$(queue_bytes)
    sleep 1
    [ "$(queue_bytes)" = "$before" ]
}
stopped() { # NAME STANZA group|rsyslogd [SED...]
    local name=$1 stanza=$2 whom=$3
    shift 3
    fresh
    receiver_start
    receiver_stop
    oaj_conf "receiver = json-array" "window = 4MiB"
    rsyslog_conf "$stanza" "" "$quick_stop" "$@"
    sample >"$work/audit/audit.log"
    fed=("$work/audit/audit.log")
    rsyslogd_start
    check "$name: a reply is held" wait_until 30 stat_reaches journal_waits 1
    [ "$stanza" = direct ] || check "$name: the queue on disk has the rest" wait_until 90 queue_rests
    [ "$whom" != group ] || kill -TERM "$(child_pid)"
    check "$name: rsyslogd stops" rsyslogd_stop
    check "$name: so do we" grep -q "end: .* stay in the journal" "$work/oaj.log"
    receiver_start --port "$port"
    rsyslogd_start
    finish_test "$name" 60 "$(events_in "${fed[0]}")" --allow-repeats
    tap_note "$(oracle --allow-repeats | tail -n 1)"
    receiver_stop
}
stopped "diskqueue, SIGTERM to the group" diskqueue group
stopped "direct, SIGTERM to the group" direct group
stopped "diskqueue, SIGTERM to rsyslogd alone" diskqueue rsyslogd \
    's/timeoutShutdown="10000"/timeoutShutdown="500"/' \
    's/timeoutActionCompletion="20000"/timeoutActionCompletion="500"/'
tap_done
