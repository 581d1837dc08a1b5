# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For the checks of this folder: TAP, and the lists of files. A rule is a function that prints one
# line for each fault; silence is a pass.

set -u
here=$(cd "$(dirname "$0")" && pwd)
root=${srcdir:-$(cd "$here/../.." && pwd)}
cd "$root" || exit 99
export LC_ALL=C

if [ -n "${OAJ_ONCE-}" ]; then
    echo "1..0 # SKIP OAJ_ONCE is set"
    exit 0
fi

lint_n=0
lint_failed=0

# rule NAME FUNCTION...
rule() {
    local name=$1 faults
    shift
    faults=$("$@" 2>&1)
    lint_n=$((lint_n + 1))
    if [ -z "$faults" ]; then
        echo "ok $lint_n - $name"
    else
        echo "not ok $lint_n - $name"
        printf '%s\n' "$faults" | head -n 40 | sed 's/^/# /'
        lint_failed=1
    fi
}

# skip NAME REASON
skip() {
    lint_n=$((lint_n + 1))
    echo "ok $lint_n - $1 # SKIP $2"
}

finish() {
    echo "1..$lint_n"
    exit "$lint_failed"
}

# Files of the tree by find's conditions. Not by git: a released tarball has none. Build folders in
# the tree are left out.
files() {
    find omauditjson tests bench rsyslog-conf man .ci -type f ! -path '*/.deps/*' \( "$@" \) \
        2>/dev/null | sort
}

c_files() {
    files -name '*.[ch]'
}

shell_files() {
    local f
    echo ./autogen.sh
    files -name '*.sh'
    files ! -name '*.*' | while read -r f; do
        if head -n 1 "$f" | grep -qaE '^#!.*(bash|/sh|env sh)$'; then
            echo "$f"
        fi
    done
}
