/* SPDX-License-Identifier: Apache-2.0 */
/* The members of `details` that are arrays of strings. Each is bounded and notes what it left
 * out. */
#ifndef OMAUDITJSON_FORMAT_AUDISP_AUDISP_LISTS_H
#define OMAUDITJSON_FORMAT_AUDISP_AUDISP_LISTS_H

#include "format/written.h"

void audisp_lists_argv(struct written *d);
void audisp_lists_ancestors(struct written *d);
void audisp_lists_keys(struct written *d); /* only where there are several */
void audisp_lists_types(struct written *d);

#endif
