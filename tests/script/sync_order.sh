#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Invariant 1 as the kernel sees it: before the reply to a record its bytes were written to the
# journal; before the reply to COMMIT they were forced to the disk. With sync = always also before
# each OK, with never before none. Then a disk that is slow or says no.
# shellcheck source=tests/lib/lib.sh
. "${srcdir:?}/tests/lib/lib.sh"
tap_plan_later

program=$omauditjson
script=$srcdir/tests/script/21-commit-syncs.talk

strace -o /dev/null true 2>/dev/null || tap_skip_all "strace does not work here"

# LeakSanitizer can't work under a tracer
export ASAN_OPTIONS=detect_leaks=0

cat >"$work/traced" <<EOF
#!/bin/sh
exec strace -f -qq -s 40 -e trace=read,write,writev,pwrite64,pwritev,pwritev2,fdatasync,fsync \\
    -o '$work/trace' '$program' "\$@" --sync "\$OAJ_SYNC"
EOF
chmod +x "$work/traced"

# Prints each reply that came too early, and at the end how many replies to what there were.
judge() {
    awk -v always="$1" '
        { sub(/^[0-9]+ +/, "") }
        /^read\(0, "BEGIN TRANSACTION/ { line = "begin" }
        /^read\(0, "COMMIT TRANSACTION/ { line = "commit" }
        /^read\(0, "(type=|garbage)/ { line = "record"; appended = 0 }
        /^(pwrite64|pwritev2?|write|writev)\(/ && !/"(OK|DEFER_COMMIT)\\n"/ { appended = 1; dirty = 1 }
        /^f(data)?sync\(/ { dirty = 0; syncs++ }
        /^write\([0-9]+, "(OK|DEFER_COMMIT)\\n"/ {
            if (line == "record" && !appended) print "too early, not written: " $0
            if (line == "commit" && dirty) print "too early, not synced: " $0
            if (always && line == "record" && /"OK/ && dirty) print "too early, not synced: " $0
            n[line]++
            line = "first"
        }
        END { printf "%d records, %d commits%s\n", n["record"], n["commit"], syncs ? "" : ", no sync" }
    ' "$work/trace"
}

for sync in commit always never; do
    export OAJ_SYNC=$sync
    check "the transcript plays with sync = $sync" \
        env omauditjson="$work/traced" "$builddir/tests/script/talk" "$script"
done
for sync in commit always; do
    OAJ_SYNC=$sync omauditjson="$work/traced" "$builddir/tests/script/talk" "$script" >/dev/null
    is "$(judge "$([ $sync = always ] && echo 1)")" "4 records, 2 commits" \
        "no reply comes before the journal with sync = $sync"
done

# Garbage lines are synced into the dead letters whatever sync is: only the journal counts here.
cat >"$work/named" <<EOF
#!/bin/sh
exec strace -f -qq -y -e trace=fdatasync,fsync -o '$work/trace' '$program' "\$@" --sync "\$OAJ_SYNC"
EOF
chmod +x "$work/named"
journal_syncs() { # SYNC
    OAJ_SYNC=$1 omauditjson="$work/named" "$builddir/tests/script/talk" "$script" >/dev/null
    grep -c 'fdatasync([0-9]*<[^>]*/journal/' "$work/trace"
}
# There is one more in both, when the program ends. The second COMMIT brings nothing, but it may find
# the mark that the garbage line was set aside.
is "$(journal_syncs never)" "1" "with sync = never no COMMIT is synced"
check "with sync = commit one is" [ "$(journal_syncs commit)" -ge 2 ]

cat >"$work/slow" <<EOF
#!/bin/sh
exec strace -f -qq -e trace=fdatasync -e inject=fdatasync:delay_enter=2500000:when=1 \\
    -o '$work/trace' '$program' "\$@"
EOF
chmod +x "$work/slow"
check "a sync of 2.5 seconds ends no event" env omauditjson="$work/slow" \
    "$builddir/tests/script/talk" "$srcdir/tests/script/33-slow-commit.talk"

# A disk that says no for a while: the reply waits, and comes by itself.
for fault in pwritev:error=ENOSPC:when=1..2 pwritev:error=EIO:when=3 fdatasync:error=EIO:when=1; do
    cat >"$work/failing" <<EOF
#!/bin/sh
exec strace -f -qq -e trace=pwritev,fdatasync -e inject=$fault -o '$work/trace' '$program' "\$@"
EOF
    chmod +x "$work/failing"
    check "the disk says no ($fault): the reply waits, nothing is lost" env \
        omauditjson="$work/failing" "$builddir/tests/script/talk" \
        "$srcdir/tests/script/37-disk-says-no.talk"
    check "it did say so" grep -q INJECTED "$work/trace"
done
tap_done
