/* SPDX-License-Identifier: Apache-2.0 */
/* Equal records counted: of each different record of an event, how many copies are in its documents
 * is found from their digests (sums, so each has one solution), and compared with how many were
 * fed and answered. */
#include "config.h"

#include <stdlib.h>

#include "base/mem.h"
#include "judge.h"

#define TRIES_MAX 2000000 /* a document */
#define MORE_MAX 3        /* copies of one record beyond those that were fed */

/* One of the different records of an event. */
struct kind {
    uint64_t hash;
    uint64_t fed, answered, there;
    uint64_t now; /* in the document being processed */
};

struct search {
    struct kind *kinds;
    size_t n;
    const struct ledger_doc *doc;
    uint64_t n_eoe;
    uint64_t tries;
};

/* How many of kinds[i] and of those behind it does the document hold? more: those beyond the fed
 * that may be there in all; few are tried before many. */
static bool solve(struct search *s, size_t i, uint64_t sum, uint64_t n, uint64_t more)
{
    struct kind *k = &s->kinds[i];

    if (n > s->doc->records || s->tries++ > TRIES_MAX)
        return false;
    if (i == s->n)
        return n + s->n_eoe >= s->doc->records && s->doc->digest == ledger_finish(sum);
    for (uint64_t c = k->fed + 1; c-- > 0;) {
        k->now = c;
        if (solve(s, i + 1, sum + c * k->hash, n + c, more))
            return true;
    }
    for (uint64_t c = 1; c <= MORE_MAX && c <= more; c++) {
        k->now = k->fed + c;
        if (solve(s, i + 1, sum + k->now * k->hash, n + k->now, more - c))
            return true;
    }
    return false;
}

static bool found(struct search *s)
{
    for (uint64_t more = 0; more <= s->n * MORE_MAX; more = more * 2 + 1) {
        s->tries = 0;
        if (solve(s, 0, 0, 0, more))
            return true;
    }
    return false;
}

static struct kind *kind_of(struct search *s, uint64_t hash)
{
    size_t i = 0;

    while (i < s->n && s->kinds[i].hash != hash)
        i++;
    if (i == s->n)
        s->kinds[s->n++] = (struct kind){.hash = hash};
    return &s->kinds[i];
}

void judge_missing(struct judge *j, const struct ledger_event *e, const char *name, size_t n,
                   size_t of)
{
    j->missing += n;
    if (n > 0 && j->missing > j->may_miss)
        judge_differ(j, "%s: %zu of %zu records are missing, the first is line %llu", name, n, of,
                     (unsigned long long)e->records[0].line);
}

void judge_copies(struct judge *j, struct ledger_event *e, const char *name)
{
    struct search s = {.kinds = mem_calloc(e->n_records, sizeof(struct kind))};
    size_t missing = 0;

    for (size_t i = 0; i < e->n_records; i++) {
        const struct ledger_record *r = &e->records[i];
        struct kind *k;

        if (r->eoe) {
            s.n_eoe += 1 + MORE_MAX;
            continue;
        }
        k = kind_of(&s, r->hash);
        k->fed++;
        k->answered += j->partly ? r->line <= j->required : r->answered || !j->only_answered;
        k->there += r->covered; /* in the dead letters */
    }
    for (size_t i = 0; i < e->n_docs; i++) {
        j->late_parts += e->docs[i].part > 1;
        s.doc = &e->docs[i];
        if (!found(&s)) {
            judge_differ(j, "%s: its %llu records are not those that were fed (%zu, EOE included)",
                         s.doc->id, (unsigned long long)s.doc->records, e->n_records);
            free(s.kinds);
            return;
        }
        for (size_t k = 0; k < s.n; k++)
            s.kinds[k].there += s.kinds[k].now;
    }
    for (size_t i = 0; i < s.n; i++) {
        const struct kind *k = &s.kinds[i];

        if (k->there > k->fed)
            j->doubled += k->there - k->fed;
        if (k->there < k->answered)
            missing += k->answered - k->there;
        if (k->there < k->fed)
            j->unseen += k->fed - (k->there > k->answered ? k->there : k->answered);
    }
    judge_missing(j, e, name, missing, e->n_records);
    free(s.kinds);
}
