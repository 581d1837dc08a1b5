#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Static analysis of the program: gcc -fanalyzer, cppcheck and clang-tidy, each over all of
# omauditjson/. Fails on any finding that is not in tests/analysis/silenced, and on a line there
# that finds nothing. Each tool must first find the faults that are planted for it.
#
#   tests/analysis/analyse.sh [BUILD-FOLDER]      (a configured one, for config.h; default: .)
set -u -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$(cd "${1:-.}" && pwd) || exit 1
[ -e "$build/config.h" ] || {
    echo "analyse: no config.h in $build: configure there first" >&2
    exit 1
}
cd "$root" || exit 1
export LC_ALL=C
jobs=$(nproc 2>/dev/null || echo 2)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 n=0

result() { # 0|1 NAME
    n=$((n + 1))
    if [ "$1" = 0 ]; then
        passed=$((passed + 1))
        echo "PASS: analysis $n - $2"
    else
        failed=$((failed + 1))
        echo "FAIL: analysis $n - $2"
    fi
}

flags=(-std=gnu11 -Iomauditjson "-I$build")
read -r -a more < <(pkg-config --cflags libcurl json-c auparse audit zlib libxxhash)
flags+=("${more[@]}")

# Each prints "FILE CHECK MESSAGE" lines for files on standard input.
run_gcc() {
    xargs -P "$jobs" -I{} gcc -O0 -fanalyzer "${flags[@]}" -c -o /dev/null {} 2>&1 |
        sed -n 's/^\([^: ]*\):\([0-9]*\):[0-9]*: warning: \(.*\) \[-W\([^]]*\)\]$/\1 \4 \3 (line \2)/p'
}
run_cppcheck() {
    cppcheck -j "$jobs" --quiet --std=c11 --enable=warning,portability,performance \
        --template='{file} {id} {message} (line {line})' -Iomauditjson -I"$build" -DHAVE_ZSTD \
        --file-list=- 2>&1 | grep -v '^nofile '
}
run_clang_tidy() {
    xargs -P "$jobs" -I{} clang-tidy-14 --quiet --config-file="$root/.clang-tidy" {} -- "${flags[@]}" \
        2>/dev/null |
        sed -n "s,^$root/,,; s/^\([^: ]*\):\([0-9]*\):[0-9]*: \(warning\|error\): \(.*\) \[\([^],]*\).*\]\$/\1 \5 \4 (line \2)/p"
}

# -- they bite -------------------------------------------------------------------------------------
cat >"$work/planted.c" <<'EOF'
#include <stdlib.h>
#include <string.h>
int twice(int n);
char *lost(void);
int twice(int n)
{
    char *p = malloc(10);
    int a[4] = {0};

    if (n)
        free(p);
    p[0] = 1;
    free(p);
    memset(a, 0, sizeof(int) * 8);
    return a[n > 1 ? 4 : 0];
}
char *lost(void)
{
    char *p = malloc(1);

    if (strcmp("a", "b"))
        return NULL;
    return p;
}
EOF
tools=(gcc cppcheck clang_tidy)
for tool in "${tools[@]}"; do
    echo "$work/planted.c" | "run_$tool" >"$work/planted" 2>&1
    grep -q 'planted\.c ' "$work/planted"
    result $? "${tool//_/-} finds what is planted"
done

# -- the program -----------------------------------------------------------------------------------
find omauditjson -name '*.c' | sort >"$work/files"
for tool in "${tools[@]}"; do
    before=$SECONDS
    name=${tool//_/-}
    "run_$tool" <"$work/files" | sort -u | sed "s/^/$name /" >"$work/found.$tool"
    sed -n "s/^\($name [^ ]* [^ ]*\) *|.*/\1 /p" "$here/silenced" >"$work/silenced"
    grep -vF -f "$work/silenced" "$work/found.$tool" >"$work/new"
    sed 's/^/  /' "$work/new"
    [ ! -s "$work/new" ]
    result $? "$name finds nothing new ($((SECONDS - before)) s)"
    stale=0
    while read -r line; do
        grep -qF "$line " "$work/found.$tool" && continue
        echo "  no longer found: $line"
        stale=1
    done <"$work/silenced"
    result $stale "$name: what is silenced is still there"
done
grep -v '^#' "$here/silenced" | grep -vE '^(gcc|cppcheck|clang-tidy) [^ ]+ [^ ]+ \| .{10,}' >"$work/bad"
sed 's/^/  /' "$work/bad"
[ ! -s "$work/bad" ]
result $? "every line of tests/analysis/silenced names a tool, a file, a check and a reason"
echo "# PASS:  $passed"
echo "# FAIL:  $failed"
[ "$failed" = 0 ]
