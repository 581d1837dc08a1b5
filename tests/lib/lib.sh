# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the shell tests share: TAP, waiting for a condition with a bound, a private receiver, a
# private rsyslogd that reads the shipped stanzas. Everything lives in $work, which goes at the
# end (KEEP=1 keeps it). Only processes started here are ever signalled.

: "${srcdir:?run me by make check, or set srcdir to the top of the sources}"
: "${builddir:?run me by make check, or set builddir to the top of the build}"
: "${omauditjson:=$builddir/omauditjson/omauditjson}"
PATH=$PATH:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL
umask 022 # a state directory that a group may write into is refused

# Memory where there is some: rsyslog's queue on disk writes a small file for each record, which a
# real disk does ten times slower. What the tests kill are processes, so it is as good.
if [ -z "${TMPDIR-}" ] && [ -w /dev/shm ] &&
    [ "$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')" -gt 1000000 ]; then
    TMPDIR=/dev/shm
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/oajXXXXXX") || exit 99
out=$work/out.json
requests=$work/requests.json
receiver_pid=
rsyslogd_pid=
port=
url=

# -- TAP -----------------------------------------------------------------------------------------
tap_n=0
tap_failed=0

# A test begins with this: the plan comes at the end, by tap_done.
tap_plan_later() { exec 8>&1; }

tap_result() { # 0|1 NAME
    tap_n=$((tap_n + 1))
    if [ "$1" -eq 0 ]; then
        printf 'ok %d - %s\n' "$tap_n" "${2//#/}" >&8
    else
        printf 'not ok %d - %s\n' "$tap_n" "${2//#/}" >&8
        tap_failed=$((tap_failed + 1))
    fi
    [ "$1" -eq 0 ]
}

tap_note() { printf '%s\n' "$@" | sed 's/^/# /' >&8; }

is() { # GOT WANTED NAME
    if [ "$1" = "$2" ]; then
        tap_result 0 "$3"
    else
        tap_result 1 "$3"
        tap_note "got:    $1" "wanted: $2"
        return 1
    fi
}

check() { # NAME COMMAND...: its output is shown when it fails
    local name=$1 text
    shift
    if text=$("$@" 2>&1); then
        tap_result 0 "$name"
        [ -z "$text" ] || tap_note "$text"
    else
        tap_result 1 "$name"
        [ -z "$text" ] || tap_note "$text"
        return 1
    fi
}

tap_skip() { # REASON
    tap_n=$((tap_n + 1))
    printf 'ok %d # SKIP %s\n' "$tap_n" "$1" >&8
}

tap_skip_all() {
    printf '1..0 # SKIP %s\n' "$1" >&8
    exit 0
}

tap_done() {
    printf '1..%d\n' "$tap_n" >&8
    [ "$tap_failed" -eq 0 ]
    exit
}

tap_bail() {
    printf 'Bail out! %s\n' "$1" >&8
    exit 99
}

