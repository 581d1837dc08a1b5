#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A configuration that can't be: the program names file, line and key, does not start and says not a
# word to rsyslog; --check-config says the very same. A good one, audisp-json's own file among them,
# is called good.
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later

bad() { # NAME TEXT-OF-THE-MISTAKE LINE...
    local name=$1 wanted=$2
    shift 2
    printf '%s\n' "url = http://127.0.0.1:9/events" "state_dir = $work/state" "$@" >"$work/conf"
    "$omauditjson" --config "$work/conf" --check-config >"$work/said" 2>&1
    is $? 78 "$name: --check-config ends with 78"
    check "$name: it is named" grep -qF "$wanted" "$work/said"
    "$omauditjson" --config "$work/conf" </dev/null >"$work/wire" 2>"$work/started"
    is $? 78 "$name: the program ends with 78"
    is "$(cat "$work/started")" "$(cat "$work/said")" "$name: it says the same"
    is "$(cat "$work/wire")" "" "$name: and nothing to rsyslog"
    check "$name: it touches nothing" test ! -e "$work/state"
}

bad "unknown key" "$work/conf:4: key 'winow': unknown key (did you mean 'window'?)" \
    "" "winow = 8MiB"
bad "bad value" "$work/conf:3: key 'batch_age': '5 parsecs'" "batch_age = 5 parsecs"
bad "two that do not go together" "key 'client_key'" "client_key = /etc/key.pem"
bad "a secret that is not there" "key 'bearer_file': $work/token: No such file" \
    "bearer_file = $work/token"
echo secret >"$work/readable"
chmod 644 "$work/readable"
bad "a secret that all may read" "chmod o= $work/readable" "user_file = $work/readable"

"$omauditjson" --config "$work" --check-config >"$work/said" 2>&1
is $? 78 "a folder for a file: refused"
is "$(cat "$work/said")" "$work: is a directory; name a file" \
    "a folder for a file: nothing is said of what may stand in it"

good() { # NAME LINE...
    local name=$1
    shift
    printf '%s\n' "$@" >"$work/conf"
    check "$name: good" "$omauditjson" --config "$work/conf" --check-config
}
chmod 600 "$work/readable"
good "a secret that is kept" "url = https://siem.example/in" "bearer_file = $work/readable"
good "audisp-json.conf as it is" "mozdef_url = https://127.0.0.1:8443/events" "ssl_verify = yes" \
    "curl_verbose = no" "curl_logfile = $work/curl.log" "curl_cainfo = /etc/ssl/ca.pem" \
    "file_log = $work/out.log" "prepend_msg = {\"a\":" "postpend_msg = }"

# While it runs stdout is rsyslog's: a configuration that wants it for documents is refused.
printf '%s\n' "url = file://$work/out.json" "receiver = file" "state_dir = $work/state" >"$work/conf"
mkfifo "$work/in"
"$omauditjson" --config "$work/conf" <"$work/in" >"$work/wire" 2>"$work/log" 8>&- &
pid=$!
exec 5>"$work/in"
wait_until 10 has_lines "$work/wire" 1
printf '%s\n' "receiver = stdout" "state_dir = $work/state" >"$work/conf"
kill -HUP "$pid"
check "receiver stdout is refused while running" wait_until 10 has_text "$work/log" "keeping the previous one"
echo "type=USER_LOGIN msg=audit(1700000000.001:1): pid=1 uid=0" >&5
check "and events go where they went" wait_until 10 has_lines "$work/out.json" 1
exec 5>&-
wait "$pid"
is $? 0 "it ends in order"
is "$(cat "$work/wire")" "$(printf 'OK\nOK')" "nothing but replies was on the wire"
tap_done
