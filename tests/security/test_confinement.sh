#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The confinement bites: code that runs in the middle of libcurl and of libauparse tries what an
# attacker would, and all of it is refused while events go on being delivered. Without confinement
# the same code succeeds. And the log says what is in force.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
# shellcheck source=tests/lib/oaj.sh
. "$srcdir/tests/lib/oaj.sh"
tap_plan_later
elsewhere=$(mktemp -d "${TMPDIR:-/tmp}/oajXXXXXX") || exit 99
trap 'oaj_cleanup; [ -z "${listener-}" ] || kill -9 "$listener" 2>/dev/null; rm -rf "$elsewhere"; cleanup' EXIT
if nm "$omauditjson" 2>/dev/null | grep -qE '__asan_|__gcov_'; then
    tap_skip_all "an instrumented build is not confined"
fi
intruder=$builddir/tests/security/intruder.so
mkdir "$work/etc" "$work/log"
umask 077
echo secret >"$elsewhere/secret"
root=no
[ "$(id -u)" != 0 ] || root=yes

# another port than the receiver's, on which somebody listens
"$builddir/tests/receiver/receiver" --port-file "$work/other.port" --out "$work/other.json" 8>&- &
listener=$!
wait_until 10 test -s "$work/other.port" || tap_bail "no second receiver"
receiver_start

