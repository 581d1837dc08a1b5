#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# AFL++ on the whole program, by hand: what rsyslog could say comes in on standard input, documents go
# to /dev/null, the journal to a folder in memory that is emptied for each run. Builds what it needs
# (afl-clang-fast, address sanitizer) in a folder of its own.
#
#   tests/fuzz/afl.sh FOLDER [SECONDS]        FOLDER keeps build, queue and crashes; default 600 s
set -eu
[ $# -ge 1 ] || {
    sed -n '3,7s/^# \{0,1\}//p' "$0"
    exit 64
}
tree=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1"
where=$(cd "$1" && pwd)
seconds=${2-600}
command -v afl-fuzz >/dev/null || {
    echo "afl.sh: apt-get install afl++" >&2
    exit 1
}

if [ ! -x "$where/build/omauditjson/omauditjson" ]; then
    mkdir -p "$where/build"
    (cd "$where/build" &&
        AFL_USE_ASAN=1 CC=afl-clang-fast "$tree/configure" --disable-tests --disable-hardening &&
        AFL_USE_ASAN=1 make -j2 omauditjson/omauditjson) >"$where/build.log" 2>&1 || {
        tail -n 20 "$where/build.log"
        exit 1
    }
fi

# A conversation each: plain records, in transactions, with what is no record between.
rm -rf "$where/seeds"
mkdir -p "$where/seeds"
talk() { # LOG
    local n=0 line
    echo "BEGIN TRANSACTION"
    head -n 12 "$1" | while IFS= read -r line; do
        printf '%s\n' "$line"
        n=$((n + 1))
        [ $((n % 5)) -ne 0 ] || printf 'COMMIT TRANSACTION\nBEGIN TRANSACTION\n'
    done
    echo "COMMIT TRANSACTION"
}
for log in "$tree"/tests/golden/data/*.log; do
    name=$(basename "$log" .log)
    talk "$log" | head -c 6000 >"$where/seeds/talk_$name"
done
head -n 6 "$tree/tests/data/host-raw.log" >"$where/seeds/plain"
printf 'no record\n\nBEGIN TRANSACTION\nBEGIN TRANSACTION\nCOMMIT TRANSACTION\n' >"$where/seeds/garbage"

# The program is started anew for each input: the folder is emptied by what starts it.
shm=/dev/shm
[ -w $shm ] || shm=$where
state=$(mktemp -d "$shm/oaj-afl.XXXXXX")
trap 'rm -rf "$state"' EXIT
cat >"$where/conf" <<EOF
receiver = file
url = file:///dev/null
state_dir = $state/s
window = 4MiB
max_event = 256KiB
sync = never
end_of_event_timeout = 10ms
settle = 0
batch_age = 0
shutdown_timeout = 0
log = /dev/null
hostname = h
EOF
cat >"$where/dict" <<EOF
$(cat "$tree/tests/fuzz/dict/protocol.dict" "$tree/tests/fuzz/dict/event.dict" | grep -v '^#' | sort -u)
EOF
export AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1
export ASAN_OPTIONS=abort_on_error=1:symbolize=0:detect_leaks=0
timeout -s INT $((seconds + 30)) afl-fuzz -V "$seconds" -t 2000+ -m none -i "$where/seeds" \
    -o "$where/out" -x "$where/dict" -- "$where/build/omauditjson/omauditjson" \
    --config "$where/conf" >"$where/afl.log" 2>&1 || true
grep -E '^(execs_done|execs_per_sec|corpus_count|saved_crashes|saved_hangs|edges_found|run_time) ' \
    "$where/out/default/fuzzer_stats"
