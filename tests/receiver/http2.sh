#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A server that offers HTTP/2 over TLS gets it (nginx, a certificate of the test's own authority),
# and a compressed body and a bearer token arrive with it.
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later

command -v nginx >/dev/null || tap_skip_all "no nginx here"
nginx -V 2>&1 | grep -q http_v2 || tap_skip_all "this nginx has no HTTP/2"

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/cert.pem" \
    2>/dev/null || tap_skip_all "openssl made no certificate"

# A free port: nginx can't say which one it got, so ports are tried until one can be bound.
configure() { # PORT
    cat >"$work/nginx.conf" <<EOF
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
    log_format said '\$server_protocol \$status \$http_content_encoding "\$http_authorization"';
    access_log $work/access.log said;
    server {
        listen 127.0.0.1:$1 ssl http2;
        ssl_certificate $work/cert.pem;
        ssl_certificate_key $work/key.pem;
        # Says 204 when it has the header, and reads nothing: has taken nothing.
        location /unread { return 204; }
        # Reads the whole body before it asks the server below.
        client_body_buffer_size 1m;
        location / { proxy_pass http://127.0.0.1:$(($1 + 1000)); }
    }
    server {
        listen 127.0.0.1:$(($1 + 1000));
        access_log off;
        location / { return 204; }
    }
}
EOF
}
nginx_pid=
for port in 38443 38444 38445 39443 40443; do
    configure "$port"
    nginx -c "$work/nginx.conf" -p "$work" >"$work/nginx.out" 2>&1 &
    nginx_pid=$!
    for _ in $(seq 100); do
        [ ! -s "$work/nginx.pid" ] || break 2
        kill -0 "$nginx_pid" 2>/dev/null || break
        sleep 0.05
    done
done
[ -s "$work/nginx.pid" ] || tap_skip_all "nginx found no free port"

printf 'secret-token\n' >"$work/token"
chmod 600 "$work/token"
head -n 400 "$srcdir/tests/data/host-enriched.log" >"$work/in.log"
check "the program ends well" "$omauditjson" --config /dev/null --url "https://localhost:$port/in" \
    --receiver ndjson --compress gzip --bearer-file "$work/token" --ca-file "$work/cert.pem" \
    --state-dir "$work/state" --hostname web1 --stats-file "$work/stats.json" <"$work/in.log"
"$omauditjson" --config /dev/null --url "https://localhost:$port/unread" --receiver ndjson \
    --ca-file "$work/cert.pem" --state-dir "$work/state2" --retry-min 50ms --retry-max 500ms \
    --stats-file "$work/stats2.json" <"$work/in.log" >/dev/null 2>&1
is "$(grep -o '"delivered":[0-9]*' "$work/stats2.json")" '"delivered":0' \
    "a server that answers and reads no body has taken nothing"
check "it was tried again" [ "$(grep -c ' 204 - ' "$work/access.log")" -gt 1 ]
sed -i '/ 204 - /d' "$work/access.log"
kill "$nginx_pid"
wait "$nginx_pid" 2>/dev/null
is "$(sort -u "$work/access.log")" 'HTTP/2.0 204 gzip "Bearer secret-token"' \
    "each request was HTTP/2, compressed and carried the token"
is "$(grep -o '"undelivered_records":[0-9]*' "$work/stats.json")" '"undelivered_records":0' \
    "all was delivered"
is "$(grep -rl secret-token "$work" --include=stats.json --include='*.seg' --include=nginx.out)" "" \
    "the token is nowhere else"
tap_done
