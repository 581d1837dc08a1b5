/* SPDX-License-Identifier: Apache-2.0 */
/* What the journal must hold, kept where its files can't take it along: in memory that outlives the
 * process (hand.h) and is written with plain stores. So a start sees that the end of the last
 * segment, or the first one, is gone. All zero: nothing is known. */
#ifndef OMAUDITJSON_JOURNAL_TALLY_H
#define OMAUDITJSON_JOURNAL_TALLY_H

#include <stdint.h>

struct journal_tally {
    uint64_t boot;    /* which run of the machine; after another one the numbers may be old */
    uint64_t first;   /* sequence number that the oldest segment begins with */
    uint64_t next;    /* of the next record */
    uint64_t undone;  /* records not finished with, */
    uint64_t marking; /* and how many of these are being marked as such just now */
};

#endif
