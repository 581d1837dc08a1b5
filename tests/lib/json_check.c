/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "json_check.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "format/json/utf8.h"

struct key {
    const char *p;
    size_t len;
};

struct scan {
    const char *p;
    const char *end;
};

static bool twice(struct scan *s);

/* The text is valid JSON already: only keys are looked for. */
static struct key string(struct scan *s)
{
    struct key k = {.p = ++s->p};

    while (*s->p != '"')
        s->p += *s->p == '\\' ? 2 : 1;
    k.len = (size_t)(s->p - k.p);
    s->p++;
    return k;
}

static bool object(struct scan *s)
{
    struct key *keys = NULL;
    size_t n = 0;
    bool found = false;

    s->p++;
    while (*s->p != '}' && !found) {
        if (*s->p == ',')
            s->p++;
        keys = mem_realloc_array(keys, n + 1, sizeof(*keys));
        keys[n] = string(s);
        for (size_t i = 0; i < n && !found; i++)
            found = keys[i].len == keys[n].len && memcmp(keys[i].p, keys[n].p, keys[n].len) == 0;
        n++;
        s->p++; /* the colon */
        found = found || twice(s);
    }
    s->p++;
    free(keys);
    return found;
}

static bool twice(struct scan *s)
{
    if (*s->p == '{')
        return object(s);
    if (*s->p == '"') {
        string(s);
        return false;
    }
    if (*s->p != '[') {
        while (s->p < s->end && !strchr(",]}", *s->p))
            s->p++;
        return false;
    }
    s->p++;
    while (*s->p != ']') {
        if (*s->p == ',')
            s->p++;
        if (twice(s))
            return true;
    }
    s->p++;
    return false;
}

const char *json_check(const char *text, size_t len, struct json_object **ret)
{
    struct json_tokener *tok = json_tokener_new_ex(16);
    struct scan s = {.p = text, .end = text + len};
    const char *wrong = NULL;
    struct json_object *o;

    json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    o = json_tokener_parse_ex(tok, text, (int)len);
    if (!o || json_tokener_get_error(tok) != json_tokener_success)
        wrong = json_tokener_error_desc(json_tokener_get_error(tok));
    else if (json_tokener_get_parse_end(tok) != len || !json_object_is_type(o, json_type_object))
        wrong = "not one object";
    else if (memchr(text, '\n', len))
        wrong = "a line feed";
    else if (!utf8_valid(text, len))
        wrong = "not UTF-8";
    else if (text[0] != '{' || twice(&s))
        wrong = "the same key twice";
    json_tokener_free(tok);
    if (ret)
        *ret = o;
    else
        json_object_put(o);
    return wrong;
}
