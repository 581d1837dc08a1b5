#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What does a record cost, counted in instructions and not in time? Compares `convert` of a fixed
# sample with the figure in bench/instructions and fails at 10 % more. The count is that of one
# compiler, one level of optimisation and one libauparse; with others it is left out.
# UPDATE=1 writes the figure anew.
: "${srcdir:?run me by make check, or set srcdir to the top of the sources}"
: "${builddir:?run me by make check, or set builddir to the top of the build}"
: "${omauditjson:=$builddir/omauditjson/omauditjson}"
export LC_ALL=C

skip() {
    echo "1..0 # SKIP $1"
    exit 0
}

variable() { sed -n "s/^$1 *= *//p" "$builddir/Makefile" | head -n 1; }

command -v valgrind >/dev/null || skip "no valgrind here"
[ -z "$(variable SAN_FLAGS)" ] || skip "sanitizers or coverage are built in"
[ -z "${UPDATE-}" ] && [ -s "$srcdir/bench/instructions" ] || touch_up=yes
read -r cc <<<"$(variable CC)"
# shellcheck disable=SC2086 # CC may be two words
compiler=$($cc --version 2>/dev/null | sed -n '1s/ .*//p' | tr -d '\n')-$($cc -dumpversion 2>/dev/null)
setting="$compiler $(uname -m) $(variable CFLAGS) libauparse $(pkg-config --modversion auparse)"

work=$(mktemp -d "${TMPDIR:-/tmp}/oajXXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
sample=$work/sample
xz -dc "$srcdir/tests/data/busy-enriched.log.xz" 2>/dev/null | head -n 8000 >"$sample"
[ "$(wc -l <"$sample")" = 8000 ] || skip "no xz here"

# convert_run is all but the start of the program, which costs the dynamic linker's time.
valgrind --tool=callgrind --toggle-collect=convert_run --callgrind-out-file="$work/out" \
    --log-file="$work/log" "$omauditjson" --config /dev/null --hostname bench convert "$sample" \
    >"$work/json" || {
    sed 's/^/# /' "$work/log"
    echo "1..1"
    echo "not ok 1 - convert runs under valgrind"
    exit 1
}
total=$(sed -n 's/.*Collected : //p' "$work/log")
count=$((total / 8000))

if [ "${touch_up-}" = yes ]; then
    printf '%s\n%d instructions a record\n' "$setting" "$count" >"$srcdir/bench/instructions"
fi
{
    read -r recorded_setting
    read -r recorded rest
} <"$srcdir/bench/instructions"
[ "$recorded_setting" = "$setting" ] ||
    skip "recorded with $recorded_setting, this is $setting"
echo "1..1"
echo "# $count ${rest:-}, recorded $recorded"
if [ "$count" -gt 0 ] && [ "$count" -le $((recorded * 110 / 100)) ]; then
    echo "ok 1 - a record costs no more than 10 % over the recorded instructions"
else
    echo "not ok 1 - a record costs no more than 10 % over the recorded instructions"
    echo "# if it is worth it: UPDATE=1 bench/check_instructions.sh, and say so in the commit"
    exit 1
fi
[ "$count" -ge $((recorded * 90 / 100)) ] ||
    echo "# much less than recorded: write it anew, so that it stays (UPDATE=1)"
