#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records that kill the process, in libauparse and in the header's reading, by a crash of any kind, an
# endless loop, or by using all memory: each takes it down twice, then it is in the dead letters with
# the reason and its lines, and everything else arrives. What brings SIGKILL with it takes it down
# eight times, and then three children. A record of the journal that a new version dies of. A process
# that is killed for other reasons, however often, sets nothing aside. And inputs at which
# libauparse's own interpretation reads beyond its memory.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
need_rsyslogd
[ -z "${OAJ_QUICK-}" ] || tap_skip_all "OAJ_QUICK is set"
ldd "$omauditjson" | grep -q libasan && tap_skip_all "gcc's sanitizers don't work behind LD_PRELOAD"
ulimit -c 0
# a sanitizer is to let the process die, and to say when there is no memory
export ASAN_OPTIONS=handle_segv=0:detect_leaks=0:allocator_may_return_null=1
shim=$builddir/tests/lib/poison.so

deaths() { grep -c "the previous process died while processing ${1-}" "$work/oaj.log"; } # [WHAT]
kills() { grep -c 'the previous process was killed while' "$work/oaj.log"; }
dead_lines() { cat "$work"/state/deadletter/*.json 2>/dev/null | grep -c "$1"; }
set_aside() { [ "$(dead_lines "$1")" -ge "$2" ]; }

event="type=SYSCALL msg=audit(1800000000.001:77): arch=c000003e syscall=59 success=yes exit=0 comm=\"x\" key=\"oajpoison\"
type=CWD msg=audit(1800000000.001:77): cwd=\"/\"
type=PROCTITLE msg=audit(1800000000.001:77): proctitle=\"x\""
line="type=OAJPOISON msg=audit(1800000000.002:78): a=b"

# one poison in the middle of a log
run() { # NAME STANZA POISON-LINES OAJ_POISON REASON [SED...]
    local name=$1 stanza=$2 poison=$3 what=$4 reason=$5 n dies=2 killed=0 only=''
    [[ $what != KILL:* ]] || dies=0 killed=8
    shift 5
    n=$(wc -l <<<"$poison")
    fresh
    receiver_start
    oaj_conf "receiver = json-array" "batch_events = 50"
    rsyslog_conf "$stanza" "" 's/action.resumeInterval="[0-9]*"/action.resumeInterval="1"/' "$@"
    {
        sample | head -n 1000
        printf '%s\n' "$poison"
        sample | head -n 2000 | tail -n 1000
    } >"$work/audit/audit.log"
    fed=("$work/audit/audit.log")
    rsyslogd_start env LD_PRELOAD="$shim" OAJ_POISON="$what"
    check "$name: set aside with its reason" wait_until 300 set_aside "\"reason\":\"$reason\"" "$n"
    finish_test "$name" 30 "$(($(events_in "$work/audit/audit.log") - 1))" --allow-repeats
    # with all memory gone, what is in process next may die of it too, once
    [[ $what != OOM:* ]] || only='event 1800000000.001:77'
    is "$(deaths "$only")" "$dies" "$name: so often it died"
    is "$(kills)" "$killed" "$name: and so often it was killed"
    is "$(dead_lines .)" "$n" "$name: nothing else is set aside"
    is "$(stat_of poison)" 1 "$name: counted"
    receiver_stop
}

died="the process died twice while handling this"
run "an event, SIGSEGV" direct "$event" SEGV:oajpoison "$died event" "$quick_stop"
for how in BUS ILL FPE ABRT STACK EXIT; do
    run "an event, $how" direct "$event" "$how:oajpoison" "$died event" "$quick_stop"
done
# A loaded machine may need long for the CPU time of a loop: rsyslogd is to wait for it.
patience='s/confirmTimeout="[0-9]*"/confirmTimeout="600000"/'
run "an event, an endless loop" direct "$event" LOOP:oajpoison "$died event" "$quick_stop" "$patience"
check "an endless loop: known as such" has_text "$work/oaj.log" "it made no progress"
run "an event, out of memory" direct "$event" OOM:oajpoison "$died event" "$quick_stop" "$patience"
# AddressSanitizer's malloc() has no bound here, and uses up the time before the memory.
exhausted="ran out of memory"
! grep -q 'not confined: this build is instrumented' "$work/oaj.log" || exhausted="made no progress"
check "out of memory: known as such" has_text "$work/oaj.log" "event 1800000000.001:77: it $exhausted"
run "an event that brings SIGKILL" diskqueue "$event" KILL:oajpoison "$died event"
run "a header, SIGSEGV" direct "$line" SEGV:OAJPOISON "$died line" "$quick_stop"
run "a header, SIGKILL in a transaction" diskqueue "$line" KILL:OAJPOISON "$died line"

# A batch that kills when it is compressed: the third time it goes as it is, and nothing is lost.
fresh
receiver_start
oaj_conf "receiver = json-array" "batch_events = 50" "compress = gzip"
rsyslog_conf direct "" 's/action.resumeInterval="[0-9]*"/action.resumeInterval="1"/' "$quick_stop"
{
    sample | head -n 1000
    printf '%s\n' "$event"
    sample | head -n 2000 | tail -n 1000
} >"$work/audit/audit.log"
fed=("$work/audit/audit.log")
rsyslogd_start env LD_PRELOAD="$shim" OAJ_POISON_DEFLATE=SEGV:oajpoison
check "a batch: it arrives" wait_until 30 has_text "$out" oajpoison
finish_test "a batch" 30 "$(events_in "$work/audit/audit.log")" --allow-repeats
is "$(deaths)" 2 "a batch: it died twice"
check "a batch: and says how it goes on" has_text "$work/oaj.log" "sending them uncompressed"
is "$(dead_lines .)" 0 "a batch: nothing is set aside"
receiver_stop

# What an older version had put into the journal: deadly when it is read back.
start_alone() { # ENV...: the program without rsyslog; its input is descriptor 6
    mkfifo "$work/in.$((++n_starts))"
    env "$@" "$omauditjson" --config "$work/omauditjson.conf" <"$work/in.$n_starts" >>"$work/replies" \
        2>>"$work/omauditjson.err" 8>&- &
    alone=$!
    exec 6>"$work/in.$n_starts"
}
n_starts=0
in_journal() { grep -q "$1" "$work"/state/journal/*.seg; }
killed() { # NAME: it ends, and not by itself
    local how=exit
    wait_until 20 gone "$alone" || kill -9 "$alone"
    { wait "$alone"; } 2>/dev/null
    [ "$?" -le 128 ] || how=signal
    is "$how" signal "$1"
    exec 6>&-
}
fresh
receiver_start --mode 503
oaj_conf "receiver = json-array"
start_alone
printf '%s\n' "$event" "$line" "${event//77/79}" >&6
wait_until 10 has_lines "$work/replies" 8
check "the journal has it" in_journal OAJPOISON
kill -9 "$alone"
killed "and is killed"
receiver_control mode=ok
for i in 1 2; do
    start_alone LD_PRELOAD="$shim" OAJ_POISON=SEGV:OAJPOISON
    killed "read back, it kills: $i"
done
start_alone LD_PRELOAD="$shim" OAJ_POISON=SEGV:OAJPOISON
check "the others are delivered" wait_until 20 has_lines "$out" 2
check "the record is set aside" wait_until 20 set_aside "$died line" 1
exec 6>&-
wait "$alone"
is "$?" 0 "the end is in order"
is "$(find "$work/state/journal" -type f ! -name 'spare*' | wc -l)" 0 "the journal is empty"
receiver_stop

# An event that kills when it is handed to libcurl: in a batch twice, alone twice.
fresh
receiver_start
oaj_conf "receiver = json-array" "batch_events = 50"
sample | head -n 100 >"$work/good"
deadly() { start_alone LD_PRELOAD="$shim" OAJ_POISON_POST=SEGV:oajpoison; }
settles() { wait_until 10 over; set_aside "while sending this event" 1; }
over() { gone "$alone" || set_aside "while sending this event" 1; }
deadly
{
    cat "$work/good"
    printf '%s\n' "$event"
} >&6
deaths=1
killed "a batch, handed on, it kills"
while deadly && ! settles && gone "$alone" && [ "$deaths" -lt 20 ]; do
    { wait "$alone"; } 2>/dev/null
    exec 6>&-
    deaths=$((deaths + 1))
done
check "what kills alone is set aside" set_aside '"reason":"the process died twice while sending this event"' 1
check "the others are delivered" wait_until 10 has_lines "$out" "$(events_in "$work/good")"
is "$(dead_lines .)" 1 "and it alone"
tap_note "deaths until then: $deaths"
check "after a bounded number of deaths" test "$deaths" -le 8
check "counted" wait_until 5 stat_reaches poison 1
exec 6>&-
wait "$alone"
"$omauditjson" --config "$work/omauditjson.conf" deadletter requeue --all >/dev/null
start_alone
check "requeued, it is judged anew" wait_until 10 grep -q oajpoison "$out"
exec 6>&-
wait "$alone"
receiver_stop

# Killed while one event is in process, and so often in a row: not to blame. The ninth life tries it in a
# child; the poison is off by then, as who killed us may have gone.
fresh
receiver_start --mode 503
oaj_conf "receiver = json-array"
rm -f "$work/off"
for i in 1 2 3 4 5 6 7 8; do
    start_alone LD_PRELOAD="$shim" OAJ_POISON=KILL:oajpoison OAJ_POISON_OFF="$work/off"
    [ "$i" -gt 1 ] || printf '%s\n' "$event" >&6
    killed "killed in a row: $i"
done
touch "$work/off"
start_alone LD_PRELOAD="$shim" OAJ_POISON=KILL:oajpoison OAJ_POISON_OFF="$work/off"
receiver_control mode=ok
check "and delivered by the next life" wait_until 20 has_lines "$out" 1
check "which tried it in a child" has_text "$work/oaj.log" "8 times in a row; processing it in a child process first"
exec 6>&-
wait "$alone"
is "$(cat "$work"/state/deadletter/*.json 2>/dev/null | wc -l)" 0 "killed in a row: nothing is set aside"
receiver_stop

# An innocent event, in process at every death but finished with in between, is delivered.
fresh
receiver_start --mode 503
oaj_conf "receiver = json-array"
for i in 1 2 3 4; do
    rm -f "$work/off"
    start_alone LD_PRELOAD="$shim" OAJ_POISON=KILL:oajpoison OAJ_POISON_OFF="$work/off"
    printf '%s\n' "${event//77/$((80 + i))}" >&6
    killed "killed: $i"
    touch "$work/off"
    start_alone LD_PRELOAD="$shim" OAJ_POISON=KILL:oajpoison OAJ_POISON_OFF="$work/off"
    receiver_control mode=ok
    check "and delivered: $i" wait_until 20 has_lines "$out" "$i"
    exec 6>&-
    wait "$alone"
done
is "$(dead_lines .)" 0 "nothing is set aside"
receiver_stop

# Real inputs that upset libauparse 3.0.9, between good ones.
fresh
receiver_start
oaj_conf "receiver = json-array"
rsyslog_conf direct "" "$quick_stop"
{
    sample | head -n 100
    cat "$srcdir"/tests/golden/data/hostile_*.log
    printf '\n'
    sample | head -n 200 | tail -n 100
} >"$work/audit/audit.log"
sample | head -n 200 >"$work/good"
fed=("$work/good")
rsyslogd_start
check "hostile inputs: the others arrive" wait_until 20 stat_reaches delivered "$(events_in "$work/good")"
check "hostile inputs: rsyslogd stops in order" rsyslogd_stop
is "$(deaths)" 0 "hostile inputs: nobody died"
check "hostile inputs: every body was valid" no_bad_bodies
is "$(stat_of undelivered_records)" 0 "hostile inputs: nothing is left"
receiver_stop
tap_done
