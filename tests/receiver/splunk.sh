#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Receiver splunk-hec against a strict collector: the documented configuration delivers; a refused
# event is set aside and its neighbours are not; what the operator has to correct holds and says what
# to do; an answer that is no acceptance delivers nothing.
set -u
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
# shellcheck source=tests/lib/oaj.sh
. "$srcdir/tests/lib/oaj.sh"
trap 'oaj_cleanup; cleanup' EXIT
tap_plan_later

# The configuration of the page, with the URL and the token of this test.
splunk_conf() { # LINE...
    local page
    mapfile -t page < <(sed -n 's/^    \([a-z_]* = .*\)/\1/p' "$srcdir/docs/receivers/splunk-hec.md")
    oaj_conf "${page[@]}" "$@"
    sed -i -e '0,/^url = /{//d}' -e "s,^url = .*,url = $url," -e "s/TOKEN/5EC2E7/" \
        "$work/omauditjson.conf"
    chmod 600 "$work/omauditjson.conf"
}
set_key() { # KEY VALUE: in the place of the page's
    sed -i "/^$1 = /d" "$work/omauditjson.conf"
    echo "$1 = $2" >>"$work/omauditjson.conf"
}
distinct() { grep -o '"id":"[^"]*:[0-9]*\.[0-9]*:[0-9]*:[^"]*"' "$out" | sort -u | wc -l; }
tries() { lines "$requests"; }
tries_reach() { [ "$(tries)" -ge "$1" ]; }
up() { [ "$(stat_of receiver_up)" = "$1" ]; }

fresh
receiver_start --siem splunk-hec --busy 9
splunk_conf "batch_events = 20" "index = linux_audit"
is "$(grep -cE '^(receiver|url|header) = ' "$work/omauditjson.conf")" 3 "the page has three keys"
oaj_start
oaj_feed 500
check "all is delivered" wait_until 60 stat_reaches delivered 500
oaj_end
is $? 0 "the end"
is "$(lines "$out")-$(distinct)" 500-500 "each event is stored once, as ecs"
is "$(stat_of rejected)" 0 "nothing is refused"
is "$(grep -c '"path":"\\/services\\/collector\\/event"' "$requests")" "$(tries)" "the path is added"
is "$(grep -c '"content-encoding":"gzip"' "$requests")" "$(tries)" "bodies are compressed"
is "$(grep -c 5EC2E7 "$work/oaj.log")" 0 "the token is not in the log"
receiver_stop

# An answer is lost after the events were stored: they are sent again, under the same ids.
fresh
receiver_start --siem splunk-hec --plan "ok,unknown,half,lost,503+retry-after=1,ok"
splunk_conf "batch_events = 50"
oaj_start
oaj_feed 300
check "lost answers: all is delivered" wait_until 60 stat_reaches delivered 300
oaj_end
is "$(distinct)" 300 "lost answers: nothing is lost"
check "lost answers: some are sent again" [ "$(lines "$out")" -gt 300 ]
is "$(stat_of rejected)" 0 "lost answers: nothing is refused"
receiver_stop

fresh
receiver_start --siem splunk-hec --reject refuseme
splunk_conf "batch_events = 20" "in_flight = 1"
oaj_start
oaj_feed 30
echo "type=USER_LOGIN msg=audit(1700000000.001:1000): pid=1 uid=0 msg='op=refuseme res=success'" >&5
oaj_feed 30
check "a refused event is set aside" wait_until 60 stat_reaches rejected 1
check "the others are delivered" wait_until 60 stat_reaches delivered 60
is "$(grep -ho '"status":[0-9]*,"answer":".*Invalid data format' \
    "$work"/state/deadletter/*.json | cut -d, -f1)" '"status":400' "with the status and the answer"
oaj_end
# One copy of an accepted event is sent to find out who is to blame; it may be stored again.
is "$(distinct)" 60 "its neighbours are stored"
check "those before it are not sent again" [ "$(lines "$out")" -le 62 ]
receiver_stop

