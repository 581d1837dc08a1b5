/* SPDX-License-Identifier: Apache-2.0 */
/* After a start: what the journal says of a former life. Refills the memory of repeats, and makes
 * batches that were sealed but not finished again exactly as they were, because the receiver may
 * have them already. Part of the engine. */
#ifndef OMAUDITJSON_ENGINE_RESUME_H
#define OMAUDITJSON_ENGINE_RESUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/emit.h"
#include "engine/stores.h"

struct resumed {
    uint64_t *seqs; /* records that went into batches that were formed again, ascending; the caller
                     * frees them, in any case */
    size_t n;
    int64_t arrival_ms; /* of the latest record in the journal, by the input clock */
};

/* Read the journal, whose deliver is open. marks_whole: no SEAL can be missing. 0 or -errno
 * (logged). */
int resume_run(struct stores *st, struct emitter *em, bool marks_whole, struct resumed *ret);

#endif
