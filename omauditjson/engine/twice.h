/* SPDX-License-Identifier: Apache-2.0 */
/* The line that rsyslog itself sends twice. When its child has died between two transactions, it
 * finds out by a BEGIN that fails: it starts another child, sends the batch, and then the first of
 * its lines once more, in a transaction of its own [omprog.md 2.2; 8.2302 and 8.2608 do]. So that
 * one is a repeat: the same rsyslogd, a former life that ended between two transactions (the shared
 * page says so), the second transaction of this life, which holds one line, and that line is the
 * first of this life. It is stored as any other, and taken out again at its COMMIT. Part of the
 * engine. */
#ifndef OMAUDITJSON_ENGINE_TWICE_H
#define OMAUDITJSON_ENGINE_TWICE_H

#include <stdbool.h>
#include <stdint.h>

#include "input/omprog.h"

struct engine;

struct twice {
    bool expected;
    unsigned transactions; /* begun in this life */
    unsigned lines;        /* in this one */
    bool stored;           /* the one line, as a record: */
    uint64_t first, last;  /* digests of the first line of this life, and of this one */
    uint64_t number;       /* in the journal */
};

/* At the start: is it to be expected? */
void twice_start(struct engine *e, bool same_sender);

/* Each line, before it is answered. True: it is the COMMIT of that transaction, whose record has
 * been taken back. */
bool twice_line(struct engine *e, enum omprog_action action);

/* A record was stored. */
void twice_stored(struct engine *e, uint64_t digest, uint64_t number);

/* After the reply. */
void twice_answered(struct engine *e, enum omprog_action action);

#endif
