/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "json_check.h"

#include <json-c/json.h>
#include <string.h>

#include "../receiver/strict.h"

/* Not in json-c's strict mode: version 0.18 refuses what is not ASCII there [json-c, issue 892]. */
static struct json_object *parse(const char *text, size_t len)
{
    struct json_tokener *tok = json_tokener_new_ex(16);
    struct json_object *o = json_tokener_parse_ex(tok, text, (int)len);

    if (json_tokener_get_error(tok) != json_tokener_success ||
        json_tokener_get_parse_end(tok) != len) {
        json_object_put(o);
        o = NULL;
    }
    json_tokener_free(tok);
    return o;
}

const char *json_check(const char *text, size_t len, struct json_object **ret)
{
    const char *repeated, *wrong;
    size_t at, repeated_len;
    struct json_object *o;

    if (ret)
        *ret = NULL;
    wrong = strict_json_object(text, len, &at, &repeated, &repeated_len);
    if (wrong)
        return wrong;
    if (text[0] != '{' || text[len - 1] != '}')
        return "not one object";
    if (memchr(text, '\n', len))
        return "a line feed";
    if (repeated)
        return "the same key twice";
    o = parse(text, len);
    if (!o)
        return "json-c cannot read it";
    if (ret)
        *ret = o;
    else
        json_object_put(o);
    return NULL;
}
