#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every tests/golden/data/NAME.log to JSON lines, compared byte for byte with NAME.json; where there is a
# NAME.compatible.json, once more with details = compatible and events = audisp-json; where there is
# a NAME.FORMAT.json, once more in that format. The lines of field_*.log, and of the logs with types
# by number, go through the input first. With UPDATE=1 the expectations are written instead: read
# the difference before you commit it.
set -u

data=${srcdir:?}/tests/golden/data
golden=${builddir:?}/tests/golden/golden
out=$(mktemp) || exit 99
trap 'rm -f "$out" "$out.err"' EXIT

# compare EXPECTED ARGUMENT...
compare() {
    expected=$1
    shift
    number=$((number + 1))
    name=$(basename "$expected")
    if ! "$golden" "$@" >"$out" 2>"$out.err"; then
        sed 's/^/# /' "$out.err"
        echo "not ok $number - $name"
    elif [ "${UPDATE:-0}" = 1 ]; then
        cp "$out" "$expected" || exit 99
        echo "ok $number - $name # SKIP rewritten"
    elif cmp -s "$expected" "$out"; then
        echo "ok $number - $name"
    else
        diff "$expected" "$out" | cut -c1-2000 | sed 's/^/# /'
        echo "not ok $number - $name"
    fi
}

number=0
for log in "$data"/*.log; do
    base=${log%.log}
    raw=
    case $log in */field_* | */avc.log | */syscall.log) raw=-r ;; esac
    compare "$base.json" $raw "$log"
    if [ -e "$base.compatible.json" ]; then
        compare "$base.compatible.json" $raw -c -a "$log"
    fi
    for format in records ecs; do
        if [ -e "$base.$format.json" ]; then
            compare "$base.$format.json" $raw -f "$format" "$log"
        fi
    done
done
[ "$number" -gt 0 ] || exit 99
echo "1..$number"
