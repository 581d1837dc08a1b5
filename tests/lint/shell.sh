#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every script of the tree through shellcheck, and can it be run?
. "$(dirname "$0")/lib.sh"

# SC2317: functions that are called by a name in a variable look unreachable to it.
checked() {
    shell_files | xargs -r shellcheck -x -P SCRIPTDIR -e SC2317 -f gcc
}

runnable() {
    local f
    shell_files | while read -r f; do
        if head -n 1 "$f" | grep -q '^#!' && [ ! -x "$f" ]; then
            echo "$f: begins with #! and is not executable"
        fi
    done
}

if command -v shellcheck >/dev/null; then
    rule "shellcheck reports nothing" checked
else
    skip "shellcheck reports nothing" "no shellcheck here"
fi
rule "scripts are executable" runnable
finish
