#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# House rules that a compiler does not know.
. "$(dirname "$0")/lib.sh"

c_code() {
    files -name '*.[ch]' -path "$1" | xargs -r awk -f "$here/code.awk"
}

# calls PATTERN WORDS: where one of the functions is called
calls() {
    c_code "$1" | grep -E "(^|[^A-Za-z0-9_])($2)[ ]*\("
}

banned() {
    calls '*' 'strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|atoll|atof|alloca|strdupa|gets|gethostbyname|localtime'
}

banned_in_the_program() {
    calls 'omauditjson/*' 'stpcpy|strncpy|strncat|ctime|asctime|system|popen|mktemp|tmpnam|strdup|strndup|asprintf|vasprintf'
    calls 'omauditjson/*' 'malloc|calloc|realloc|reallocarray' | grep -v '^omauditjson/base/mem.c:'
}

# Standard output is a wire: only main.c and the engine write to it, and commands that a person runs.
stdout_is_a_wire() {
    c_code 'omauditjson/*/*' | grep -vE '^omauditjson/(engine|commands)/' |
        grep -E '(^|[^A-Za-z0-9_])((printf|vprintf|puts|putchar)[ ]*\(|stdout([^A-Za-z0-9_]|$)|STDOUT_FILENO)'
}

# The lines of the file layers without its comments: a folder, then the folders it may include.
layers() {
    grep -v '^#' "$here/layers"
}

rooms() {
    local room may
    while read -r room may; do
        grep -HnE '^ *# *include *"' "omauditjson/$room"/*.[ch] 2>/dev/null |
            grep -vE "\"config\.h\"|\"(${may:+${may// /|}|}$room)/[a-z0-9_]+\.(h|def)\""
    done < <(layers)
    find omauditjson -mindepth 1 -type d ! -path '*/.*' ! -path omauditjson/format/schema |
        sed 's,^omauditjson/,,' | grep -vxFf <(layers | cut -d' ' -f1) | sed 's,^,omauditjson/,'
}

# A line that names a folder below it would allow folders to include each other.
layers_go_up() {
    layers | awk '{
        for (i = 2; i <= NF; i++)
            if (!($i in above))
                print "tests/lint/layers: " $1 " may include " $i ", which is not above it"
        above[$1]
    }'
}

layers_are_shown() {
    local page=docs/architecture.md
    sed -n '/^<!-- from tests.lint.layers begin -->$/,/^<!-- from tests.lint.layers end -->$/p' \
        "$page" | grep -vE '^(<!--|```)' | diff - <(layers) | grep '^[<>]' |
        sed "s,^<,$page:,; s,^>,tests/lint/layers:,"
}

# A file that was renamed must not live on in the documents.
documents_name_files() {
    local page name
    for page in docs/*.md CONTRIBUTING.md; do
        # shellcheck disable=SC2016 # the backticks are the page's
        grep -oE '`[A-Za-z_./-]+(\.(c|h|def|sh|md|talk|json)|/)`' "$page" 2>/dev/null |
            tr -d '`' | sort -u | while read -r name; do
                [ -e "$name" ] || [ -e "omauditjson/$name" ] || [[ $name = [XY]* ]] ||
                    echo "$page: there is no $name"
            done
    done
}

circles() {
    {
        files -path 'omauditjson/*' -name '*.[ch]' | xargs -r awk -f "$here/code.awk"
        files -path 'omauditjson/*' -name '*.[ch]' |
            xargs -r grep -HnE '^ *# *include *"' /dev/null
    } | awk -f "$here/circles.awk" | sort
}

# libcurl's door is http.c with its parts http_*.
one_door_for_each_library() {
    grep -HnE '^ *# *include *<auparse' -r omauditjson --include='*.[ch]' |
        grep -v '^omauditjson/event/parse\.c:'
    grep -HnE '^ *# *include *<curl/' -r omauditjson --include='*.[ch]' |
        grep -vE '^omauditjson/deliver/transport/http(_[a-z]+)?\.[ch]:'
}

# Large file support and _GNU_SOURCE come from there; after a system header it is too late.
config_h_first() {
    local f
    files -name '*.c' | while read -r f; do
        grep -m 1 -E '^ *# *include' "$f" | grep -q '"config\.h"' ||
            echo "$f: the first include is not config.h"
    done
}

spdx() {
    local f
    {
        files -name '*.[ch]' -o -name '*.def' -o -name '*.mk' -o -name '*.awk' -o -name '*.py' \
            -o -name '*.[58]'
        shell_files
        echo Makefile.am
        echo configure.ac
    } | sort -u | while read -r f; do
        head -n 2 "$f" | grep -qa 'SPDX-License-Identifier: Apache-2.0' || echo "$f"
    done
}

no_tabs() {
    local f
    {
        files -name '*.[ch]' -o -name '*.def' -o -name '*.awk' -o -name '*.py'
        shell_files
    } | while read -r f; do
        grep -Hn "$(printf '\t')" "$f" | cut -c 1-80
    done
}

no_trailing_blanks() {
    {
        files -name '*.[ch]' -o -name '*.def' -o -name '*.mk' -o -name '*.awk' -o -name '*.[58]'
        shell_files
    } | xargs -r grep -HnE ' +$' | cut -c 1-80
}

length() {
    local f n
    files -name '*.c' | while read -r f; do
        n=$(wc -l <"$f")
        case $f in
        tests/unit/*) [ "$n" -le 900 ] || echo "$f: $n lines; split it" ;; # a list of cases
        *) [ "$n" -le 450 ] || echo "$f: $n lines; split it (a file is 80 to 400)" ;;
        esac
    done
}

no_promises() {
    {
        c_files
        shell_files
    } | grep -v '^tests/lint/' | xargs -r grep -HnE '(^|[^A-Z])(TODO|FIXME|XXX)([^A-Z]|$)'
}

# Two tests of one name would write one log, and a result would be counted once: automake's log of
# a/x and of a/x.sh is a/x.log.
names_are_unique() {
    files -path 'tests/*' -name 'test_*.c' | sed 's|.*/||' | sort | uniq -d
    files -path 'tests/*' \( -name 'test_*.c' -o -name '*.sh' \) | sed 's|\.[^.]*$||' | sort | uniq -d
}

rule "banned functions are not called" banned
rule "the program does not call what its own modules replace" banned_in_the_program
rule "nothing in a room writes to standard output" stdout_is_a_wire
rule "a folder includes only what its layer may" rooms
rule "each layer names only layers above it" layers_go_up
rule "docs/architecture.md shows the layers" layers_are_shown
rule "documents name files that exist" documents_name_files
rule "no circle of files" circles
rule "auparse.h and curl.h have one door each" one_door_for_each_library
rule "config.h comes first" config_h_first
rule "every file names its licence" spdx
rule "no tabs" no_tabs
rule "no blanks at the end of a line" no_trailing_blanks
rule "no C file over 450 lines" length
rule "no promises in comments" no_promises
rule "test programs have different names" names_are_unique
finish
