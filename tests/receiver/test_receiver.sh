#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The test receiver itself: what it takes, what it refuses, how it misbehaves.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later
command -v curl >/dev/null || tap_skip_all "no curl"

post() { # BODY [CURL-OPTION...]: prints the status, 000 when there was no answer
    local body=$1
    shift
    printf '%b' "$body" | curl -s -o "$work/answer" -w '%{http_code}' --max-time 10 \
        --data-binary @- "$@" "$url/events"
}
bulk() { printf '%b' "$1" | curl -s -o "$work/answer" -w '%{http_code}' --data-binary @- "$url/_bulk"; }
ndjson() { post "$1" -H 'Content-Type: application/x-ndjson'; }
stored() { wc -l <"$out"; }

receiver_start --max-events 3 --reject POISON
is "$(post '{"a":1}' -H 'Content-Type: application/json')" 200 "one object"
is "$(post ' [ {"a":2} , {"a":"x]\\u00e9"} ] \n')" 200 "an array"
is "$(post '[]')" 200 "an empty array"
is "$(ndjson '{"a":3}\n{"a":4}\n')" 200 "NDJSON"
is "$(bulk '{"index":{}}\n{"a":5}\n{"index":{}}\n{"a":6}\n')" 200 "_bulk"
is "$(bulk '[{"a":7}]')" 200 "_bulk as an array"
is "$(post '{\n"a":\n8}')" 200 "an object over several lines"
is "$(tr -d ' ' <"$out" | tr '\n' ';')" \
    '{"a":1};{"a":2};{"a":"x]\u00e9"};{"a":3};{"a":4};{"a":5};{"a":6};{"a":7};{"a":8};' \
    "documents are kept in order, a line each"

n=$(stored)
for bad in '{"a":1' '{"a":1} {"b":2}' '{"a":01}' '[{"a":1},]' '[{"a":1}' '[{"a":1}] x' '["a"]' \
    '{"a":"\xff"}' '{"a":"\x01"}' "{'a':1}" '{"a":NaN}' '{"a":1.}' '{"a":"\\x"}' \
    '{"a":"\\ud800"}' '{"a":"\xed\xa0\x80"}' '{a:1}' '{"a":/**/1}' ''; do
    is "$(post "$bad")" 400 "refused: $bad"
done
is "$(ndjson '{"a":3}\n{"a":4}')" 400 "NDJSON without the last LF"
is "$(bulk '{"a":5}\n{"a":6}\n')" 400 "_bulk without actions"
is "$(bulk '{"index":{}}\n{"a":6}\n{"index":{}}\n')" 400 "_bulk with an action too many"
is "$(post '[{},{},{},{}]')" 413 "more than --max-events"
is "$(post '[{},{"a":"POISON"}]')" 400 "--reject"
is "$(stored)" "$n" "nothing of all that is kept"

printf '{"z":1}' | gzip >"$work/body.gz"
is "$(curl -s -o /dev/null -w '%{http_code}' -H 'Content-Encoding: gzip' \
    --data-binary @"$work/body.gz" "$url/events")" 200 "gzip"
is "$(tail -n 1 "$out")" '{"z":1}' "gzip: what is kept"
head -c 20 "$work/body.gz" >"$work/cut.gz"
is "$(curl -s -o /dev/null -w '%{http_code}' -H 'Content-Encoding: gzip' \
    --data-binary @"$work/cut.gz" "$url/events")" 400 "gzip cut short"

n=$(stored)
receiver_control plan=503+retry-after=7x2,reset,lost,hang,429
is "$(post '{}')" 503 "plan: first"
is "$(curl -s -D - -o /dev/null -d '{}' "$url/events" | tr -d '\r' | sed -n 's/^Retry-After: //p')" 7 \
    "plan: Retry-After"
is "$(post '{}')" 000 "plan: reset before the body"
is "$(post '{}')" 000 "plan: lost"
is "$(post '{}' --max-time 0.3)" 000 "plan: hang"
is "$(post '{}')" 429 "plan: last"
is "$(stored)" "$n" "nothing of the plan is kept"
is "$(post '{}')" 200 "after the plan"
receiver_control plan=unknown,half
is "$(post '{}')" 000 "unknown: no answer"
post '{}' >/dev/null
is "$?" 18 "half an answer"
is "$(stored)" "$((n + 3))" "both are kept"
printf 'SSH-2.0-x\r\n' >"$work/raw"
receiver_control "plan=raw=$work/raw,slow-answer=2+body=slow,huge=300000,empty+204,slow-read=5+close"
post '{}' >/dev/null
is "$?" 1 "raw bytes are no HTTP"
post '{}' >/dev/null
is "$(cat "$work/answer")" slow "slow answer"
post '{}' >/dev/null
is "$(wc -c <"$work/answer")" 300000 "huge answer"
is "$(post '{}')" 204 "empty answer"
is "$(post '{}')" 200 "slow read, then close"
receiver_control plan=early
n=$(stored)
is "$(post '{}' -H 'Expect: 100-continue')" 200 "early: answered"
is "$(stored)" "$n" "and nothing is kept"
receiver_control mode=401
is "$(post '{}')$(post '{}')" 401401 "mode"
is "$(receiver_control mode=nonsense 2>&1)" "not a behaviour: 'nonsense'" "a bad mode is refused"
receiver_control mode=ok
is "$(post '{}')" 200 "mode ok again"
is "$(receiver_control _stats | tr ',' '\n' | sed -n 's/"events"://p')" "$(stored)" "counters"
is "$(grep -c '"method":"POST"' "$requests")" "$(wc -l <"$requests")" "requests are logged"
is "$(sed -n '1s/.*"content-type":"\([^"]*\)".*/\1/p' "$requests" | tr -d '\134')" application/json \
    "headers are logged"
n=$(stored)
{ kill -9 "$receiver_pid" && wait "$receiver_pid"; } 2>/dev/null
receiver_start --port "$port" --require 'Authorization: Bearer abc'
is "$(post '{}')" 401 "--require: without"
is "$(post '{}' -H 'Authorization: Bearer abc')" 200 "--require: with"
is "$(stored)" "$((n + 1))" "started again on its port, it appends"
kill "$receiver_pid"
wait "$receiver_pid"
is "$?" 0 "SIGTERM ends it cleanly"

if command -v openssl >/dev/null; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca \
        -keyout "$work/ca.key" -out "$work/ca.pem" -addext basicConstraints=critical,CA:TRUE \
        2>/dev/null
    for name in localhost client; do
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" \
            -keyout "$work/$name.key" -out "$work/$name.csr" 2>/dev/null
        openssl x509 -req -in "$work/$name.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" \
            -CAcreateserial -days 2 -out "$work/$name.pem" \
            -extfile <(echo subjectAltName=DNS:localhost) 2>/dev/null
    done
    receiver_start --tls "$work/localhost.pem" "$work/localhost.key" --client-ca "$work/ca.pem"
    url=https://localhost:$port
    is "$(post '{}')" 000 "TLS: unknown CA is refused by the client"
    is "$(post '{}' --cacert "$work/ca.pem")" 403 "TLS: no client certificate"
    is "$(post '{}' --cacert "$work/ca.pem" --cert "$work/client.pem" --key "$work/client.key")" 200 \
        "TLS: with the client's certificate"
else
    tap_skip "no openssl: TLS"
fi
tap_done
