/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/receivers/common.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>

#define DEPTH 16 /* of an answer; an error may have causes */

int common_put_escaped(struct buf *body, const char *s, size_t len)
{
    size_t from = 0;
    int r = 0;

    for (size_t i = 0; i < len && r == 0; i++) {
        unsigned char c = (unsigned char)s[i];

        if (c >= ' ' && c != '"' && c != '\\')
            continue;
        r = buf_append(body, s + from, i - from);
        if (r == 0)
            r = c < ' ' ? buf_printf(body, "\\u%04x", c) : buf_printf(body, "\\%c", c);
        from = i + 1;
    }
    return r == 0 ? buf_append(body, s + from, len - from) : r;
}

struct json_object *common_parse(const struct answer *a)
{
    struct json_tokener *t = a->body_len <= INT_MAX ? json_tokener_new_ex(DEPTH) : NULL;
    struct json_object *o;

    if (!t)
        return NULL;
    o = json_tokener_parse_ex(t, a->body, (int)a->body_len);
    if (json_tokener_get_error(t) != json_tokener_success) {
        json_object_put(o);
        o = NULL;
    }
    json_tokener_free(t);
    return o;
}

int common_frame_one(const struct conf *conf, const struct deliver_event *events, size_t n,
                     struct buf *body, struct buf *headers)
{
    (void)conf;
    (void)headers;
    if (n != 1)
        return -EINVAL;
    return buf_append(body, events->doc, events->doc_len);
}

int common_frame_lines(const struct conf *conf, const struct deliver_event *events, size_t n,
                       struct buf *body, struct buf *headers)
{
    int r = 0;

    (void)conf;
    (void)headers;
    for (size_t i = 0; i < n && r == 0; i++) {
        r = buf_append(body, events[i].doc, events[i].doc_len);
        if (r == 0)
            r = buf_append_char(body, '\n');
    }
    return r;
}

enum outcome common_outcome(long status)
{
    switch (status) {
    case 401:
    case 403:
    case 404:
    case 407:
        return OUTCOME_HOLD;
    case 408:
    case 425:
    case 429:
        return OUTCOME_RETRY;
    case 413:
        return OUTCOME_SPLIT;
    default:
        break;
    }
    if (status >= 200 && status < 300)
        return OUTCOME_DELIVERED;
    if (status >= 300 && status < 400)
        return OUTCOME_HOLD; /* redirects are not followed: the URL is the operator's word */
    if (status >= 400 && status < 500)
        return OUTCOME_REJECT;
    return OUTCOME_RETRY;
}

void common_judge_status(const struct answer *a, size_t n, struct verdict *v)
{
    (void)n;
    v->whole = common_outcome(a->status);
    v->by_item = false;
}
