#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The program as an unprivileged user, all but its state directory read-only, no capabilities, no new
# privileges, and a filter of system calls like systemd's @system-service ~@privileged ~@resources:
# it speaks with rsyslog, delivers over HTTP and TLS, is killed, starts again, and loses nothing.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
# shellcheck source=tests/lib/oaj.sh
. "$srcdir/tests/lib/oaj.sh"
tap_plan_later
trap 'oaj_cleanup; cleanup' EXIT
[ "$(id -u)" = 0 ] || tap_skip_all "only root can build the sandbox"
for tool in unshare setpriv findmnt openssl; do
    command -v "$tool" >/dev/null || tap_skip_all "no $tool"
done
if nm "$omauditjson" 2>/dev/null | grep -q __asan_; then
    tap_skip_all "a sanitizer needs system calls that the program does not"
fi

user=65534
state=$work/state
confine=$builddir/tests/security/confine
chmod 755 "$work"
mkdir -m 700 "$state"
chown $user:$user "$state"
# a chain of exec: what is started in the background is in the end the program itself
jailer=("$srcdir/tests/security/jail.sh" "$user" "$state" "$confine")
jail() { "${jailer[@]}" "$@"; }
jail true 2>"$work/why" || tap_skip_all "no sandbox on this machine: $(cat "$work/why")"
jail "$omauditjson" --version >/dev/null 2>&1 || tap_skip_all "user $user can't run the build"

# -- the sandbox is one ----------------------------------------------------------------------------
is "$(jail id -u)" $user "it is another user"
check "its folder can be written" jail touch "$state/x"
for place in "$work" /tmp /dev/shm /var/tmp "$builddir" /; do
    [ -d "$place" ] || continue
    is "$(jail touch "$place/x" 2>&1 | grep -cE 'Read-only|denied')" 1 "nothing else can: ${place/$work/the test\'s folder}"
done
is "$(jail sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status)" 0000000000000000 "no capabilities"
is "$(jail sed -n 's/^NoNewPrivs:[[:space:]]*//p' /proc/self/status)" 1 "no new privileges"
{ jail unshare --user true; } 2>/dev/null
is $? 159 "a system call that is not allowed ends the process"

# -- the program in it -----------------------------------------------------------------------------
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null ||
    tap_bail "openssl made no certificate"
echo canary >"$work/token"
chown $user "$work/token"
chmod 400 "$work/token"
says() { has_lines "$work/wire" "$1"; }

conf() { # SCHEME LINE...
    local scheme=$1
    shift
    oaj_conf "$@"
    sed -i "s,^log = .*,log = $state/oaj.log,; s,^stats_file = .*,stats_file = $state/stats.json,
        s,^url = http://127.0.0.1,url = $scheme://localhost," "$work/omauditjson.conf"
}

for scheme in http https; do
    name=$scheme
    more=("receiver = ndjson" "compress = gzip" "bearer_file = $work/token")
    tls=()
    if [ $scheme = https ]; then
        more+=("ca_file = $work/cert.pem")
        tls=(--tls "$work/cert.pem" "$work/key.pem")
    fi
    : >"$out"
    receiver_start "${tls[@]}" --mode 503
    conf $scheme "${more[@]}"
    oaj_start "${jailer[@]}"
    echo "BEGIN TRANSACTION" >&5
    oaj_feed 50
    echo "COMMIT TRANSACTION" >&5
    check "$name: it answers" wait_until 20 says 53
    is "$(sort "$work/wire" | uniq -c | tr -s ' \n' ' ')" " 50 DEFER_COMMIT 3 OK " "$name: as rsyslog wants it"
    check "$name: it tries to deliver" wait_until 20 has_text "$state/oaj.log" "down since"
    kill -9 "$oaj_pid"
    exec 5>&-
    { wait "$oaj_pid"; } 2>/dev/null
    is "$(lines "$out")" 0 "$name: killed before anything was delivered"
    # the receiver of TLS can't be told by lib.sh's own HTTP: a new one
    receiver_stop
    receiver_start --port "$port" "${tls[@]}"
    oaj_start "${jailer[@]}"
    oaj_feed 5
    check "$name: all is delivered after a restart" wait_until 20 has_lines "$out" 55 ||
        tap_note "$(cat "$state/oaj.log")"
    kill -HUP "$oaj_pid"
    oaj_feed 1
    check "$name: and after SIGHUP" wait_until 20 has_lines "$out" 56
    oaj_end
    is $? 0 "$name: it ends in order"
    is "$(lines "$out")" 56 "$name: nothing twice"
    check "$name: its numbers are written" test -s "$state/stats.json"
    receiver_stop
    rm -rf "${state:?}"/*
done

# -- convert ---------------------------------------------------------------------------------------
is "$(jail "$omauditjson" convert "$srcdir/tests/data/host-raw.log" 2>/dev/null | wc -l)" \
    "$("$omauditjson" convert "$srcdir/tests/data/host-raw.log" | wc -l)" "convert works in it too"

# -- what is shipped for others' sandboxes ---------------------------------------------------------
if command -v apparmor_parser >/dev/null && [ -e /etc/apparmor.d/abstractions/base ]; then
    {
        echo "abi <abi/3.0>,"
        echo "include <tunables/global>"
        echo "profile rsyslogd /usr/sbin/rsyslogd {"
        echo "  include <abstractions/base>"
        cat "$srcdir/rsyslog-conf/apparmor/omauditjson"
        echo "}"
    } >"$work/profile"
    check "apparmor_parser takes the rules" apparmor_parser -Q -K "$work/profile"
    sed 's,^  /var/lib/omauditjson/ ,&nonsense ,' "$work/profile" >"$work/bad"
    is "$(apparmor_parser -Q -K "$work/bad" >/dev/null 2>&1 && echo taken)" "" "and not others"
else
    tap_skip "no apparmor_parser"
fi
if command -v systemd-analyze >/dev/null; then
    mkdir -p "$work/units/rsyslog.service.d"
    printf '[Service]\nType=notify\nExecStart=/bin/true\n' >"$work/units/rsyslog.service"
    cp "$srcdir/rsyslog-conf/systemd/omauditjson.conf" "$work/units/rsyslog.service.d/"
    SYSTEMD_UNIT_PATH=$work/units: systemd-analyze verify "$work/units/rsyslog.service" \
        >"$work/verify" 2>&1
    is "$(grep -F omauditjson.conf "$work/verify")" "" "systemd takes the drop-in"
    sed -i 's/^NoNewPrivileges=.*/NoNewPrivilege=yes/' "$work/units/rsyslog.service.d/omauditjson.conf"
    SYSTEMD_UNIT_PATH=$work/units: systemd-analyze verify "$work/units/rsyslog.service" \
        >"$work/verify" 2>&1
    is "$(grep -cF 'omauditjson.conf' "$work/verify")" 1 "and would not take a mistake"
else
    tap_skip "no systemd-analyze"
fi
tap_done
