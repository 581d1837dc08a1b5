#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Whom the program trusts and who trusts it, with an authority that the test makes, against OpenSSL's
# server side (socat before the test receiver) and nginx. Each refusal names what is wrong and what
# to do, no event leaves meanwhile, and all arrive once it is put right, without a restart.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
# shellcheck source=tests/lib/oaj.sh
. "$srcdir/tests/lib/oaj.sh"
tap_plan_later
[ -z "${OAJ_QUICK-}" ] || tap_skip_all "OAJ_QUICK is set"
command -v openssl >/dev/null || tap_skip_all "no openssl"
command -v socat >/dev/null || tap_skip_all "no socat"
command -v setsid >/dev/null || tap_skip_all "no setsid"

tls_pid=
tls_end() {
    [ -z "$tls_pid" ] || kill -9 -- "-$tls_pid" 2>/dev/null
    { wait "$tls_pid"; } 2>/dev/null
    tls_pid=
}
trap 'oaj_cleanup; tls_end; cleanup' EXIT

# -- certificates ----------------------------------------------------------------------------------
mkdir "$work/pki"
cd "$work/pki" || tap_bail "no folder"
cat >ca.cnf <<EOF
[ca]
default_ca = own
[own]
new_certs_dir = $work/pki
database = $work/pki/index
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
EOF
touch index

authority() { # NAME
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$1" \
        -keyout "$1.key" -out "$1.pem"
}

certificate() { # NAME AUTHORITY FROM TO EXTENSION...: dates as YYYYMMDDHHMMSSZ
    local name=$1 by=$2 from=$3 to=$4
    shift 4
    printf '%s\n' "$@" >"$name.ext"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" \
        -keyout "$name.key" -out "$name.csr" &&
        openssl ca -batch -config ca.cnf -notext -cert "$by.pem" -keyfile "$by.key" -in "$name.csr" \
            -out "$name.pem" -startdate "$from" -enddate "$to" -extfile "$name.ext" -extensions default
}

past=20010101000000Z long_ago=20020101000000Z future=20900101000000Z far=20950101000000Z
here=subjectAltName=IP:127.0.0.1
user=extendedKeyUsage=clientAuth
{
    authority ca && authority other &&
        certificate good ca $past $far "[default]" $here &&
        certificate expired ca $past $long_ago "[default]" $here &&
        certificate early ca $future $far "[default]" $here &&
        certificate elsewhere ca $past $far "[default]" subjectAltName=DNS:elsewhere.example &&
        certificate stranger other $past $far "[default]" $here &&
        certificate client ca $past $far "[default]" $user &&
        certificate client_expired ca $past $long_ago "[default]" $user &&
        certificate client_stranger other $past $far "[default]" $user &&
        certificate client_server ca $past $far "[default]" extendedKeyUsage=serverAuth &&
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
            -subj /CN=127.0.0.1 -addext $here -keyout self.key -out self.pem &&
        openssl ec -in client.key -aes256 -passout pass:secret -out client_locked.key
} >openssl.log 2>&1 || tap_skip_all "openssl made no certificates: $(tail -n 1 openssl.log)"
pin_of() { # CERTIFICATE: as option tls_pin wants it
    printf 'sha256//%s' "$(openssl x509 -in "$1" -noout -pubkey | openssl pkey -pubin -outform der |
        openssl dgst -sha256 -binary | base64)"
}
cd "$work" || exit 99

# -- the server ------------------------------------------------------------------------------------
tls_port=0
tls_start() { # CERTIFICATE [SOCAT-OPTION...]: on the same port as before
    local listen="OPENSSL-LISTEN:$tls_port,bind=127.0.0.1,reuseaddr,fork,cert=pki/$1.pem,key=pki/$1.key"
    local option
    shift
    [[ "$*" == *verify=1* ]] || listen+=,verify=0
    for option in "$@"; do listen+=,$option; done
    : >socat.log
    setsid socat -d -d "$listen" "TCP:127.0.0.1:$port" 2>socat.log 5>&- 7>&- 8>&- &
    tls_pid=$!
    wait_until 10 has_text socat.log "listening on" || tap_bail "socat: $(cat socat.log)"
    tls_port=$(sed -n 's/.*listening on AF=2 127.0.0.1:\([0-9]*\)$/\1/p' socat.log)
}

conf() { # LINE...: over a good configuration
    local rest=("ca_file = $work/pki/ca.pem") line
    [[ "$*" != ca_file* ]] || rest=()
    for line in "$@"; do [ -z "$line" ] || rest+=("$line"); done
    oaj_conf "receiver = single" "${rest[@]}"
    sed -i "s,^url = .*,url = https://127.0.0.1:$tls_port/events,
        s,^retry_max = .*,retry_max = 200ms," omauditjson.conf
}

