#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The manual pages render without a warning and have their headings.
. "$(dirname "$0")/lib.sh"

renders() {
    local page text heading headings
    for page in man/*.[1-8]; do
        { LC_ALL=C.UTF-8 man --warnings -E UTF-8 -Tutf8 -Z -l "$page" >/dev/null; } 2>&1
        text=$(LC_ALL=C.UTF-8 MANWIDTH=80 man -E UTF-8 -l "$page" 2>/dev/null)
        headings=(NAME DESCRIPTION FILES "SEE ALSO")
        [[ $page = *.5 ]] || headings+=(SYNOPSIS COMMANDS OPTIONS "EXIT STATUS" SIGNALS)
        for heading in "${headings[@]}"; do
            grep -q "^$heading" <<<"$text" || echo "$page: no heading $heading"
        done
    done
}

if command -v man >/dev/null && command -v groff >/dev/null; then
    rule "man has no warning" renders
else
    skip "man has no warning" "no man and groff here"
fi
finish
