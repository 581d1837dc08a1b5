/* SPDX-License-Identifier: Apache-2.0 */
/* What stands before the body of a record's line, and whether the rule makes it of node, time,
 * serial and type. Plain values. */
#ifndef OMAUDITJSON_FORMAT_RECORDS_RECORDS_HEAD_H
#define OMAUDITJSON_FORMAT_RECORDS_RECORDS_HEAD_H

#include "event/event.h"

struct records_head {
    char text[96]; /* behind the type */
    size_t len;    /* 0: nothing makes it */
};

void records_head_make(struct records_head *h, const struct event *ev);
bool records_head_is_plain(const struct records_head *h, const struct event *ev,
                           const struct event_record *rec);

#endif
