#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A rule that finds nothing may be a rule that looks at nothing: a tree with one fault for each
# rule of source.sh, in which every rule must fail.
. "$(dirname "$0")/lib.sh"

tree=$(mktemp -d) || exit 99
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{omauditjson/{base,input,journal,event,format,deliver/attic,attic},tests/{unit,lint},man}
cp tests/lint/lib.sh tests/lint/code.awk tests/lint/source.sh "$tree/tests/lint/"
touch "$tree"/{Makefile.am,configure.ac,autogen.sh}

{
    echo '#include "config.h"'
    echo '/* SPDX-License-Identifier: Apache-2.0 strcpy() here is a comment */'
    echo 'static const char *s = "strcat(" /* and'
    echo 'sprintf( too */;'
} >"$tree/omauditjson/base/clean.c"
echo 'void f(void) { strcpy (a, b); }' >"$tree/omauditjson/base/banned.c"
echo 'void f(void) { x = malloc(3); }' >"$tree/omauditjson/event/memory.c"
echo 'void f(void) { puts("x"); }' >"$tree/omauditjson/base/wire.c"
echo '#include "event/group.h"' >"$tree/omauditjson/journal/room.c"
echo '#include <curl/curl.h>' >"$tree/omauditjson/base/door.c"
printf '\tint tab;  \n' >"$tree/omauditjson/base/tab.c"
yes 'int line;' | head -n 451 >"$tree/omauditjson/base/long.c"
echo '/* TO''DO */' >"$tree/omauditjson/base/promise.c"
mkdir "$tree/tests/script"
touch "$tree/tests/unit/test_twin.c" "$tree/tests/script/test_twin.c" \
    "$tree/tests/script/test_stem.c" "$tree/tests/script/test_stem.sh"

result=$(srcdir=$tree bash "$tree/tests/lint/source.sh")

every_rule_fails() {
    grep '^ok' <<<"$result"
    grep -q '^not ok' <<<"$result" || echo "source.sh did not run"
}

comments_and_strings_are_not_code() {
    grep 'clean.c' <<<"$result"
}

the_fault_is_named() {
    local want
    for want in 'base/banned.c:1:' 'event/memory.c:1:' 'base/wire.c:1:' 'journal/room.c:1:' \
        'omauditjson/attic' 'omauditjson/deliver/attic' 'base/door.c:1:' 'base/tab.c:1:' 'long.c: 451 lines' \
        'promise.c:1:' 'test_twin.c' 'tests/script/test_stem' 'banned.c: the first include'; do
        grep -qF "$want" <<<"$result" || echo "nothing says $want"
    done
}

rule "each rule fails on a tree with its fault" every_rule_fails
rule "comments and strings are not taken for code" comments_and_strings_are_not_code
rule "the place of the fault is told" the_fault_is_named
finish
