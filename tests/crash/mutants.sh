#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016 # perl's dollars
# Breaks the product in many ways, one at a time, and lets the torture machine run until it says
# so. By hand: make mutants, or
#   srcdir=... builddir=... tests/crash/mutants.sh [NAME...]
# Prints a table; exit 1 when one was not caught within $SCHEDULES.
set -u
: "${srcdir:?the top of the sources}" "${builddir:?the top of the build}"
: "${SCHEDULES:=300}" "${SEED:=1}" "${JOBS:=2}"
LC_ALL=C
export LC_ALL
work=$(mktemp -d "${TMPDIR:-/tmp}/oaj-mutants.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT

# mutant NAME FILE WHAT: perl code that must change the file (all of it in $_)
names=()
declare -A file=() code=()
mutant() {
    names+=("$1")
    file[$1]=omauditjson/$2
    code[$1]=$3
}

mutant skip-the-sync engine/intake.c 's/r = journal_sync\(in->s->journal\);/r = 0;/'
mutant answer-before-append engine/intake.c '
    s/int r = perform\(in, action, line, &ad\);/bool early = action == OMPROG_RECORD;\n    int r;\n\n    if (early)\n        admit_answer(in->admit, action);\n    r = perform(in, action, line, &ad);/;
    s/(in->hold = \(struct hold\)\{\.active = false\};\n +)admit_answer\(in->admit, action\);/$1if (!early)\n            admit_answer(in->admit, action);/'
mutant trim-before-delivery engine/emit.c '
    s/(deliver_add\(em->s->deliver, &out, now_ms\);)/$1\n        stores_done_with(em->s, em->seqs, ev->n_lines);/'
mutant swallow-503 deliver/receivers/common.c 's/(switch \(status\) \{\n)/$1    case 503:\n        return OUTCOME_DELIVERED;\n/'
mutant forget-a-merged-record event/group.c '
    s/\.n_lines = ev->n_lines,/.n_lines = ev->n_lines > 4 ? ev->n_lines - 1 : ev->n_lines,/'
mutant forget-the-seal engine/outcomes.c 's/r = o->seal\.len \? journal_seal\(.*?\) : 0;/r = 0;/'
mutant wrong-id-after-restart engine/resume.c 's/\.part = s->part \? s->part : 1,/.part = s->part + 1,/'
mutant drop-late-records engine/pipeline.c 's/if \(rec->type == AUDIT_EOE\) \{/if (part > 1 || rec->type == AUDIT_EOE) {/'
mutant ignore-a-failed-append journal/segment.c '
    s/if \(n < 0\)\n        return -errno;\n(    if \(\(size_t\)n != size\))/if (n < 0)\n        n = (ssize_t)size;\n$1/'
mutant ignore-a-short-append journal/segment.c '
    s/if \(\(size_t\)n != size\)\n        return -ENOSPC;/if ((size_t)n > size)\n        return -ENOSPC;/'
mutant skip-the-dead-letters-sync deliver/deadletter.c 's/if \(fdatasync\(dl->fd\) < 0\)/if (dl->fd < 0)/'
mutant lose-the-torn-tails-predecessor journal/segment.c '
    s/(        r = each \? each)/        if (off + SEGMENT_ENTRY_HEAD <= len && !segment_all_zero(data + off, 32) &&\n            !segment_entry_at(s->seed, data, off, len, &(struct segment_entry){0}))\n            continue;\n$1/'
mutant know-no-repeats engine/admit.c 's{= recent_is_repeat\(a->s->recent, &ret->rec, ret->digest\);}{= false;}'
mutant remember-before-append engine/admit.c '
    s/(    )(r = store\(a, &entry, ret\);)/$1ret->kept = true;\n$1$2/'
mutant drop-an-equal-record event/recent.c '
    s/(if \(\(r->n_unanswered == 0 .*?)\)(\n +return false;)/$1 && digest == recent_last(r))$2/s'
mutant forget-what-leaves engine/stores.c 's/\(void\)recent_save\(s->recent, segment\);/(void)s;/'
mutant one-too-many-done journal/journal.c '
    s/(        journal_done_range\(j, seqs\[i\], 1\);\n)/$1    journal_done_range(j, seqs[n - 1] + 1, 1);\n/'
mutant dead-letter-nothing deliver/reject.c 's/return deadletter_add\(d->dead, &e\);/return e.doc_len ? 0 : deadletter_add(d->dead, &e);/'
mutant no-sync-at-the-segments-end journal/journal.c 's/int r = journal_sync\(j\); \/\* one segment/int r = 0; \/* one segment/'
mutant no-lock journal/lock.c 's/(int lock_try\(struct lock \*l\)\n\{\n)/$1    if (l->next_fd >= 0)\n        return 0;\n/'
mutant forget-the-last-of-a-batch engine/resume.c '
    s/(\|\| s->n_found != s->n)\)\n/$1 || i + 1 == rs->n_events)\n/;
    s/continue;\n(        if \(made == 0)/{\n            if (s->n == s->n_marked && s->n_found == s->n)\n                skip(rs->ret, s);\n            continue;\n        }\n$1/'
mutant no-sync-of-a-former-life journal/journal_open.c 's/r = fdatasync\(seg\.fd\) < 0 \? -errno : 0;/r = 0;/'
mutant leave-the-journal-behind journal/journal.c 's/remove_parts\(j, j->n_parts\);/remove_parts(j, 0);/'
mutant wait-in-the-middle engine/intake.c 's/(open_reserve\(in->s->journal,\s+in->leaving).*?;/$1);/s;
    s/(static int next_may_begin.*?if \()/$1true || /s'
mutant a-word-on-the-wire engine/loop.c 's/(log_notice\("configuration reloaded"\);)/$1\n    replies_first(&l->p->replies);/'
mutant kill-counts-as-a-crash journal/scoreboard.c 's/if \(p->mark == SCOREBOARD_UNMARKED && /if (false \&\& /; s/if \(p->mark != SCOREBOARD_UNMARKED\) \{/if (true) {/'
mutant double-the-dead-letters deliver/deadletter.c 's/if \(keyed && deadknown_has\(/if (false \&\& deadknown_has(/'
mutant reject-without-a-canary deliver/blame.c 's/if \(b->accuser == index && ep->accepted > b->accused\)/if (b != d->canary)/'
mutant believe-an-early-answer deliver/transport/http.c 's/t->early = http_early_is_success.*?;/t->early = false;/s'
mutant trust-one-header journal/segment_file.c 's/(    r = judge\(&h\);\n)/$1    if (r < 0)\n        return r;\n/'
mutant count-no-gap journal/journal_missing.c 's/report->lost = least\(missing, undone\);/report->lost = 0;/'

# One tree for all, in which only the changed file is built anew.
mkdir "$work/src" "$work/build" || exit 99
(cd "$srcdir" && tar -c --exclude=./.git --exclude='*.o' --exclude=./autom4te.cache .) |
    tar -C "$work/src" -x || exit 99
make_program() {
    CCACHE_NOHASHDIR=1 make -C "$work/build" -j2 omauditjson/omauditjson \
        tests/crash/omauditjson-small >"$work/make.log" 2>&1
}
(cd "$work/build" && eval "../src/configure $("$builddir/config.status" --config) --disable-werror") \
    >"$work/configure.log" 2>&1
make_program || {
    tail -n 20 "$work/configure.log" "$work/make.log"
    exit 99
}

build() { # NAME
    local f=$work/src/${file[$1]} result=0

    cp "$f" "$work/original" || return
    perl -0777 -pi -e "${code[$1]}" "$f" || return
    if cmp -s "$f" "$work/original"; then
        echo "nothing was changed in ${file[$1]}"
        return 1
    fi
    make_program || result=1
    mkdir -p "$work/$1"
    cp "$work/build/omauditjson/omauditjson" "$work/$1/" &&
        cp "$work/build/tests/crash/omauditjson-small" "$work/$1/small"
    cp "$work/original" "$f"
    [ "$result" = 0 ] || grep -m 3 'error' "$work/make.log"
    return "$result"
}

status=0
printf '%-34s %-9s %-6s %s\n' mutant schedules seed how
[ $# -gt 0 ] || set -- "${names[@]}"
for name; do
    if ! why=$(build "$name" 2>&1); then
        printf '%-34s not built: %s\n' "$name" "$why"
        status=1
        continue
    fi
    omauditjson=$work/$name/omauditjson small=$work/$name/small KEEP=$work/$name/torture \
        sh "$srcdir/tests/crash/torture.sh" --stop-at-failure --schedules "$SCHEDULES" \
        --seconds 100000 --seed "$SEED" --jobs "$JOBS" >"$work/$name.out" 2>&1
    n=$(grep -c '^seed=' "$work/$name.out")
    line=$(grep -m 1 ': FAILED: ' "$work/$name.out")
    if [ -n "$line" ]; then
        seed=${line#seed=}
        how=${line#*: FAILED: }
        printf '%-34s %-9s %-6s %s\n' "$name" "$n" "${seed%% *}" "${how#* s: }"
    else
        printf '%-34s %-9s not caught\n' "$name" "$n"
        status=1
    fi
    rm -rf "${work:?}/$name"
done
exit "$status"
