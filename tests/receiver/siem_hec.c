/* SPDX-License-Identifier: Apache-2.0 */
/* Splunk's HTTP Event Collector [Splunk, "Format events for HTTP Event Collector", "Troubleshoot
 * HTTP Event Collector"]. The token is 5EC2E7. "missing" is an index that does not exist. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "siem.h"

static unsigned answer(struct siem_take *t, unsigned status, int code, const char *text,
                       long number)
{
    (void)buf_printf(t->answer, "{\"text\":\"%s\",\"code\":%d", text, code);
    if (number >= 0)
        (void)buf_printf(t->answer, ",\"invalid-event-number\":%ld", number);
    (void)buf_append_char(t->answer, '}');
    if (status != 200)
        (void)buf_append_str(t->why, text);
    return status;
}

/* The members before the event, each as it has to be: time, host, source, sourcetype, perhaps
 * index. */
static bool envelope_is_good(struct siem_scan *s, struct buf *index)
{
    struct buf text = BUF_INIT(4096);
    size_t sec = 0;
    size_t ms = 0;
    bool good = siem_literal(s, "{\"time\":") && siem_digits(s, &sec) && siem_literal(s, ".") &&
                siem_digits(s, &ms) && ms == 3 && siem_literal(s, ",\"host\":") &&
                siem_string(s, &text) && text.len > 0 && siem_literal(s, ",\"source\":") &&
                siem_string(s, &text) && text.len > 0 && siem_literal(s, ",\"sourcetype\":") &&
                siem_string(s, &text) && text.len > 0;
    if (good && siem_literal(s, ",\"index\":"))
        good = siem_string(s, index) && index->len > 0;
    buf_done(&text);
    return good && siem_literal(s, ",\"event\":");
}

static unsigned take_events(struct siem_take *t)
{
    struct siem_scan s = {t->request->body->data, t->request->body->data + t->request->body->len};
    struct buf index = BUF_INIT(4096);
    unsigned status = 200;
    while (s.p < s.end && status == 200) {
        const char *doc;
        size_t len;
        buf_truncate(&index, 0);
        struct json_object *o = envelope_is_good(&s, &index) ? siem_object(&s, &doc, &len) : NULL;
        if (o == NULL || !siem_literal(&s, "}"))
            status = answer(t, 400, 6, "Invalid data format", t->n);
        else if (strcmp(buf_cstr(&index), "missing") == 0)
            status = answer(t, 400, 7, "Incorrect index", t->n);
        else if (siem_refuses(t, doc, len))
            status = answer(t, 400, 6, "Invalid data format", t->n);
        else
            t->fn(t->ctx, doc, len, o);
        if (status == 200)
            t->n++;
        json_object_put(o);
    }
    buf_done(&index);
    return status == 200 ? answer(t, 200, 0, "Success", -1) : status;
}

unsigned siem_hec_take(struct siem_take *t)
{
    const struct siem_request *r = t->request;
    if (strcmp(r->path, "/services/collector/event") != 0)
        return answer(t, 404, 404, "The requested URL was not found on this server.", -1);
    if (r->authorization == NULL)
        return answer(t, 401, 2, "Token is required", -1);
    if (strncmp(r->authorization, "Splunk ", 7) != 0)
        return answer(t, 401, 3, "Invalid authorization", -1);
    if (strcmp(r->authorization + 7, "D15AB1ED") == 0)
        return answer(t, 403, 1, "Token is disabled", -1);
    if (strcmp(r->authorization + 7, "5EC2E7") != 0)
        return answer(t, 403, 4, "Invalid token", -1);
    if (r->type == NULL || strcmp(r->type, "application/json") != 0)
        return answer(t, 415, 6, "Unsupported media type", -1);
    if (t->busy)
        return answer(t, 503, 9, "Server is busy", -1);
    if (r->body->len == 0)
        return answer(t, 400, 5, "No data", -1);
    return take_events(t);
}
