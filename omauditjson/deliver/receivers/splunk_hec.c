/* SPDX-License-Identifier: Apache-2.0 */
/* Splunk's HTTP Event Collector. Events follow each other without a separator, each with its time,
 * host, source, sourcetype and index. An answer has a code [Splunk, "Troubleshoot HTTP Event
 * Collector", possible error codes]. */
#include "config.h"
#include "deliver/receivers/common.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "conf/conf.h"
#include "deliver/receivers/eventid.h"

enum {
    CODE_OK = 0,
    CODE_TOKEN_DISABLED = 1,
    CODE_TOKEN_REQUIRED = 2,
    CODE_INVALID_AUTHORIZATION = 3,
    CODE_INVALID_TOKEN = 4,
    CODE_NO_DATA = 5,
    CODE_INVALID_FORMAT = 6,
    CODE_INCORRECT_INDEX = 7,
    CODE_INTERNAL = 8,
    CODE_BUSY = 9,
    CODE_CHANNEL_MISSING = 10,
    CODE_CHANNEL_INVALID = 11,
    CODE_EVENT_REQUIRED = 12,
    CODE_EVENT_BLANK = 13,
    CODE_INDEXED_FIELDS = 15,
};

/* -- the request ------------------------------------------------------------------------------- */

static int put_event(const struct conf *conf, const struct deliver_event *ev, struct buf *body)
{
    struct eventid id;
    int r = buf_append_char(body, '{');

    eventid_read(ev, &id);
    if (r == 0 && id.sec > 0)
        r = buf_printf(body, "\"time\":%" PRId64 ".%03u,", id.sec, id.ms);
    if (r == 0 && id.node_len > 0) {
        r = buf_append_str(body, "\"host\":\"");
        r = r == 0 ? eventid_put_host(&id, body) : r;
        r = r == 0 ? buf_append_str(body, "\",") : r;
    }
    if (r == 0)
        r = buf_printf(body, "\"source\":\"%s\",\"sourcetype\":\"%s\",", conf->source,
                       conf->sourcetype);
    if (r == 0 && conf->index)
        r = buf_printf(body, "\"index\":\"%s\",", conf->index);
    if (r == 0)
        r = buf_append_str(body, "\"event\":");
    if (r == 0)
        r = buf_append(body, ev->doc, ev->doc_len);
    return r == 0 ? buf_append_char(body, '}') : r;
}

static int frame(const struct conf *conf, const struct deliver_event *events, size_t n,
                 struct buf *body, struct buf *headers)
{
    int r = 0;

    (void)headers;
    for (size_t i = 0; i < n && r == 0; i++)
        r = put_event(conf, &events[i], body);
    return r;
}

/* -- the answer -------------------------------------------------------------------------------- */

/* A whole number from 0 on; -1: there is none. */
static int64_t number_of(struct json_object *answer, const char *key)
{
    struct json_object *number;

    if (!json_object_object_get_ex(answer, key, &number) ||
        !json_object_is_type(number, json_type_int))
        return -1;
    return json_object_get_int64(number);
}

/* What the operator can do about a code; NULL: it is nothing of the operator's. */
static const char *advice_for(int64_t code)
{
    switch (code) {
    case CODE_TOKEN_DISABLED:
        return "the HEC token is disabled: enable it in Splunk, or set another one in header";
    case CODE_TOKEN_REQUIRED:
    case CODE_INVALID_AUTHORIZATION:
    case CODE_INVALID_TOKEN:
        return "set a valid HEC token: header = Authorization: Splunk TOKEN";
    case CODE_INCORRECT_INDEX:
        return "create the index in Splunk, allow it for the HEC token, or correct index";
    case CODE_CHANNEL_MISSING:
    case CODE_CHANNEL_INVALID:
        return "the HEC token requires indexer acknowledgement: disable it for this token in "
               "Splunk";
    default:
        return NULL;
    }
}

/* Splunk reads the events in order and stops at the first that it cannot take: those before it are
 * stored, those behind it are not. */
static bool judge_number(int64_t number, size_t n, struct verdict *v)
{
    if (number < 0 || (uint64_t)number >= n)
        return false;
    for (size_t i = 0; i < n; i++)
        v->item[i] = i < (size_t)number    ? OUTCOME_DELIVERED
                     : i == (size_t)number ? OUTCOME_REJECT
                                           : OUTCOME_RETRY;
    v->by_item = true;
    v->whole = number > 0 ? OUTCOME_DELIVERED : OUTCOME_REJECT;
    return true;
}

static void judge_code(int64_t code, int64_t number, size_t n, struct verdict *v)
{
    v->advice = advice_for(code);
    if (v->advice) {
        v->whole = OUTCOME_HOLD;
        return;
    }
    switch (code) {
    case CODE_NO_DATA: /* there was some: the body was lost on the way */
    case CODE_INTERNAL:
    case CODE_BUSY:
        v->whole = OUTCOME_RETRY;
        break;
    case CODE_INVALID_FORMAT:
    case CODE_EVENT_REQUIRED:
    case CODE_EVENT_BLANK:
    case CODE_INDEXED_FIELDS:
        if (!judge_number(number, n, v))
            v->whole = OUTCOME_REJECT;
        break;
    default: /* the status says it */
        break;
    }
}

/* The collector of OpenTelemetry answers "OK" without a code [its splunkhecreceiver]. */
static bool says_ok(struct json_object *answer, int64_t code)
{
    return code == CODE_OK || (json_object_is_type(answer, json_type_string) &&
                               strcmp(json_object_get_string(answer), "OK") == 0);
}

static void judge(const struct answer *a, size_t n, struct verdict *v)
{
    struct json_object *answer = common_parse(a);
    int64_t code = number_of(answer, "code");

    v->whole = common_outcome(a->status);
    if (v->whole == OUTCOME_DELIVERED) {
        if (!says_ok(answer, code)) {
            v->whole = OUTCOME_RETRY;
            v->fault = "its answer does not say that the events were accepted (code 0)";
        }
    } else if (code > CODE_OK &&
               (a->status == 400 || a->status == 401 || a->status == 403 || a->status >= 500)) {
        judge_code(code, number_of(answer, "invalid-event-number"), n, v);
    }
    json_object_put(answer);
}

const struct receiver receiver_splunk_hec = {
    .name = "splunk-hec",
    .via = RECEIVER_VIA_HTTP,
    .content_type = "application/json",
    .path = "/services/collector/event",
    .add_path = true,
    .compress = true,
    .frame = frame,
    .judge = judge,
};