configure() { # LINE...
    oaj_conf "receiver = ndjson" "$@"
    sed -i "s,^log = .*,log = $work/log/oaj.log,; s,^stats_file = .*,stats_file = $work/log/stats.json," \
        "$work/omauditjson.conf"
    mv "$work/omauditjson.conf" "$work/etc/"
    ln -sf "$work/etc/omauditjson.conf" "$work/omauditjson.conf"
    rm -rf "$work/state" "$work/log"/* "$work/tried" "$elsewhere/made"
}
log=$work/log/oaj.log
intrude() { # OUT-LINES
    oaj_start env "OAJ_INTRUDER=$work/tried" "OAJ_SECRET=$elsewhere/secret" \
        "OAJ_OUTSIDE=$elsewhere/made" "OAJ_STATE=$work/state/made" \
        "OAJ_PORT=$(cat "$work/other.port")" "LD_PRELOAD=$intruder"
    oaj_feed 5
    check "events are delivered" wait_until 20 has_lines "$out" "$1"
    oaj_end
    is $? 0 "it ends in order"
}
tried() { grep -F "$1 $2: " "$work/tried" | sed 's/.*: //'; }

# -- what is in force ------------------------------------------------------------------------------
configure
intrude 5
line=$(grep -o 'confined: .*' "$log")
tap_note "$line"
is "$(grep -c 'confined: no capabilities, no new privileges, ' "$log")" 1 "the log says so, once"
filtered=yes landlock=yes ports=yes
case $line in *"system calls not filtered"*) filtered=no ;; esac
case $line in *"no Landlock"*) landlock=no ports=no ;; *"(files)"*) ports=no ;; esac

bitten() { # WHAT yes|no REASON
    local where
    for where in libcurl libauparse; do
        if [ "$2" = yes ]; then
            is "$(tried $where "$1")" refused "in $where: $1"
        else
            tap_skip "in $where: $1: $3"
        fi
    done
}
bitten "execute a program" "$filtered" "no libseccomp"
for what in "packet socket" "raw socket" "read another process" "unshare" "mount" "become root" "keys" "be traced"; do
    bitten "$what" "$filtered" "no libseccomp"
done
for what in "read a secret" "make a file elsewhere"; do
    bitten "$what" "$landlock" "this kernel has no Landlock"
done
bitten "read /etc/shadow" "$([ "$root" = no ] && echo yes || echo "$landlock")" "this kernel has no Landlock"
bitten "connect to another port" "$ports" "this kernel's Landlock knows no ports"
bitten "capabilities" yes ""
if [ "$landlock" = yes ] && [[ $line =~ version\ ([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -ge 6 ]; then
    bitten "signal a process outside" yes ""
fi
is "$(tried libcurl "make a file in the state directory")" DONE "its own directory is its own"
check "nothing was made elsewhere" test ! -e "$elsewhere/made"

# -- without it ------------------------------------------------------------------------------------
configure "sandbox = no"
intrude 10
check "sandbox = no: the log says so" has_text "$log" "not confined: sandbox = no"
for what in "execute a program" "read a secret" "make a file elsewhere" "connect to another port" \
    "signal a process outside" "be traced"; do
    is "$(tried libcurl "$what")" DONE "sandbox = no: $what"
done
if [ "$root" = yes ]; then
    for what in "packet socket" "raw socket" "become root" "read /etc/shadow" "capabilities" "unshare" "mount"; do
        is "$(tried libcurl "$what")" DONE "sandbox = no, as root: $what"
    done
fi

# -- strict ----------------------------------------------------------------------------------------
if [ "$filtered" = yes ]; then
    configure "sandbox = strict"
    oaj_start env "OAJ_INTRUDER=$work/tried" "OAJ_SECRET=$elsewhere/secret" "LD_PRELOAD=$intruder"
    oaj_feed 1
    wait_until 20 gone "$oaj_pid"
    { oaj_end; } 2>/dev/null
    is $? 159 "strict: a system call that is not allowed ends the process by SIGSYS"
    before=$(lines "$out")
    oaj_start
    check "strict: and the next one delivers what was answered" wait_until 20 has_lines "$out" $((before + 1))
    oaj_feed 100
    check "strict: all that the program does itself is allowed" wait_until 20 has_lines "$out" $((before + 101))
    kill -HUP "$oaj_pid"
    check "strict: SIGHUP" wait_until 20 has_text "$log" "configuration reloaded"
    oaj_feed 1
    check "strict: after SIGHUP" wait_until 20 has_lines "$out" $((before + 102))
    oaj_end
    is $? 0 "strict: it ends in order"
else
    tap_skip "strict: no libseccomp"
fi

# -- SIGHUP ----------------------------------------------------------------------------------------
# Root without capabilities reads what is root's and nobody else's; a log that was rotated is made
# anew; a configuration that was replaced is read.
configure "bearer_file = $work/etc/token"
echo canary >"$work/etc/token"
chmod 600 "$work/etc/token" "$work/etc/omauditjson.conf"
before=$(lines "$out")
oaj_start
oaj_feed 1
check "a secret of mode 0600 is read" wait_until 20 has_lines "$out" $((before + 1))
mv "$log" "$log.1"
cp "$work/etc/omauditjson.conf" "$work/etc/new"
echo "batch_events = 7" >>"$work/etc/new"
mv "$work/etc/new" "$work/etc/omauditjson.conf"
echo canary2 >"$work/etc/token.new"
mv "$work/etc/token.new" "$work/etc/token"
kill -HUP "$oaj_pid"
check "a replaced configuration is read, into a new log" wait_until 20 has_text "$log" "configuration reloaded"
oaj_feed 1
check "a replaced secret is sent" wait_until 20 has_lines "$out" $((before + 2))
if [ "$landlock" = yes ]; then
    cp "$work/etc/token" "$elsewhere/ca.pem"
    {
        cat "$work/etc/omauditjson.conf"
        echo "ca_file = $elsewhere/ca.pem"
        [ "$ports" = no ] || echo "url = http://127.0.0.1:$(cat "$work/other.port")/"
    } >"$work/etc/new"
    mv "$work/etc/new" "$work/etc/omauditjson.conf"
    kill -HUP "$oaj_pid"
    check "a path in another place: restart rsyslog, says the log" \
        wait_until 20 has_text "$log" "ca_file = .*/ca.pem: not accessible in the sandbox .* restart rsyslog"
    [ "$ports" = no ] ||
        check "another port: restart rsyslog, says the log" \
            wait_until 20 has_text "$log" "url: port [0-9]*: not accessible in the sandbox .* restart rsyslog"
fi
oaj_end

# -- and nothing of our own is refused --------------------------------------------------------------
# What a library asks for and does without: auparse_init() looks for auditd's time-out.
configure
oaj_start strace -f -e trace=file -o "$work/trace"
oaj_feed 1
check "traced: an event is delivered" wait_until 20 has_lines "$out" 16
oaj_end
check "traced: it is confined" has_text "$log" "confined: no capabilities"
is "$(grep ' = -1 EACCES' "$work/trace" | grep -v '"/etc/audit/auditd.conf"')" "" \
    "traced: no file that it wants is refused"

# -- root over other people's files ----------------------------------------------------------------
if [ "$root" = yes ]; then
    configure "bearer_file = $work/etc/token"
    chown 65534 "$work/etc/token"
    before=$(lines "$out")
    oaj_start
    oaj_feed 1
    check "a secret of another user's is still read" wait_until 20 has_lines "$out" $((before + 1))
    check "and the log says what that costs" \
        has_text "$log" "no capabilities but CAP_DAC_OVERRIDE, without which $work/etc/token"
    oaj_end
else
    tap_skip "not root"
fi
tap_done
