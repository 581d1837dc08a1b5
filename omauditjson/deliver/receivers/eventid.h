/* SPDX-License-Identifier: Apache-2.0 */
/* What the id of an event says, NODE:SEC.MMM:SERIAL:PART:DIGEST: its time and its host. Receivers
 * take both from the id, not from the document: the document's form depends on the format, and a
 * dead letter that is sent again has only these two. Keeps nothing. */
#ifndef OMAUDITJSON_DELIVER_RECEIVERS_EVENTID_H
#define OMAUDITJSON_DELIVER_RECEIVERS_EVENTID_H

#include "deliver/receivers/receiver.h"

#define EVENTID_SEC_MAX INT64_C(253402300799) /* the end of 9999 */

struct eventid {
    int64_t sec;      /* since 1970, at most EVENTID_SEC_MAX; 0 when the id does not say */
    unsigned ms;      /* 0 to 999 */
    const char *node; /* as the id encodes it, %XX; borrowed; "" when the id does not say */
    size_t node_len;
};

/* Any text is read; one of another form gives zeros. */
void eventid_read(const struct deliver_event *ev, struct eventid *ret);

/* The node into a JSON string, without the quotes: decoded if that gives printable ASCII, as the id
 * has it otherwise. At most twice node_len bytes. 0 or -errno. */
int eventid_put_host(const struct eventid *id, struct buf *body);

#endif
