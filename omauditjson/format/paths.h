/* SPDX-License-Identifier: Apache-2.0 */
/* The array `paths`: an object for each PATH record, members as paths.def has them. */
#ifndef OMAUDITJSON_FORMAT_PATHS_H
#define OMAUDITJSON_FORMAT_PATHS_H

#include "format/written.h"

/* Write "paths":[...] where there is a PATH record, and mark what it has. */
void paths_write(struct written *d);

#endif
