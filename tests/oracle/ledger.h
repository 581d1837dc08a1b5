/* SPDX-License-Identifier: Apache-2.0 */
/* What the oracle knows: for each event (node, time, serial) the records that were fed for it and
 * the documents that came out for it. Owns all of it; judges nothing. */
#ifndef TESTS_ORACLE_LEDGER_H
#define TESTS_ORACLE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xxhash.h>

struct ledger_record {
    uint64_t hash; /* XXH3_64bits from "type=" up to 0x1d */
    uint64_t line; /* its place in all that was fed, from 1 */
    bool eoe;
    bool covered;  /* found in a document or the dead letters */
    bool answered; /* judge_answered() was told of it */
};

struct ledger_doc {
    char *id;
    unsigned part;
    uint64_t digest;  /* HASH16 of the id */
    uint64_t records; /* details.records */
    uint64_t times;   /* how often it came */
    bool by_end;      /* details.complete is eoe or type */
    bool dead;        /* from the dead letters */
    XXH128_hash_t bytes;
};

struct ledger_event {
    char *node; /* "": the records have none */
    int64_t sec;
    unsigned ms;
    uint64_t serial;
    uint64_t first_end; /* line of its first record that may end an event, or 0 */
    struct ledger_record *records;
    size_t n_records;
    struct ledger_doc *docs; /* one an id, in order of first arrival */
    size_t n_docs;
    struct ledger_event *next; /* in its bucket */
};

struct ledger {
    struct ledger_event **buckets;
    size_t n_buckets;
    struct ledger_event **events; /* in order of first appearance */
    size_t n_events;
    uint64_t lines;         /* fed, blank ones not counted */
    uint64_t records;       /* fed lines that are records */
    uint64_t eoe;           /* of them EOE */
    XXH128_hash_t *garbage; /* fed lines that are none */
    size_t n_garbage;
    size_t n_garbage_answered; /* these come first */
};

void ledger_init(struct ledger *l);
void ledger_done(struct ledger *l);

/* One line as it was fed or dead-lettered, taken apart. node is "" when there is none. */
struct ledger_line {
    char node[256];
    int64_t sec;
    unsigned ms;
    uint64_t serial;
    uint64_t hash;
    bool eoe;
    bool may_end; /* not a type that never ends an event */
};

/* False: no record in canonical form ("[prefix ][node=N ]type=T msg=audit(S.MMM:SERIAL): ..."). */
bool ledger_parse_line(const char *line, size_t len, struct ledger_line *ret);

/* A fed line (no LF). */
void ledger_feed(struct ledger *l, const char *line, size_t len);

/* NULL: not there. */
struct ledger_event *ledger_find(struct ledger *l, const char *node, int64_t sec, unsigned ms,
                                 uint64_t serial);

/* HASH16 of records whose hashes sum to sum. */
uint64_t ledger_finish(uint64_t sum);

#endif
