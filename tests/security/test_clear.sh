#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A credential over http:// to another host is refused, at the start and by --check-config, unless
# insecure_credentials says so; loopback is this host.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
umask 077
echo canary >"$work/token"

conf() { printf '%s\n' "state_dir = $work/state" "$@" >"$work/conf"; }
refused() { # NAME KEY LINE...
    local name=$1 key=$2
    shift 2
    conf "$@"
    "$omauditjson" --config "$work/conf" --check-config >"$work/said" 2>&1
    is $? 78 "$name: refused"
    check "$name: it is said why" grep -q "key '$key'.* in clear.*insecure_credentials = yes" "$work/said"
    "$omauditjson" --config "$work/conf" </dev/null >"$work/wire" 2>"$work/started"
    is $? 78 "$name: it does not start"
    is "$(cat "$work/started")" "$(cat "$work/said")" "$name: it says the same"
    is "$(cat "$work/wire")" "" "$name: and nothing to rsyslog"
    conf "$@" "insecure_credentials = yes"
    check "$name: unless it is wanted" "$omauditjson" --config "$work/conf" --check-config
}
good() { # NAME LINE...
    local name=$1
    shift
    conf "$@"
    check "$name: good" "$omauditjson" --config "$work/conf" --check-config
}
bearer="bearer_file = $work/token"
refused "a token" url "url = http://siem.example/" "$bearer"
refused "a password" url "url = http://192.0.2.1:8080/" "user_file = $work/token"
refused "a header" url "url = http://siem.example/" "header = Authorization: Bearer canary"
refused "another header" url "url = http://siem.example/" "header = X-Api-Key: canary"
refused "a query" url "url = http://siem.example/?access_token=canary"
refused "the second url" url "url = https://siem.example/" "url = HTTP://siem.example/" "$bearer"
refused "a proxy's password" proxy "url = https://siem.example/" "proxy = http://us:canary@proxy.example:1"
refused "a proxy's without a scheme" proxy "url = https://siem.example/" "proxy = us:canary@proxy.example:1"
refused "loopback behind a proxy" url "url = http://127.0.0.1/" "$bearer" "proxy = http://proxy.example:1"
for host in 127.0.0.1.example 128.0.0.1 0.0.0.0 '[::]' '[::2]' localhost.example notlocalhost 0x7f000001 \
    127.1 127.example; do
    refused "$host is not loopback" url "url = http://$host/" "$bearer"
done
for host in 127.0.0.1 127.255.0.7:8080 localhost LocalHost:80 localhost. a.localhost '[::1]' '[::1]:8080'; do
    good "$host is loopback" "url = http://$host/in" "$bearer"
done
good "no credential" "url = http://siem.example/" "header = X-Tenant: blue"
good "TLS" "url = https://siem.example/" "$bearer"
good "TLS through a proxy" "url = https://siem.example/" "$bearer" "proxy = http://proxy.example:1"
good "a password for a proxy with TLS" "url = https://siem.example/" "proxy = https://us:canary@proxy.example:1"
good "a password for a proxy on this host" "url = https://siem.example/" "proxy = http://us:canary@127.0.0.1:1"
tap_done
