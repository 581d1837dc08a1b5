/* SPDX-License-Identifier: Apache-2.0 */
/* Damaged files of the journal whose records are to be sent: `omauditjson journal salvage` has
 * moved them into state_dir/salvage. Taken up at the start, at SIGHUP and every few seconds, a file
 * at a time and whole, as the window has room; then it is NAME.done and never looked at again. Part
 * of the engine. */
#ifndef OMAUDITJSON_ENGINE_SALVAGE_H
#define OMAUDITJSON_ENGINE_SALVAGE_H

#include <stdint.h>

#define SALVAGE_DIR "salvage"
#define SALVAGE_DONE ".done"

struct engine;

/* Zeroed memory is one that has not looked yet. */
struct salvage {
    int64_t next_look_ms;
    int error; /* last one said to the log */
};

/* Look for files when it is time. */
void salvage_run(struct engine *e, int64_t now_ms);

#endif
