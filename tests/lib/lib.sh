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
gone() { ! kill -0 "$1" 2>/dev/null; }
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
        --requests "$requests" "$@" 2>"$work/receiver.err" &
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
