/* SPDX-License-Identifier: Apache-2.0 */
/* Elasticsearch: see bulk.h. */
#include "config.h"
#include "deliver/receivers/bulk.h"

const struct receiver receiver_elasticsearch = {
    .name = "elasticsearch",
    .via = RECEIVER_VIA_HTTP,
    .content_type = "application/x-ndjson",
    .path = "/INDEX/_bulk",
    .query = BULK_QUERY,
    .compress = true,
    .frame = bulk_frame,
    .judge = bulk_judge,
};
