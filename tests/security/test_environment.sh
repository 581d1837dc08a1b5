#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Nothing in the environment has an effect: a delivery over TLS with each variable that a library
# below us is known to obey, one by one, to a value that would be seen.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
# shellcheck source=tests/lib/oaj.sh
. "$srcdir/tests/lib/oaj.sh"
tap_plan_later
trap 'oaj_cleanup; cleanup' EXIT
[ -z "${OAJ_QUICK-}" ] || tap_skip_all "OAJ_QUICK is set"
command -v openssl >/dev/null || tap_skip_all "no openssl"
if nm "$omauditjson" 2>/dev/null | grep -q __asan_; then
    tap_skip_all "a sanitizer must be loaded first, so no spy can"
fi
spy=$builddir/tests/security/env_spy.so

certificate() { # NAME
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -keyout "$work/$1.key" -out "$work/$1.pem" 2>/dev/null ||
        tap_bail "openssl made no certificate"
}
certificate server
certificate other
trap=$work/trap # what the variables name
mkdir -p "$trap/dir"
receiver_start --tls "$work/server.pem" "$work/server.key"

configure() { # LINE...
    oaj_conf "receiver = ndjson" "shutdown_timeout = 100ms" "$@"
    sed -i "s,^url = http://127.0.0.1,url = https://localhost," "$work/omauditjson.conf"
    rm -rf "$work/state" "$work/oaj.log" "$work/oaj.err" "$work/spied"
}

# run VARIABLE=VALUE COMMAND...: until the command succeeds
run() {
    oaj_start env OAJ_SPY="$work/spied" "LD_PRELOAD=$spy" "$1"
    shift
    oaj_feed 1
    wait_until 20 "$@" || tap_note "$(tail -n 5 "$work/oaj.log")"
    oaj_end
}
asked() { grep -vx cleared "$work/spied" | sort -u | tr '\n' ' '; }

# -- the spy sees ----------------------------------------------------------------------------------
configure "ca_file = $work/server.pem"
OAJ_SPY=$work/spied LD_PRELOAD=$spy SSLKEYLOGFILE=$work/keys curl -s "https://localhost:1/" >"$work/curl" 2>&1
check "the spy sees what a program with an environment asks for" has_text "$work/spied" SSLKEYLOGFILE

# -- one by one ------------------------------------------------------------------------------------
# A file that is no configuration, certificate or library of anything: who reads it says so, or fails.
echo "this is nothing anybody can read" >"$trap/file"
one() { # VARIABLE VALUE
    local before
    before=$(lines "$out")
    configure "ca_file = $work/server.pem"
    run "$1=$2" has_lines "$out" $((before + 1))
    is "$(lines "$out")" $((before + 1)) "$1: delivered as without it"
    is "$(asked)" "" "$1: nobody is given it"
    check "$1: the environment was cleared" has_text "$work/spied" '^cleared$'
    # GnuTLS speaks before main(), once; then the program is there anew, without the variable
    is "$(grep -v '^gnutls\[' "$work/oaj.err")" "" "$1: and nothing is said"
}
for name in SSLKEYLOGFILE SSL_CERT_FILE OPENSSL_CONF OPENSSL_CONF_INCLUDE OPENSSL_TRACE CURL_CA_BUNDLE \
    GNUTLS_SYSTEM_PRIORITY_FILE GNUTLS_KEYLOGFILE NETTLE_FAT_OVERRIDE KRB5_CONFIG LDAPCONF \
    HOSTALIASES RESOLV_HOST_CONF P11_KIT_DEBUG; do
    one $name "$trap/file"
done
for name in SSL_CERT_DIR OPENSSL_MODULES OPENSSL_ENGINES CURL_HOME NSS_WRAPPER_HOSTS GCONV_PATH \
    LOCPATH NLSPATH HOME TMPDIR XDG_CONFIG_HOME XDG_RUNTIME_DIR; do
    one $name "$trap/dir"
done
one OPENSSL_ia32cap 0
one CURL_SSL_BACKEND gnutls
one CURL_ENTROPY 1
one GNUTLS_DEBUG_LEVEL 99
one GNUTLS_NO_EXPLICIT_INIT 1
one MALLOC_PERTURB_ 165
one MALLOC_CHECK_ 3
one MALLOC_TRACE "$trap/malloc"
one GLIBC_TUNABLES glibc.malloc.perturb=165
one RES_OPTIONS "ndots:15 timeout:1"
one LOCALDOMAIN invalid
one AUPARSE_DEBUG 1
one TZ :/nonsense
one LANG "$trap/file"
for name in http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY no_proxy; do
    one $name http://127.0.0.1:9
done

# -- what they would have done ---------------------------------------------------------------------
is "$(cat "$trap/file" "$trap"/[!f]*/* 2>/dev/null)" "this is nothing anybody can read" \
    "no TLS secrets were written, nor anything else"
is "$(cd "$trap" && find . -mindepth 1 | sort | tr '\n' ' ')" "./dir ./file " "no file was made"
cp "$work/server.pem" "$trap/dir/server.pem"
openssl rehash "$trap/dir" 2>/dev/null || c_rehash "$trap/dir" >/dev/null
# an authority of the environment's is none of ours
refused=(has_text "$work/oaj.log" "down since\|accepted nothing")
for name in SSL_CERT_FILE=$work/server.pem SSL_CERT_DIR=$trap/dir CURL_CA_BUNDLE=$work/server.pem; do
    before=$(lines "$out")
    configure "ca_file = $work/other.pem"
    run "$name" "${refused[@]}"
    is "$(lines "$out")" "$before" "${name%%=*}: beside ca_file it makes nobody trusted"
    configure
    run "$name" "${refused[@]}"
    is "$(lines "$out")" "$before" "${name%%=*}: nor in the place of the system's authorities"
done
tap_done