# refused NAME MESSAGE ADVICE BAD-SERVER GOOD-SERVER BAD-CLIENT GOOD-CLIENT: a server is "NAME
# OPTION...", a client one line of the configuration.
refused() {
    local name=$1 message=$2 advice=$3 bad_server=$4 good_server=$5 bad_client=$6 good_client=$7
    rm -rf state oaj.log oaj.err
    : >"$out"
    # shellcheck disable=SC2086 # words of their own
    tls_start $bad_server
    conf "$bad_client"
    oaj_start
    oaj_feed 2
    check "$name: the log says what is wrong" wait_until 10 has_text oaj.log "accepted nothing.*$message" ||
        tap_note "$(cat oaj.log)"
    check "$name: and what to do" has_text oaj.log "to fix it: .*$advice" || tap_note "$(cat oaj.log)"
    is "$(lines "$out")" 0 "$name: nothing was sent"
    if [ "$good_server" != "$bad_server" ]; then
        tls_end
        # shellcheck disable=SC2086
        tls_start $good_server
    fi
    if [ "$good_client" != "$bad_client" ]; then
        conf "$good_client"
        kill -HUP "$oaj_pid"
    fi
    check "$name: put right, all arrives" wait_until 10 has_lines "$out" 2 || tap_note "$(cat oaj.log)"
    oaj_end
    is $? 0 "$name: it ends in order"
    is "$(lines "$out")" 2 "$name: once"
    tls_end
}

receiver_start
own="client_cert = $work/pki/client.pem
client_key = $work/pki/client.key"
client() { # NAME [KEY]
    echo "client_cert = $work/pki/$1.pem"
    echo "client_key = $work/pki/${2:-$1}.key"
}
demand="good verify=1 cafile=pki/ca.pem"

# whom we do not trust
refused "expired" "certificate has expired" "have it renewed there" expired good "" ""
refused "not yet valid" "not yet valid" "clock of this host" early good "" ""
refused "wrong name" "no alternative certificate subject name" "for another name" elsewhere good "" ""
refused "untrusted authority" "unable to get local issuer" "in ca_file" stranger good "" ""
refused "self-signed" "self-signed certificate" "in ca_file" self good "" ""
refused "revoked by pin" "pinned" "not the one in tls_pin" good good \
    "tls_pin = $(pin_of pki/stranger.pem)" "tls_pin = $(pin_of pki/stranger.pem);$(pin_of pki/good.pem)"
refused "wrong ca_file" "certificate" "in ca_file" good good \
    "ca_file = $work/pki/other.pem" ""

# no common language
refused "TLS 1.2 with tls_min 1.3" "protocol version" "as new as tls_min" \
    "good openssl-max-proto-version=TLS1.2" good "tls_min = 1.3" "tls_min = 1.3"
refused "TLS 1.1" "protocol" "as new as tls_min" \
    "good openssl-min-proto-version=TLS1.0 openssl-max-proto-version=TLS1.1 cipher=ALL:@SECLEVEL=0" \
    good "" ""

# who does not trust us
for version in 1.2 1.3; do
    max=openssl-max-proto-version=TLS$version
    required="certificate required"
    [ $version = 1.3 ] || required="handshake failure"
    refused "TLS $version, no client certificate" "alert.*$required" "client_cert" \
        "$demand $max" "$demand $max" "" "$own"
    refused "TLS $version, client certificate of a strange authority" "alert unknown ca" \
        "trust the authority that signed client_cert" \
        "$demand $max" "$demand $max" "$(client client_stranger)" "$own"
    expired="alert certificate expired"
    [ $version = 1.3 ] || expired="SSL certificate verification failed" # so curl calls it
    refused "TLS $version, client certificate expired" "$expired" \
        "renew client_cert" "$demand $max" "$demand $max" "$(client client_expired)" "$own"
done
refused "client certificate of a server" "alert unsupported certificate" "must be a client's" \
    "$demand" "$demand" "$(client client_server)" "$own"

# our own files
refused "the key of another certificate" "private key" "not the key of client_cert" \
    "$demand" "$demand" "$(client client client_expired)" "$own"
refused "a key with a passphrase" "private key" "has a passphrase" \
    "$demand" "$demand" "$(client client client_locked)" "$own"
refused "no such certificate" "could not load" "check client_cert" \
    "$demand" "$demand" "$(client nothing client)" "$own"

# -- nginx says it in HTTP -------------------------------------------------------------------------
if command -v nginx >/dev/null; then
    # on a port that socat had a moment ago
    cat >nginx.conf <<EOF
daemon off;
pid $work/nginx.pid;
error_log $work/error.log;
events { }
http {
    client_body_temp_path $work/body;
    proxy_temp_path $work/proxy;
    fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi;
    scgi_temp_path $work/scgi;
    access_log $work/access.log;
    server {
        listen 127.0.0.1:$tls_port ssl;
        ssl_certificate $work/pki/good.pem;
        ssl_certificate_key $work/pki/good.key;
        ssl_client_certificate $work/pki/ca.pem;
        ssl_verify_client on;
        location / { proxy_pass http://127.0.0.1:$port; }
    }
}
EOF
    tls_start() { # as above, with nginx
        rm -f nginx.pid
        setsid nginx -c "$work/nginx.conf" -p "$work" >nginx.out 2>&1 5>&- 7>&- 8>&- &
        tls_pid=$!
        wait_until 10 test -s nginx.pid || tap_bail "nginx: $(cat nginx.out error.log)"
    }
    refused "nginx, no client certificate" "400.*No required SSL certificate" "set client_cert" \
        nginx nginx "" "$own"
    refused "nginx, client certificate expired" "400.*The SSL certificate error" \
        "refuses client_cert" nginx nginx "$(client client_expired)" "$own"
    is "$(find state -path '*deadletter*' -type f | wc -l)" 0 "nginx: no event became a dead letter"
else
    tap_skip "no nginx"
fi
tap_done
