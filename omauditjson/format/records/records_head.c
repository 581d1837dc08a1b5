/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/records/records_head.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define STAMP_MAX_S INT64_C(253402300799)
#define KEY(text) (text), sizeof(text) - 1

static bool skip(const char **p, const char *end, const char *text, size_t n)
{
    if ((size_t)(end - *p) < n || memcmp(*p, text, n) != 0)
        return false;
    *p += n;
    return true;
}

/* What stands between the type and the body of every line; nothing for a time that `time` can't
 * tell. */
void records_head_make(struct records_head *h, const struct event *ev)
{
    int n = snprintf(h->text, sizeof(h->text),
                     " msg=audit(%" PRId64 ".%03u:%" PRIu64 "): ", ev->sec, ev->ms, ev->serial);

    h->len = ev->sec >= 0 && ev->sec <= STAMP_MAX_S && n > 0 ? (size_t)n : 0;
}

/* Is the line's head what the rule makes of node, time, serial and type? */
bool records_head_is_plain(const struct records_head *h, const struct event *ev,
                           const struct event_record *rec)
{
    const struct event_line *l = rec->line;
    const char *p = l->line, *end = l->line + l->body;

    return h->len &&
           (!ev->node || (skip(&p, end, KEY("node=")) && skip(&p, end, ev->node, ev->node_len) &&
                          skip(&p, end, KEY(" ")))) &&
           skip(&p, end, KEY("type=")) && skip(&p, end, rec->type_name, rec->type_name_len) &&
           skip(&p, end, h->text, h->len) && p == end;
}
