#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Canaries as bearer token, password, secret header, proxy password, token in a query and private
# key; then every kind of failure that talks about them, servers that give them back in their
# answers included, with libcurl's trace on. None may be found anywhere but in the files that hold
# them: command line, environment, log, error output, counters, dead letters, journal, the wire.
# And nobody looks into the process, dead or alive.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
# shellcheck source=tests/lib/oaj.sh
. "$srcdir/tests/lib/oaj.sh"
tap_plan_later
trap 'oaj_cleanup; cleanup' EXIT

token=canary-token-7f3a password=canary-pass-91bc header=canary-header-55d0 proxy=canary-proxy-e2c4
query=canary-query-08ab key=canarykeycanarykeycanary
secrets=$work/secrets # what may hold them
mkdir "$secrets"
umask 077
printf '%s\n' "$token" >"$secrets/token"
printf '%s\n' "us:$password" >"$secrets/user"
printf -- '-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n' "$key" >"$secrets/key.pem"
hidden=("$token" "$password" "$header" "$proxy" "$query" "$key")
for plain in "us:$password" "pu:$proxy" "$token" "$password" "$header" "$proxy"; do
    hidden+=("$(printf '%s' "$plain" | base64 | tr -d '=')")
done

# No file of the test's but those of the secrets, and nothing in /proc, holds one.
# shellcheck disable=SC2317 # called through check
nothing_shows() {
    local pattern=() s file where
    for s in "${hidden[@]}"; do pattern+=(-e "$s"); done
    [ -z "$oaj_pid" ] || for file in cmdline environ comm status maps; do
        tr '\0' '\n' <"/proc/$oaj_pid/$file" >"$work/proc.$file" 2>/dev/null
    done
    where=("$work"/*.log "$work"/proc.* "$work/oaj.err" "$work/wire" "$work/stats.json" "$work/state")
    ! grep -raF "${pattern[@]}" "${where[@]}" 2>/dev/null
}

scheme=http
# run NAME WANTED LINE...: with these lines, until the log says WANTED; then nothing shows.
run() {
    local name=$1 wanted=$2
    shift 2
    rm -rf "$work/state" "$work/oaj.log" "$work/oaj.err"
    oaj_conf "log_level = debug" "shutdown_timeout = 100ms" "curl_verbose = yes" "header = X-Secret: $header" "$@"
    sed -i "s,^url = .*,url = $scheme://127.0.0.1:$port/in?access_token=$query\&x=1," "$work/omauditjson.conf"
    mv "$work/omauditjson.conf" "$secrets/conf"
    ln -sf "$secrets/conf" "$work/omauditjson.conf"
    oaj_start
    oaj_feed 3
    check "$name: it happens" wait_until 10 has_text "$work/oaj.log" "$wanted" ||
        tap_note "$(tail -n 20 "$work/oaj.log")"
    check "$name: the numbers are written" wait_until 10 test -s "$work/stats.json"
    check "$name: no secret shows while it runs" nothing_shows
    oaj_end
    is $? 0 "$name: it ends in order"
    check "$name: no secret shows afterwards" nothing_shows
}

# A server can give back what it was given, and what it made of that.
us="us:$password $password $(printf 'us:%s' "$password" | base64)"
receiver_start --mode "401+body=who is this: $token $header $query"
run "401 that gives the token back" "accepted nothing.*who is this: \*" "bearer_file = $secrets/token"
# It takes others before and between its refusals, or those would be no fault of the event.
receiver_control mode=ok
refusal="422+body=$us $header $query"
receiver_control "plan=ok,$refusal,ok,$refusal,ok"
run "422 into the dead letters" "422: \*" "user_file = $secrets/user" \
    "receiver = ndjson" "batch_events = 1" "in_flight = 1"
check "422: the answer is among the dead letters" grep -rq '"answer":"\*' "$work/state"
receiver_control "mode=503+body=$us $header $query"
run "503 with a password" "down since.*503: \*" "user_file = $secrets/user"
receiver_control "mode=407+body=pu:$proxy $proxy $(printf 'pu:%s' "$proxy" | base64)"
run "a proxy that refuses" "accepted nothing.*407: \*.*in option proxy" "bearer_file = $secrets/token" \
    "proxy = http://pu:$proxy@127.0.0.1:$port"
receiver_control "mode=reset"
run "reset" "down since" "bearer_file = $secrets/token"
receiver_control "mode=ok"
run "all is well" "receiver .* up" "bearer_file = $secrets/token"
receiver_stop
run "nobody there" "down since" "user_file = $secrets/user" "proxy = http://pu:$proxy@127.0.0.1:$port"
run "no such host" "down since" "bearer_file = $secrets/token" "proxy = http://pu:$proxy@no.invalid:1" "insecure_credentials = yes"

# -- a key that can't be used ----------------------------------------------------------------------
receiver_start --port "$port"
cp "$secrets/key.pem" "$secrets/cert.pem"
scheme=https
run "a bad key" "accepted nothing" "client_cert = $secrets/cert.pem" "client_key = $secrets/key.pem" \
    "ca_file = $secrets/key.pem"

# -- mistakes in the configuration -----------------------------------------------------------------
mistake() { # NAME WANTED OPTION...
    local name=$1 wanted=$2
    shift 2
    "$omauditjson" --state-dir "$work/state" "$@" </dev/null >"$work/wire" 2>"$work/oaj.err"
    is $? 78 "$name: is refused"
    check "$name: it is said why" grep -qF -e "$wanted" "$work/oaj.err"
    check "$name: without the secret" nothing_shows
}
rm -f "$work/oaj.log"
mistake "a user in the command line's url" "'--url': contains a credential" \
    --config /dev/null --url "https://us:$password@h/"
mistake "a token in the command line's url" "'--url': contains a credential" \
    --config /dev/null --url "https://h/?access_token=$query"
mistake "a header on the command line" "'--header': contains a credential" \
    --config /dev/null --url https://h/ --header "Authorization: Bearer $token"
mistake "a proxy on the command line" "'--proxy': contains a credential" \
    --config /dev/null --url https://h/ --proxy "http://pu:$proxy@h"
mistake "an option that is not there" "did you mean '--header'" \
    --config /dev/null --url https://h/ "--haeder=Authorization: $token"
in_file() { # NAME WANTED LINE...
    local name=$1 wanted=$2
    shift 2
    printf '%s\n' "$@" >"$secrets/conf"
    mistake "$name" "$wanted" --config "$secrets/conf"
}
in_file "a user in the file's url" "contains a user name" "url = https://us:$password@h/"
in_file "a line that is none" "not of the form" "url = https://h/" "$password"
in_file "a header that is none" "key 'header'" "url = https://h/" "header = Bearer $token"
in_file "a control character" "control character" "url = https://h/" \
    "header = X: $(printf '%s\001' "$header")"
chmod 644 "$secrets/user" "$secrets/key.pem"
in_file "a password that all may read" "chmod o= $secrets/user" "url = https://h/" \
    "user_file = $secrets/user"
in_file "a key that all may read" "chmod o= $secrets/key.pem" "url = https://h/" \
    "client_cert = $secrets/cert.pem" "client_key = $secrets/key.pem"
chmod 604 "$secrets/cert.pem"
in_file "a key beside the certificate" "chmod o= $secrets/cert.pem" "url = https://h/" \
    "client_cert = $secrets/cert.pem"
for line in "header = X-Api-Key: $header" "proxy = https://pu:$proxy@h:1" "url = https://h/?token=$query"; do
    printf '%s\n' "url = https://h/" "$line" >"$secrets/conf"
    chmod 644 "$secrets/conf"
    mistake "a file that all may read, with ${line%% *}" "chmod o= $secrets/conf" \
        --config "$secrets/conf"
    chmod 640 "$secrets/conf"
    check "and with ${line%% *}, when they may not" "$omauditjson" --config "$secrets/conf" --check-config
done
printf '%s\n' "url = https://h/" "header = X-Tenant: blue" >"$secrets/conf"
chmod 644 "$secrets/conf"
check "a file without secrets may be read by all" "$omauditjson" --config "$secrets/conf" --check-config

# -- looking into the process ----------------------------------------------------------------------
receiver_control mode=503
rm -rf "$work/state"
oaj_conf "shutdown_timeout = 100ms"
oaj_start
oaj_feed 1
if grep -q '^TracerPid:[[:space:]]*[1-9]' /proc/self/status; then
    tap_skip "this test itself is traced"
elif [ -n "${ASAN_OPTIONS-}" ] || nm "$omauditjson" 2>/dev/null | grep -q __asan_; then
    tap_skip "a build with sanitizers can be looked into"
else
    is "$(awk '/^Max core file size/ { print $5, $6 }' "/proc/$oaj_pid/limits")" "0 0" \
        "no core file is written"
    if [ "$(id -u)" = 0 ]; then
        # whoever it runs as: what can't be dumped belongs to root in /proc
        chmod 755 "$work"
        is "$(setpriv --reuid 65534 --regid 65534 --clear-groups cat "/proc/$oaj_pid/environ" 2>&1 |
            grep -c 'Permission denied')" 1 "its environment is not for others"
        unprivileged=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    else
        unprivileged=()
    fi
    exec 5>&-
    wait "$oaj_pid"
    oaj_pid=
    rm -rf "$work/state"
    mkdir "$work/state"
    [ ${#unprivileged[@]} = 0 ] || chown -R 65534:65534 "$work"
    rm -f "$work/oaj.log" "$work/oaj.err"
    oaj_start "${unprivileged[@]}"
    for file in mem environ fd/0; do
        is "$("${unprivileged[@]}" head -c 1 "/proc/$oaj_pid/$file" 2>&1 | grep -c "ermission denied")" \
            1 "its own user can't read /proc/PID/$file"
    done
fi
oaj_feed 1
oaj_end
is $? 0 "it ends in order"
tap_done
