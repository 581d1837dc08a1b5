/* SPDX-License-Identifier: Apache-2.0 */
/* Damaged files of the journal whose records are to be sent: `omauditjson journal salvage` has
 * moved them into state_dir/salvage. Taken up at the start, at SIGHUP and every few seconds, a file
 * at a time and whole, as the window has room; then it is NAME.done and never looked at again. Part
 * of the engine. */
#ifndef OMAUDITJSON_ENGINE_SALVAGE_H
#define OMAUDITJSON_ENGINE_SALVAGE_H

#include <stdint.h>

#include "engine/pipeline.h"
#include "engine/stores.h"

#define SALVAGE_DIR "salvage"
#define SALVAGE_DONE ".done"

struct salvage;

struct salvage *salvage_new(struct stores *s, struct pipeline *p); /* both are borrowed */
void salvage_free(struct salvage *sv);

/* Look for files when it is time. */
void salvage_run(struct salvage *sv, int64_t now_ms);
int64_t salvage_next_ms(const struct salvage *sv);
void salvage_look_soon(struct salvage *sv);

#endif
