#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Receivers elasticsearch and opensearch, against a strict _bulk: each event is stored once, whatever
# answers are lost; items are retried, refused and accepted each for itself; an answer that does not
# speak of each event delivers nothing.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
# shellcheck source=tests/lib/oaj.sh
. "$srcdir/tests/lib/oaj.sh"
trap 'oaj_cleanup; cleanup' EXIT
tap_plan_later

# The last url and receiver count.
elastic_conf() { # RECEIVER PATH LINE...
    local receiver=$1 path=$2
    shift 2
    oaj_conf "receiver = $receiver" "format = ecs" "$@"
    sed -i "s,^url = .*,url = $url$path," "$work/omauditjson.conf"
}
distinct() { grep -o '"id":"[^"]*:[0-9]*\.[0-9]*:[0-9]*:[^"]*"' "$out" | sort -u | wc -l; }
tries() { lines "$requests"; }
tries_reach() { [ "$(tries)" -ge "$1" ]; }
up() { [ "$(stat_of receiver_up)" = "$1" ]; }

for receiver in elasticsearch opensearch; do
    fresh
    receiver_start --elasticsearch --require "Authorization: ApiKey c2VjcmV0" --busy 7 \
        --plan "503+retry-after=1,ok,unknown,half,ok"
    elastic_conf "$receiver" /_bulk "index = audit-%Y.%m.%d" "batch_events = 50" \
        "header = Authorization: ApiKey c2VjcmV0" "compress = gzip" "insecure_credentials = yes"
    chmod 600 "$work/omauditjson.conf"
    oaj_serial=0
    oaj_start
    oaj_feed 500
    check "$receiver: all is delivered" wait_until 60 stat_reaches delivered 500
    oaj_end
    is $? 0 "$receiver: the end"
    is "$(lines "$out")" 500 "$receiver: each event is stored once"
    is "$(distinct)" 500 "$receiver: under an id of its own"
    check "$receiver: what was stored before is counted" [ "$(stat_of delivered_before)" -ge 1 ]
    is "$(stat_of rejected)" 0 "$receiver: nothing is refused"
    is "$(grep -c '"path":"\\*/_bulk"' "$requests")" "$(tries)" "$receiver: all to /_bulk"
    is "$(grep -c c2VjcmV0 "$work/oaj.log")" 0 "$receiver: the key is not in the log"
    receiver_stop
done

fresh
receiver_start --elasticsearch --reject refuseme
elastic_conf elasticsearch /logs-auditd.log-default/_bulk "batch_events = 20"
oaj_start
oaj_feed 30
echo "type=USER_LOGIN msg=audit(1700000000.001:1000): pid=1 uid=0 msg='op=refuseme res=success'" >&5
oaj_feed 30
check "a refused item is set aside" wait_until 60 stat_reaches rejected 1
check "the others are delivered" wait_until 60 stat_reaches delivered 60
is "$(grep -ho '"status":[0-9]*,"answer":".*document_parsing_exception' \
    "$work"/state/deadletter/*.json | cut -d, -f1)" '"status":400' "with the item's status and error"
oaj_end
is $? 0 "the end"
is "$(lines "$out")" 60 "each of the others once"
receiver_stop

fresh
receiver_start --elasticsearch --blocked 40
elastic_conf elasticsearch /_bulk "index = a" "batch_events = 10"
oaj_start
oaj_feed 30
check "a block that ends: all is delivered" wait_until 60 stat_reaches delivered 30
oaj_end
is "$(stat_of rejected)" 0 "nothing was set aside"
check "it was down meanwhile" has_text "$work/oaj.log" 'down since .* last: 403: .*cluster_block'
receiver_stop

fresh
receiver_start --elasticsearch --item-fault "403 security_exception"
elastic_conf elasticsearch /_bulk "index = a" "batch_events = 10"
oaj_start
oaj_feed 30
check "no right to create: tried again" wait_until 60 tries_reach 6
check "receiver_up is 0" wait_until 30 up 0
is "$(stat_of rejected)-$(stat_of delivered)" 0-0 "nothing is set aside"
check "the log says what to do" has_text "$work/oaj.log" \
    'accepted nothing since .*403.*to fix it'
receiver_stop
receiver_start --elasticsearch --port "$port" 5>&-
check "then all is delivered" wait_until 60 stat_reaches delivered 30
oaj_end
is "$(lines "$out")" 30 "each once"
receiver_stop

# What others answer to _bulk: nothing of it is a delivery.
for answer in '' '{}' '{"errors":false,"items":[]}' '{"errors":false,"items":[{"create":{"status":201}}]}' OK; do
    fresh
    printf '%s' "$answer" >"$work/answer"
    receiver_start --mode "200+body=@$work/answer"
    elastic_conf elasticsearch /a/_bulk "batch_events = 10" "batch_age = 1s"
    oaj_start
    oaj_feed 30
    check "'$answer': tried again" wait_until 60 tries_reach 6
    is "$(stat_of delivered)-$(stat_of rejected)" 0-0 "'$answer': nothing counts as delivered"
    check "'$answer': the log says why" has_text "$work/oaj.log" "does not say what became of each event"
    receiver_stop
    rm -f "$out"
    receiver_start --elasticsearch --port "$port" 5>&-
    check "'$answer': all is delivered by a good one" wait_until 60 stat_reaches delivered 30
    oaj_end
    is "$(lines "$out")" 30 "'$answer': each once"
    receiver_stop
done

# An answer longer than answer_max: the batch is halved until it is not; what the server had stored
# by then is known by its id.
fresh
receiver_start --elasticsearch
elastic_conf elasticsearch /a/_bulk "batch_events = 200" "answer_max = 1KiB" "batch_age = 1s"
oaj_start
oaj_feed 200
check "long answers: all is delivered" wait_until 60 stat_reaches delivered 200
oaj_end
check "long answers: a batch was halved" [ "$(stat_of splits)" -ge 1 ]
check "long answers: what was stored is known" [ "$(stat_of delivered_before)" -ge 100 ]
is "$(stat_of rejected)" 0 "long answers: nothing is refused"
is "$(lines "$out")" 200 "long answers: each once"
receiver_stop

# The emulator is as strict as it says, or this test would say nothing.
fresh
receiver_start --elasticsearch
post() { # STATUS TYPE PATH BODY
    is "$(printf '%b' "$4" | curl -s -o /dev/null -w '%{http_code}' -H "Content-Type: $2" \
        --data-binary @- "$url$3")" "$1" "strict: $2 $3 $4"
}
good='{"create":{"_index":"a","_id":"1"}}\n{}\n'
nd=application/x-ndjson
post 200 $nd /_bulk "$good"
post 200 $nd /a/_bulk '{"create":{"_id":"2"}}\n{}\n'
post 406 "$nd; charset=UTF-8" /_bulk "$good"
post 400 $nd /_bulk '{"create":{"_id":"1"}}\n{}\n'
post 400 $nd /_bulk '{"create":{"_index":"A","_id":"1"}}\n{}\n'
post 400 $nd /_bulk '{"create":{"_index":"a"}}\n{}\n'
post 400 $nd /_bulk '{"index":{"_index":"a","_id":"1"}}\n{}\n'
post 400 $nd /_bulk '{"create":{"_index":"a","_id":"1"} }\n{}\n'
post 400 $nd /_bulk '{"create":{"_index":"a","_id":"1"}}\n{}'
post 400 $nd /_bulk '{"create":{"_index":"a","_id":"1"}}\n'
post 400 $nd /events "$good"
receiver_stop
tap_done