# -- waiting -------------------------------------------------------------------------------------
# Poll until COMMAND succeeds; fails when it did not within SECONDS.
wait_until() { # SECONDS COMMAND...
    local end=$((SECONDS + $1 + 1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.05
    done
}

lines() { if [ -e "$1" ]; then wc -l <"$1"; else echo 0; fi; }
has_lines() { [ "$(lines "$1")" -ge "$2" ]; } # FILE N
# A zombie is gone too: in a container nobody may be there to fetch an orphan.
gone() { [ ! -e "/proc/$1/status" ] || grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null; }
has_text() { grep -q -e "$2" "$1"; } # FILE PATTERN

# The file has not grown for SECONDS: for what a program is expected not to do any more.
quiet_for() { # FILE SECONDS
    local n=0 last now
    last=$(stat -c %s "$1" 2>/dev/null)
    while [ "$n" -lt $(($2 * 10)) ]; do
        sleep 0.1
        now=$(stat -c %s "$1" 2>/dev/null)
        if [ "$now" = "$last" ]; then n=$((n + 1)); else n=0; fi
        last=$now
    done
}

# -- processes -----------------------------------------------------------------------------------
children_of() { # PID: its children's ids
    sed -n "s/^PPid:[[:space:]]*$1\$/&/;T;F" /proc/[0-9]*/status 2>/dev/null |
        sed 's,^/proc/\([0-9]*\)/.*,\1,'
}

stop_pid() { # PID SECONDS: SIGTERM, and SIGKILL when that does not help
    kill "$1" 2>/dev/null || return 0
    wait_until "$2" gone "$1" || kill -9 "$1" 2>/dev/null
}

cleanup() {
    local status=$? pid
    trap '' EXIT
    # a sanitizer's last words
    [ ! -s "$work/receiver.err" ] || sed 's/^/# receiver: /' "$work/receiver.err" >&2
    for pid in $receiver_pid; do
        kill -9 "$pid" 2>/dev/null
    done
    if [ -n "$rsyslogd_pid" ] && ! gone "$rsyslogd_pid"; then
        local children
        children=$(children_of "$rsyslogd_pid")
        kill -9 "$rsyslogd_pid" 2>/dev/null
        # end of input ends them; no longer than this
        for pid in $children; do
            wait_until 5 gone "$pid" || kill -9 "$pid" 2>/dev/null
        done
    fi
    { wait; } 2>/dev/null
    if [ "${KEEP:-0}" = 1 ]; then
        echo "# kept: $work" >&2
    else
        rm -rf "$work"
    fi
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# -- receiver ------------------------------------------------------------------------------------
# Started again, it appends to the same files; give --port "$port" to come back on the old one.
receiver_start() { # OPTION...
    rm -f "$work/port"
    "$builddir/tests/receiver/receiver" --port-file "$work/port" --out "$out" \
        --requests "$requests" "$@" 2>"$work/receiver.err" 8>&- &
    receiver_pid=$!
    wait_until 10 test -s "$work/port" || tap_bail "the receiver does not start: $(<"$work/receiver.err")"
    port=$(<"$work/port")
    # shellcheck disable=SC2034 # for the tests
    url=http://127.0.0.1:$port
    touch "$out" "$requests"
}

receiver_stop() {
    stop_pid "$receiver_pid" 10
    { wait "$receiver_pid"; } 2>/dev/null
    receiver_pid=
}

receiver_control() { # mode=STEP | plan=PLAN | _stats
    local path="/_control?$1"
    [ "$1" != _stats ] || path=/_stats
    exec 7<>"/dev/tcp/127.0.0.1/$port" || return 1
    printf 'GET %s HTTP/1.0\r\n\r\n' "$path" >&7
    sed '1,/^\r*$/d' <&7 | sed '/^{"ok":true}$/d'
    exec 7>&-
}

# -- omauditjson ---------------------------------------------------------------------------------
# $work/omauditjson.conf for a receiver that runs; each argument is a further line.
oaj_conf() { # LINE...
    local path=/events
    [[ "$*" != *mozdef-bulk* ]] || path=/_bulk
    mkdir -p "$work/state"
    {
        echo "url = http://127.0.0.1:$port$path"
        echo "state_dir = $work/state"
        echo "hostname = testhost"
        echo "stats_file = $work/stats.json"
        echo "stats_interval = 100ms"
        echo "log = $work/oaj.log"
        echo "retry_min = 50ms"
        echo "retry_max = 500ms"
        printf '%s\n' "$@"
    } >"$work/omauditjson.conf"
}

# A number of the stats file; 0 while it is not there.
stat_of() {
    local n
    n=$(tr ',{}' '\n' <"$work/stats.json" 2>/dev/null | sed -n "s/^ *\"$1\": *\([0-9]*\).*/\1/p")
    echo "${n:-0}"
}
stat_reaches() { [ "$(stat_of "$1")" -ge "$2" ]; } # NAME N

# The judge. The fed logs are "${fed[@]}".
fed=()
oracle() { # OPTION...
    local dead=()
    [ ! -d "$work/state/deadletter" ] || dead=(--deadletter "$work/state/deadletter")
    "$builddir/tests/oracle/oracle" --out "$out" "${dead[@]}" "$@" "${fed[@]}"
}
gen() { "$builddir/tests/oracle/gen" "$@"; }
sample() { xz -dc "$srcdir/tests/data/busy-enriched.log.xz"; }

# A record that ends each kind of message that rsyslog-conf/gather.sed makes: where it stands last, no
# record waits for imfile's readTimeout, which starts anew with each change in the folders on the path.
last_of_a_message() {
    echo "type=USER_LOGIN msg=audit(1795356199.001:199990): pid=1 uid=0 auid=0 ses=1 msg='op=login acct=\"root\" exe=\"/usr/sbin/sshd\" hostname=? addr=? terminal=ssh res=success'"
}
gather() { sed -i -f "$srcdir/rsyslog-conf/gather.sed" "$work/rsyslog.conf"; }

# How many events a log has, as the oracle counts them.
events_in() { # LOG...
    : >"$work/none"
    "$builddir/tests/oracle/oracle" --out "$work/none" "$@" | sed -n 's/.* events \([0-9]*\);.*/\1/p'
}

# -- rsyslogd ------------------------------------------------------------------------------------
need_rsyslogd() {
    command -v rsyslogd >/dev/null || tap_skip_all "no rsyslogd"
    [ -x "$omauditjson" ] || tap_bail "no $omauditjson"
}

# For stanzas without a queue: rsyslogd 8.2302 waits closeTimeout for the end of our standard error
# before it closes our input, if it has an output= file.
# shellcheck disable=SC2034 # for the tests
quick_stop='/output="/d'

# $work/rsyslog.conf: a shipped stanza with nothing but its paths replaced, in a configuration of
# its own. BEFORE is what stands before it: inputs that a stock rsyslog.conf has. Further arguments
# are sed expressions for what a test wants otherwise.
rsyslog_conf() { # STANZA BEFORE [SED...]
    local stanza=$srcdir/rsyslog-conf/omauditjson-$1.conf before=$2 edit=()
    shift 2
    for expression in "$@"; do edit+=(-e "$expression"); done
    mkdir -p "$work/spool" "$work/audit"
    {
        printf 'global(workDirectory="%s" processInternalMessages="on")\n%s\n' "$work/spool" "$before"
        sed -e "s,/usr/libexec/rsyslog/omauditjson,$omauditjson --config $work/omauditjson.conf," \
            -e "s,/var/log/omauditjson.log,$work/omauditjson.err," \
            -e "s,/var/log/omauditjson.wakeup,$work/omauditjson.wakeup,g" \
            -e "s,/var/log/audit/,$work/audit/," "${edit[@]}" "$stanza"
        printf 'action(type="omfile" file="%s" template="RSYSLOG_FileFormat")\n' "$work/internal.log"
    } >"$work/rsyslog.conf"
}

rsyslogd_start() { # [COMMAND that runs the command it is given]
    rm -f "$work/rsyslogd.pid"
    "$@" rsyslogd -n -f "$work/rsyslog.conf" -i "$work/rsyslogd.pid" \
        >/dev/null 2>>"$work/rsyslogd.err" 8>&- &
    rsyslogd_pid=$!
    wait_until 10 test -s "$work/rsyslogd.pid" ||
        tap_bail "rsyslogd does not start: $(<"$work/rsyslogd.err")"
    rsyslogd_pid=$(<"$work/rsyslogd.pid")
}

# omauditjson's process id, when it runs.
child_pid() { [ -n "$rsyslogd_pid" ] && children_of "$rsyslogd_pid" | head -n 1; }
child_runs() { [ -n "$(child_pid)" ]; }

# Every stop waits for omauditjson too, for it may still be delivering.
rsyslogd_end() { # SIGNAL SECONDS
    local pid children
    local ok=0
    children=$(children_of "$rsyslogd_pid")
    kill "-$1" "$rsyslogd_pid"
    if ! wait_until "$2" gone "$rsyslogd_pid"; then
        echo "rsyslogd is still there after $2 s"
        kill -9 "$rsyslogd_pid"
        ok=1
    fi
    for pid in $children; do
        wait_until 20 gone "$pid" && continue
        echo "omauditjson is still there 20 s later"
        kill -9 "$pid"
        ok=1
    done
    rsyslogd_pid=
    return "$ok"
}
rsyslogd_stop() { rsyslogd_end TERM 60; }
rsyslogd_kill() { rsyslogd_end KILL 10; }

# What helps to understand a failure.
tap_show_logs() {
    local f
    for f in rsyslogd.err internal.log omauditjson.err oaj.log stats.json; do
        [ ! -s "$work/$f" ] || tap_note "-- $f" "$(tail -n 15 "$work/$f" | cut -c1-400)"
    done
}

# The end of most tests: all is delivered within SECONDS, rsyslogd stops in order, and the oracle
# is content, before and after.
delivered() { # SECONDS EVENTS OPTION...
    local seconds=$1 events=$2
    shift 2
    if ! wait_until "$seconds" has_lines "$out" "$events"; then
        echo "$(lines "$out") of $events documents after $seconds s"
        return 1
    fi
    wait_until "$seconds" oracle "$@" && return
    oracle "$@"
}

finish_test() { # NAME SECONDS EVENTS ORACLE-OPTION...
    local name=$1 ok=0
    shift
    check "$name: all arrives" delivered "$@" || ok=1
    check "$name: rsyslogd stops in order" rsyslogd_stop || ok=1
    shift 2
    check "$name: the oracle is content" oracle "$@" || ok=1
    check "$name: every body was valid" no_bad_bodies || ok=1
    [ "$ok" = 0 ] || tap_show_logs
}

no_bad_bodies() { receiver_control _stats | grep '"bad":0,'; }

# A test with several runs begins each with this.
fresh() {
    rm -rf "$work/state" "$work/spool" "$work/audit"
    rm -f "$out" "$requests" "$work/omauditjson.wakeup" "$work"/*.log "$work/stats.json" "$work/omauditjson.err" "$work/rsyslogd.err"
    fed=()
}
