/* SPDX-License-Identifier: Apache-2.0 */
/* The oracle's judgement: takes documents into a ledger, and in the end says what is wrong with
 * what came out. Owns nothing; the first differences are printed as they are found. */
#ifndef TESTS_ORACLE_JUDGE_H
#define TESTS_ORACLE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger.h"

#define JUDGE_SHOWN 10

struct judge {
    struct ledger ledger;
    bool exactly_once;
    bool ordered;
    bool allow_repeats;
    bool copies;                   /* equal records are counted */
    uint64_t may_miss;             /* so many records may be missing, of all */
    uint64_t doubled_max, doubled; /* records that came more often than they were fed */
    bool allow_twice;              /* the memory of repeats was made to fail */
    bool only_answered;            /* what judge_answered() was not told of may be missing */
    bool check_garbage;            /* the dead letters were given */
    bool partly;                   /* after a loss of power: */
    uint64_t required;             /* only the first so many lines must have come through, */
    uint64_t synced;  /* and events of later ones may have come with them and without */
    uint64_t arrived; /* documents, repeats too */
    uint64_t repeats;
    uint64_t dead; /* documents and lines in the dead letters */
    uint64_t documents;
    uint64_t late_parts;
    uint64_t missing;    /* records */
    uint64_t unseen;     /* records and garbage that were never answered, and are nowhere */
    uint64_t latest_end; /* the largest first_end of those that have arrived */
    uint64_t differences;
};

/* A received document. */
void judge_document(struct judge *j, const char *doc, size_t len);

/* A line of a dead-letter file. */
void judge_dead_letter(struct judge *j, const char *line, size_t len);

/* A fed line that was answered. Before the first document. */
void judge_answered(struct judge *j, const char *line, size_t len);

/* n of the event's records, of so many, are missing: a difference, unless so many may be. */
void judge_missing(struct judge *j, const struct ledger_event *e, const char *name, size_t n,
                   size_t of);

/* judge_copies.c: one event when equal records are counted. */
void judge_copies(struct judge *j, struct ledger_event *e, const char *name);

void judge_differ(struct judge *j, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Everything is in: compare, event by event. */
void judge_end(struct judge *j);

#endif
