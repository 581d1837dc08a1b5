#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Shows the main job on this machine: a real rsyslogd with its own configuration and directories
# reads an audit log that comes with these sources, starts omauditjson, and a small web server
# prints the events as they arrive. Counts, then cleans up. Nothing of the system is touched but
# the packages that are installed when they are missing (Debian, as root or with sudo).
#
#   tests/demo.sh [--no-install] [--keep] [RECORDS]
#
# RECORDS: how many records of the log to read (default 4218, all of it).
set -u -o pipefail

packages=(
    autoconf automake gcc libc6-dev make pkg-config
    libauparse-dev libaudit-dev libcurl4-openssl-dev libjson-c-dev zlib1g-dev libzstd-dev
    libxxhash-dev check libmicrohttpd-dev libgnutls28-dev rsyslog
)
install=yes
keep=no
records=4218
for arg in "$@"; do
    case $arg in
    --no-install) install=no ;;
    --keep) keep=yes ;;
    -h | --help)
        sed -n '3,11s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    *[!0-9]* | '')
        echo "tests/demo.sh: there is no option $arg (try --help)" >&2
        exit 64
        ;;
    *) records=$arg ;;
    esac
done

tree=$(cd "$(dirname "$0")/.." && pwd) || exit 1
PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d "${TMPDIR:-/tmp}/omauditjson-demo.XXXXXX") || exit 1
rsyslogd_pid=
receiver_pid=

say() { printf '\n== %s\n' "$*"; }

fail() {
    printf '\ndemo: %s\n' "$1" >&2
    [ ! -s "${2-}" ] || tail -n 20 "$2" >&2
    exit 1
}

finish() {
    local status=$?
    trap '' EXIT
    [ -z "$rsyslogd_pid" ] || kill "$rsyslogd_pid" 2>/dev/null
    [ -z "$receiver_pid" ] || kill "$receiver_pid" 2>/dev/null
    { wait; } 2>/dev/null
    if [ "$keep" = yes ]; then
        echo "kept: $work"
    else
        rm -rf "$work"
    fi
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

wait_for() { # SECONDS COMMAND...
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.1
    done
}

count() { if [ -e "$1" ]; then wc -l <"$1"; else echo 0; fi; }

# -- what is needed, and the build
missing=()
for p in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q ' installed$' || missing+=("$p")
done
if [ "${#missing[@]}" -gt 0 ] && [ "$install" = yes ]; then
    say "installing ${missing[*]}"
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    {
        $sudo apt-get update -qq &&
            $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
                --no-install-recommends "${missing[@]}"
    } >"$work/apt.log" 2>&1
    # shellcheck disable=SC2181 # the group's status, after its redirection
    [ $? -eq 0 ] || fail "packages can't be installed" "$work/apt.log"
fi

say "building (in $work, the sources stay as they are)"
mkdir "$work/src" "$work/build" || exit 1
(cd "$tree" && tar -cf - --exclude=.git --exclude='./build*' --exclude='*.o' --exclude='*.a' \
    --exclude=config.status --exclude=config.h .) | tar -xf - -C "$work/src" ||
    fail "the sources can't be copied"
(
    cd "$work/src" && { [ ! -e Makefile ] || rm -f Makefile; } && ./autogen.sh &&
        cd "$work/build" && "$work/src/configure" --quiet &&
        make -j "$(nproc)" && make -j "$(nproc)" tests/receiver/receiver
) >"$work/build.log" 2>&1 || fail "it does not build" "$work/build.log"
omauditjson=$work/build/omauditjson/omauditjson

# -- the receiver, our configuration, rsyslog's
"$work/build/tests/receiver/receiver" --port-file "$work/port" --out "$work/events" --print \
    >"$work/shown" 2>"$work/receiver.err" &
receiver_pid=$!
wait_for 10 test -s "$work/port" || fail "the web server does not start" "$work/receiver.err"

mkdir "$work/state" "$work/spool" "$work/audit"
cat >"$work/omauditjson.conf" <<EOF
url = http://127.0.0.1:$(<"$work/port")/events
receiver = ndjson
state_dir = $work/state
EOF
sed -e "s,\"/usr/libexec/rsyslog/omauditjson\",\"$omauditjson --config $work/omauditjson.conf\"," \
    -e "s,/var/log/audit,$work/audit,; s,/var/log/omauditjson.log,$work/omauditjson.log," \
    "$tree/rsyslog-conf/omauditjson-diskqueue.conf" >"$work/stanza.conf"
cat >"$work/rsyslog.conf" <<EOF
global(workDirectory="$work/spool")
include(file="$work/stanza.conf")
EOF
head -n "$records" "$tree/tests/data/host-enriched.log" >"$work/audit/audit.log"
fed=$(count "$work/audit/audit.log")
events=$(sed 's/^[^(]*(\([^)]*\)).*/\1/' "$work/audit/audit.log" | sort -u | wc -l)

say "the stanza for rsyslog (rsyslog-conf/omauditjson-diskqueue.conf)"
grep -v '^ *#' "$work/stanza.conf" | grep -v '^ *$'
say "rsyslogd reads $fed audit records; the web server shows the events that arrive"
rsyslogd -n -f "$work/rsyslog.conf" -i "$work/rsyslogd.pid" >"$work/rsyslogd.log" 2>&1 &
rsyslogd_pid=$!

all_there() { [ "$(count "$work/events")" -ge "$events" ]; }
shown=0
show() { # what is new, cut to the width of a page; never more than a screenful at once
    local now
    now=$(count "$work/shown")
    [ "$now" -le "$shown" ] || sed -n "$((shown + 1)),${now}p" "$work/shown" | cut -c 1-110 | head -n 12
    [ "$((now - shown))" -le 12 ] || echo "... and $((now - shown - 12)) more"
    shown=$now
}
arriving() {
    show
    all_there
}
wait_for 120 arriving || echo "(not all events came within two minutes)"
show

say "stopping rsyslogd"
kill "$rsyslogd_pid"
wait "$rsyslogd_pid" 2>/dev/null
rsyslogd_pid=
tail -n 1 "$work/omauditjson.log" 2>/dev/null
# each event says how many records are in it; a repeat has an id that was there already
delivered=$(grep -o '"auditid":"[^"]*"' "$work/events" | sort -u | wc -l)
arrived=$(awk 'match($0, /"auditid":"[^"]*"/) {
    id = substr($0, RSTART, RLENGTH)
    if (!seen[id]++ && match($0, /"records":"[0-9]+"/)) n += substr($0, RSTART + 11, RLENGTH - 12)
} END { print n + 0 }' "$work/events")
say "records in: $fed, events delivered: $delivered (with $arrived records), lost: $((fed - arrived))"
[ "$arrived" = "$fed" ] && [ "$delivered" = "$events" ]
