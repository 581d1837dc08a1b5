/* SPDX-License-Identifier: Apache-2.0 */
/* The _bulk interface of Elasticsearch and OpenSearch. Each event is preceded by a line with the
 * operation `create`, which data streams demand, the event's id as _id, and the index of option
 * `index`. The answer judges each event. 409 says that this id is stored already: an answer that
 * was lost, or a copy sent again, makes no second document. */
#ifndef OMAUDITJSON_DELIVER_RECEIVERS_BULK_H
#define OMAUDITJSON_DELIVER_RECEIVERS_BULK_H

#include "deliver/receivers/receiver.h"

/* Without it an answer repeats index, id and more for each event. */
#define BULK_QUERY "filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason"

int bulk_frame(const struct conf *conf, const struct deliver_event *events, size_t n,
               struct buf *body, struct buf *headers);

void bulk_judge(const struct answer *a, size_t n, struct verdict *v);

#endif
