#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A rule that finds nothing may be a rule that looks at nothing: a tree with one fault for each
# rule of source.sh, in which every rule must fail.
. "$(dirname "$0")/lib.sh"

tree=$(mktemp -d) || exit 99
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{omauditjson/{base,input,journal,event,format,deliver/attic,attic},tests/{unit,lint},man,docs}
cp tests/lint/lib.sh tests/lint/*.awk tests/lint/source.sh "$tree/tests/lint/"
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
{
    echo 'base event'
    cat tests/lint/layers
    echo 'last base journal attic'
} >"$tree/tests/lint/layers"
printf '%s\n' "\`base/gone.c\`" '<!-- from tests/lint/layers begin -->' 'base input' \
    '<!-- from tests/lint/layers end -->' >"$tree/docs/architecture.md"

# circles: of two by includes; of three by calls, which one header declares; by a pasted name
echo '#include "base/two_b.h"' >"$tree/omauditjson/base/two_a.h"
echo '#include "base/two_a.h"' >"$tree/omauditjson/base/two_b.c"
for n in 1 2 3; do
    printf '#include "event/three.h"\nint three_%s(int i)\n{\n    return three_%s(i);\n}\n' \
        $n $((n % 3 + 1)) >"$tree/omauditjson/event/three_$n.c"
    echo "int three_$n(int i);" >>"$tree/omauditjson/event/three.h"
done
printf '#define ROW(name) paste_##name();\nint paste(void)\n{\n}\n' \
    >"$tree/omauditjson/input/top.c"
printf 'int paste_one(void)\n{\n    return paste_top();\n}\n' >"$tree/omauditjson/input/one.c"
printf 'int paste_top(void)\n{\n}\n' >>"$tree/omauditjson/input/top.c"
# and none: what is called like a member, like a static function, like a text
printf 'int leaf_get(void)\n{\n    return p->trunk_get + "trunk_get()"[0];\n}\n' \
    >"$tree/omauditjson/input/leaf.c"
printf 'int trunk_get(void)\n{\n    return leaf_get();\n}\n' >"$tree/omauditjson/input/trunk.c"
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
    grep -E 'clean.c|input/(leaf|trunk) ' <<<"$result"
}

the_fault_is_named() {
    local want
    for want in 'base/banned.c:1:' 'event/memory.c:1:' 'base/wire.c:1:' 'journal/room.c:1:' \
        'omauditjson/attic' 'omauditjson/deliver/attic' 'base/door.c:1:' 'base/tab.c:1:' 'long.c: 451 lines' \
        'base may include event, which is not above it' 'last may include attic' \
        'docs/architecture.md: base input' 'there is no base/gone.c' 'tests/lint/layers: journal ' \
        'base/two_a (#include) > base/two_b (#include) > base/two_a' \
        'event/three_1 (three_2) > event/three_2 (three_3) > event/three_3 (three_1) > event/three_1' \
        'input/one (paste_top) > input/top (paste_one) > input/one' \
        'promise.c:1:' 'test_twin.c' 'tests/script/test_stem' 'banned.c: the first include'; do
        grep -qF "$want" <<<"$result" || echo "nothing says $want"
    done
}

rule "each rule fails on a tree with its fault" every_rule_fails
rule "comments and strings are not taken for code" comments_and_strings_are_not_code
rule "the place of the fault is told" the_fault_is_named
finish