holds() { # NAME KEY VALUE MESSAGE
    fresh
    receiver_start --siem splunk-hec
    splunk_conf "batch_events = 10"
    set_key "$2" "${3/#URL/$url}"
    oaj_start
    oaj_feed 30
    check "$1: tried again" wait_until 60 tries_reach 6
    check "$1: receiver_up is 0" wait_until 30 up 0
    is "$(stat_of rejected)-$(stat_of delivered)" 0-0 "$1: nothing is set aside"
    check "$1: the log says what to do" has_text "$work/oaj.log" "to fix it: $4"
    is "$(grep -c 'Splunk [0-9A-F]\{5\}' "$work/oaj.log")" 0 "$1: no token in the log"
    oaj_end
    splunk_conf "batch_events = 10"
    oaj_start
    check "$1: then all is delivered" wait_until 60 stat_reaches delivered 30
    oaj_end
    is "$(lines "$out")-$(distinct)" 30-30 "$1: each once"
    receiver_stop
}
holds "wrong token" header "Authorization: Splunk BAD00" "set a valid HEC token"
holds "not for Splunk" header "Authorization: Bearer 5EC2E7" "set a valid HEC token"
holds "disabled token" header "Authorization: Splunk D15AB1ED" "the HEC token is disabled"
holds "no such index" index missing "create the index in Splunk"
holds "wrong path" url URL/events "correct the path in url"

# Nothing of this is an acceptance.
for answer in '' OK '<html>Log in</html>' '{"text":"Success"}' '{"text":"busy","code":9}'; do
    fresh
    printf '%s' "$answer" >"$work/answer"
    receiver_start --siem splunk-hec --mode "200+body=@$work/answer"
    splunk_conf "batch_events = 10" "batch_age = 1s"
    oaj_start
    oaj_feed 30
    check "'$answer': tried again" wait_until 60 tries_reach 6
    is "$(stat_of delivered)-$(stat_of rejected)" 0-0 "'$answer': nothing counts as delivered"
    check "'$answer': the log says why" wait_until 20 has_text "$work/oaj.log" "does not say that the events were accepted"
    receiver_stop
    rm -f "$out"
    receiver_start --siem splunk-hec --port "$port" 5>&-
    check "'$answer': all is delivered by a good one" wait_until 60 stat_reaches delivered 30
    oaj_end
    is "$(lines "$out")" 30 "'$answer': each once"
    receiver_stop
done

# The emulator is as strict as it says, or this test would say nothing.
fresh
receiver_start --siem splunk-hec --reject refuseme
post() { # STATUS CODE AUTHORIZATION PATH BODY
    local got code
    got=$(curl -s -w '%{http_code}' -H "Content-Type: application/json" ${3:+-H "Authorization: $3"} \
        --data-binary "$5" "$url$4")
    code=${got##*'"code":'}
    is "${got: -3} ${code%%[,\}]*}" "$1 $2" "strict: $3 $4 $5"
}
to=/services/collector/event
event='{"time":1.001,"host":"h","source":"s","sourcetype":"t","event":{"a":1}}'
post 200 0 "Splunk 5EC2E7" $to "$event"
post 200 0 "Splunk 5EC2E7" $to "$event${event/1.001/2.002}"
post 401 2 "" $to "$event"
post 401 3 "Bearer 5EC2E7" $to "$event"
post 403 4 "Splunk BAD00" $to "$event"
post 404 404 "Splunk 5EC2E7" /services/collector/raw "$event"
post 400 5 "Splunk 5EC2E7" $to ""
post 400 6 "Splunk 5EC2E7" $to "[$event]"
post 400 6 "Splunk 5EC2E7" $to "$event,$event"
post 400 6 "Splunk 5EC2E7" $to "${event/1.001/\"1.001\"}"
post 400 6 "Splunk 5EC2E7" $to "${event/1.001/1}"
post 400 6 "Splunk 5EC2E7" $to "${event/\"h\"/\"\"}"
post 400 6 "Splunk 5EC2E7" $to "${event/\{\"a\":1\}/\"text\"}"
post 400 6 "Splunk 5EC2E7" $to "${event/\{\"a\":1\}/\{\"a\":1,\"a\":2\}}"
post 400 7 "Splunk 5EC2E7" $to "${event/\"event\"/\"index\":\"missing\",\"event\"}"
is "$(curl -s -H "Content-Type: application/json" -H "Authorization: Splunk 5EC2E7" --data-binary \
    "$event$event${event/\"a\"/\"refuseme\"}$event" "$url$to")" \
    '{"text":"Invalid data format","code":6,"invalid-event-number":2}' "strict: the number of the event"
receiver_stop
tap_done
