/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/receivers/eventid.h"

#include "base/hex.h"
#include "deliver/receivers/common.h"

#define COLONS 4 /* behind the node, which has none: it is encoded */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

void eventid_read(const struct deliver_event *ev, struct eventid *ret)
{
    const char *end = ev->id + ev->id_len, *p = end;
    int64_t sec = 0;
    unsigned ms = 0;

    *ret = (struct eventid){.node = "", .node_len = 0};
    for (unsigned colons = 0; colons < COLONS;) {
        if (p == ev->id)
            return;
        colons += *--p == ':';
    }
    ret->node = ev->id;
    ret->node_len = (size_t)(p - ev->id);
    for (p++; p < end && is_digit(*p); p++)
        sec = sec > EVENTID_SEC_MAX ? sec : sec * 10 + (*p - '0');
    if (p == end || *p != '.')
        return;
    p++;
    for (unsigned i = 0; i < 3; i++)
        ms = ms * 10 + (p < end && is_digit(*p) ? (unsigned)(*p++ - '0') : 0);
    ret->sec = sec > EVENTID_SEC_MAX ? EVENTID_SEC_MAX : sec;
    ret->ms = ms;
}

/* The byte that stands at p; *len is how much of the text it takes. -1: none that can be shown. */
static int decode(const char *p, size_t left, size_t *len)
{
    int high, low;

    *len = 1;
    if (*p != '%')
        return *p >= ' ' && *p < 0x7f ? *p : -1;
    if (left < 3 || (high = hex_digit(p[1])) < 0 || (low = hex_digit(p[2])) < 0)
        return -1;
    *len = 3;
    return high * 16 + low >= ' ' && high * 16 + low < 0x7f ? high * 16 + low : -1;
}

int eventid_put_host(const struct eventid *id, struct buf *body)
{
    size_t len;
    int r = 0;

    for (size_t i = 0; i < id->node_len; i += len)
        if (decode(id->node + i, id->node_len - i, &len) < 0)
            return common_put_escaped(body, id->node, id->node_len);
    for (size_t i = 0; i < id->node_len && r == 0; i += len) {
        char c = (char)decode(id->node + i, id->node_len - i, &len);

        r = common_put_escaped(body, &c, 1);
    }
    return r;
}
