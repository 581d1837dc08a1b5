/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/receivers/bulk.h"

#include <json-c/json.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/conf_index.h"
#include "deliver/receivers/common.h"
#include "deliver/receivers/eventid.h"

/* -- the request ------------------------------------------------------------------------------- */

static int put_action(const struct conf *conf, const struct deliver_event *ev, struct buf *body)
{
    char index[CONF_INDEX_SIZE];
    int r = buf_append_str(body, "{\"create\":{");

    if (r == 0 && conf->index) {
        struct eventid id;

        eventid_read(ev, &id);
        r = conf_index_name(conf->index, id.sec, index);
        if (r == 0)
            r = buf_printf(body, "\"_index\":\"%s\",", index);
    }
    if (r == 0)
        r = buf_append_str(body, "\"_id\":\"");
    if (r == 0)
        r = common_put_escaped(body, ev->id, ev->id_len);
    return r == 0 ? buf_append_str(body, "\"}}\n") : r;
}

int bulk_frame(const struct conf *conf, const struct deliver_event *events, size_t n,
               struct buf *body, struct buf *headers)
{
    int r = 0;

    (void)headers;
    for (size_t i = 0; i < n && r == 0; i++) {
        r = put_action(conf, &events[i], body);
        if (r == 0)
            r = buf_append(body, events[i].doc, events[i].doc_len);
        if (r == 0)
            r = buf_append_char(body, '\n');
    }
    return r;
}

/* -- the answer -------------------------------------------------------------------------------- */

static const char *error_type(struct json_object *result)
{
    struct json_object *error, *type;

    if (!json_object_object_get_ex(result, "error", &error) ||
        !json_object_object_get_ex(error, "type", &type) ||
        !json_object_is_type(type, json_type_string))
        return "";
    return json_object_get_string(type);
}

/* What became of one event; HOLD for what the operator must correct. -1: the item does not say. */
static int judge_item(struct json_object *item, long *status, bool *known)
{
    struct json_object_iterator at;
    struct json_object *result, *number;
    const char *type;

    *known = false;
    if (!json_object_is_type(item, json_type_object) || json_object_object_length(item) != 1)
        return -1;
    at = json_object_iter_begin(item);
    result = json_object_iter_peek_value(&at);
    if (!json_object_is_type(result, json_type_object) ||
        !json_object_object_get_ex(result, "status", &number) ||
        !json_object_is_type(number, json_type_int))
        return -1;
    *status = json_object_get_int(number);
    if (*status < 200 || *status > 599 || (*status >= 300 && *status < 400))
        return -1;
    type = error_type(result);
    if (*status == 409) {
        *known = !*type || strcmp(type, "version_conflict_engine_exception") == 0;
        return *known ? OUTCOME_DELIVERED : OUTCOME_REJECT;
    }
    /* A disk that is nearly full makes an index read-only until there is room. */
    if (*status == 403 && strcmp(type, "cluster_block_exception") == 0)
        return OUTCOME_RETRY;
    if (*status == 413)
        return OUTCOME_REJECT;
    return (int)common_outcome(*status);
}

/* False: they do not say of each of the n events what became of it. */
static bool judge_items(struct json_object *items, size_t n, struct verdict *v)
{
    /* which outcome of an event says most of the receiver: the later one */
    static const enum outcome order[] = {OUTCOME_REJECT, OUTCOME_DELIVERED, OUTCOME_RETRY,
                                         OUTCOME_HOLD};
    size_t worst = 0;

    if (!json_object_is_type(items, json_type_array) || json_object_array_length(items) != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        size_t rank = 0;
        bool known;
        long status;
        int r = judge_item(json_object_array_get_idx(items, i), &status, &known);

        if (r < 0)
            return false;
        while (order[rank] != (enum outcome)r)
            rank++;
        if (rank > worst || i == 0) {
            worst = rank;
            v->status = order[rank] == OUTCOME_DELIVERED ? 0 : status;
        }
        v->known += known;
        v->item[i] = r == OUTCOME_HOLD ? OUTCOME_RETRY : (enum outcome)r;
    }
    v->whole = order[worst];
    v->by_item = true;
    return true;
}

void bulk_judge(const struct answer *a, size_t n, struct verdict *v)
{
    struct json_object *answer, *items;

    v->whole = common_outcome(a->status);
    if (v->whole != OUTCOME_DELIVERED)
        return;
    answer = common_parse(a);
    if (!json_object_object_get_ex(answer, "items", &items) || !judge_items(items, n, v)) {
        v->known = 0;
        v->status = 0;
        /* Half as many events make half as long an answer. */
        v->whole = a->cut && n > 1 ? OUTCOME_SPLIT : OUTCOME_RETRY;
        if (v->whole == OUTCOME_RETRY)
            v->fault = "its answer to _bulk does not say what became of each event";
    }
    json_object_put(answer);
}
