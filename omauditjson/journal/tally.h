/* SPDX-License-Identifier: Apache-2.0 */
/* What the journal must contain, kept outside its files: in memory that outlives the process
 * (scoreboard.h), written with plain stores. A start uses it to detect that the end of the last
 * segment, or the first segment, is missing. All zero: unknown. */
#ifndef OMAUDITJSON_JOURNAL_TALLY_H
#define OMAUDITJSON_JOURNAL_TALLY_H

#include <stdint.h>

struct journal_tally {
    uint64_t boot;    /* boot of the machine; after another one the numbers can be stale */
    uint64_t first;   /* sequence number that the oldest segment begins with */
    uint64_t next;    /* of the next record */
    uint64_t undone;  /* records not finished with, */
    uint64_t marking; /* and how many of these are being marked as such just now */
};

#endif
