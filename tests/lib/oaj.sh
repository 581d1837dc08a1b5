# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# For tests that start omauditjson themselves, in rsyslogd's place: its input is a FIFO that stays
# open on descriptor 5, its output the file $work/wire. To be sourced after tests/lib/lib.sh.

: "${work:?}" "${omauditjson:?}"
oaj_pid=
oaj_serial=0

# With $work/omauditjson.conf (see oaj_conf). Its log is $work/oaj.log if that is what it says.
oaj_start() { # [COMMAND... that runs the command it is given]
    rm -f "$work/in"
    mkfifo "$work/in"
    "$@" "$omauditjson" --config "$work/omauditjson.conf" <"$work/in" >"$work/wire" \
        2>>"$work/oaj.err" 7>&- 8>&- &
    oaj_pid=$!
    exec 5>"$work/in"
    wait_until 20 has_lines "$work/wire" 1 ||
        tap_bail "omauditjson does not start: $(cat "$work/oaj.err" "$work/oaj.log" 2>/dev/null)"
}

# N events of a kind that is complete in one record.
oaj_feed() { # [N]
    local i
    for i in $(seq "${1:-1}"); do
        oaj_serial=$((oaj_serial + 1))
        echo "type=USER_LOGIN msg=audit(1700000000.001:$oaj_serial): pid=$i uid=0" >&5
    done
}

# End of input; the exit status is the program's.
oaj_end() {
    local status
    exec 5>&-
    wait "$oaj_pid"
    status=$?
    oaj_pid=
    return "$status"
}

# As for lib.sh's own processes: none is left behind when a test ends early.
oaj_cleanup() {
    [ -z "$oaj_pid" ] || kill -9 "$oaj_pid" 2>/dev/null
}
