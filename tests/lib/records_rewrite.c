/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "records_rewrite.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SEPARATOR '\x1d'

static void add(struct buf *out, struct json_object *o)
{
    buf_append(out, json_object_get_string(o), (size_t)json_object_get_string_len(o));
}

size_t records_rewrite_count(struct json_object *doc)
{
    struct json_object *records = json_object_object_get(doc, "records");

    return records ? json_object_array_length(records) : 0;
}

/* Does `truncated` have an entry that begins with that? */
static bool is_cut(struct json_object *doc, const char *prefix)
{
    struct json_object *list = json_object_object_get(doc, "truncated");

    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        const char *entry = json_object_get_string(json_object_array_get_idx(list, i));

        if (strncmp(entry, prefix, strlen(prefix)) == 0)
            return true;
    }
    return false;
}

bool records_rewrite_fewer(struct json_object *doc)
{
    return is_cut(doc, "records[]=");
}

static bool record_is_cut(struct json_object *doc, size_t i)
{
    static const char *const members[] = {"type", "text",     "fields", "msg_text",
                                          "msg",  "enriched", "raw"};
    char prefix[64];

    if (is_cut(doc, "node=") || is_cut(doc, "other_values="))
        return true;
    for (size_t k = 0; k < sizeof(members) / sizeof(members[0]); k++) {
        snprintf(prefix, sizeof(prefix), "records[%zu].%s", i, members[k]);
        if (is_cut(doc, prefix))
            return true;
    }
    return false;
}

static bool decode_base64(struct json_object *o, struct buf *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *p = json_object_get_string(o);
    size_t n = (size_t)json_object_get_string_len(o);
    unsigned bits = 0;
    int have = 0;

    for (size_t i = 0; i < n && p[i] != '='; i++) {
        const char *digit = strchr(digits, p[i]);

        if (!digit)
            return false;
        bits = (bits << 6 | (unsigned)(digit - digits)) & 0xffffff;
        have += 6;
        if (have >= 8) {
            have -= 8;
            buf_append_char(out, (char)(bits >> have & 255));
        }
    }
    return n % 4 == 0;
}

/* "2026-11-22T14:01:22.637+00:00": 1795356082.637 */
static bool add_time(struct json_object *doc, struct buf *out)
{
    const char *text = json_object_get_string(json_object_object_get(doc, "time"));
    struct tm tm = {0};
    unsigned ms;

    if (!text || sscanf(text, "%d-%d-%dT%d:%d:%d.%3u+00:00", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
                        &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &ms) != 7)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon--;
    buf_printf(out, "%lld.%03u", (long long)timegm(&tm), ms);
    return true;
}

/* NAME=VALUE with one blank between two; what follows "#" in a key is no part of the name. */
static void add_fields(struct json_object *fields, bool *first, struct buf *out)
{
    json_object_object_foreach(fields, key, value)
    {
        if (!*first)
            buf_append_char(out, ' ');
        *first = false;
        buf_append(out, key, strcspn(key, "#"));
        buf_append_char(out, '=');
        add(out, value);
    }
}

static void add_part(struct json_object *rec, const char *text_key, const char *fields_key,
                     bool *first, struct buf *out)
{
    struct json_object *o;

    if (json_object_object_get_ex(rec, text_key, &o)) {
        add(out, o);
        *first = false;
    }
    if (json_object_object_get_ex(rec, fields_key, &o))
        add_fields(o, first, out);
}

static const char *rewrite(struct json_object *doc, struct json_object *rec, bool enriched,
                           struct buf *out)
{
    struct json_object *o;
    bool first = true, first_inside = true;

    if (json_object_object_get_ex(doc, "node", &o)) {
        buf_append_str(out, "node=");
        add(out, o);
        buf_append_char(out, ' ');
    }
    buf_append_str(out, "type=");
    add(out, json_object_object_get(rec, "type"));
    buf_append_str(out, " msg=audit(");
    if (!add_time(doc, out))
        return "no time";
    buf_append_char(out, ':');
    add(out, json_object_object_get(doc, "serial"));
    buf_append_str(out, "): ");
    add_part(rec, "text", "fields", &first, out);
    if (json_object_object_get_ex(rec, "msg", &o)) {
        buf_append_str(out, first ? "msg='" : " msg='");
        add_part(rec, "msg_text", "msg", &first_inside, out);
        buf_append_char(out, '\'');
    }
    if (enriched && json_object_object_get_ex(rec, "enriched", &o)) {
        buf_append_char(out, SEPARATOR);
        first = true;
        add_fields(o, &first, out);
    }
    return NULL;
}

const char *records_rewrite(struct json_object *doc, size_t i, bool enriched, struct buf *out)
{
    struct json_object *rec = json_object_array_get_idx(json_object_object_get(doc, "records"), i);
    struct json_object *o;
    const char *wrong = NULL;
    size_t from = out->len;
    char *separator;

    if (json_object_object_get_ex(rec, "raw", &o))
        add(out, o);
    else if (!json_object_object_get_ex(rec, "raw_base64", &o))
        wrong = rewrite(doc, rec, enriched, out);
    else if (!decode_base64(o, out) && !record_is_cut(doc, i))
        wrong = "bad base64";
    if (wrong)
        return wrong;
    separator =
        enriched || out->len == from ? NULL : memchr(out->data + from, SEPARATOR, out->len - from);
    if (separator)
        buf_truncate(out, (size_t)(separator - out->data));
    return record_is_cut(doc, i) ? "cut" : NULL;
}
