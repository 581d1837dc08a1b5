/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/schema.h"

#include <stdio.h>

#include "format/keys.h"

#define KEY(text) (text), sizeof(text) - 1

struct schema {
    const struct format_key *rows;
    struct buf *out;
    int depth;
};

const char *format_key_type_text(enum format_key_type type)
{
    switch (type) {
    case FORMAT_KEY_STRING:
        return "string";
    case FORMAT_KEY_STRINGS:
        return "array of strings";
    case FORMAT_KEY_INTEGER:
        return "integer";
    case FORMAT_KEY_INTEGERS:
        return "array of integers";
    case FORMAT_KEY_BOOLEAN:
        return "boolean";
    case FORMAT_KEY_OBJECT:
        return "object";
    case FORMAT_KEY_OBJECTS:
        return "array of objects";
    case FORMAT_KEY_LISTS:
        return "object of strings or arrays of strings";
    case FORMAT_KEY_MAP:
        return "object of strings";
    }
    return "";
}

/* -- text -------------------------------------------------------------------------------------- */

static void put(struct schema *s, const char *text)
{
    buf_append_str(s->out, text);
}

static void put_string(struct schema *s, const char *p, size_t n)
{
    struct json_string text = JSON_STRING(SCHEMA_MAX);
    struct json_writer w;

    json_init(&w, s->out, SCHEMA_MAX);
    json_string(&w, &text, p, n);
}

/* A new line with "NAME": on it, behind a comma where there was something before. */
static void put_name(struct schema *s, bool *first, const char *name, size_t len)
{
    put(s, *first ? "\n" : ",\n");
    *first = false;
    for (int i = 0; i < s->depth; i++)
        put(s, "  ");
    put_string(s, name, len);
    put(s, ": ");
}

static void put_member(struct schema *s, bool *first, const char *name, const char *value)
{
    put_name(s, first, name, strlen(name));
    put_string(s, value, strlen(value));
}

static void open_object(struct schema *s)
{
    put(s, "{");
    s->depth++;
}

static void close_object(struct schema *s)
{
    s->depth--;
    put(s, "\n");
    for (int i = 0; i < s->depth; i++)
        put(s, "  ");
    put(s, "}");
}

/* -- rows -------------------------------------------------------------------------------------- */

/* Is the row within the object of that path (of len bytes, 0: the document)? Then *name is the
 * member of that object in which it lies, and *whole: it is that member. */
static bool lies_in(const struct format_key *row, const char *path, size_t len, const char **name,
                    size_t *name_len, bool *whole)
{
    if (len && (strncmp(row->path, path, len) != 0 || row->path[len] != '.'))
        return false;
    *name = row->path + len + (len ? 1 : 0);
    *name_len = strcspn(*name, ".");
    *whole = (*name)[*name_len] == '\0';
    return true;
}

struct member {
    const char *path; /* of the row's path so many bytes */
    size_t path_len;
    const char *name;
    size_t name_len;
    const struct format_key *row;
    bool required;
};

/* The member that begins with row i of the object, all rows of it looked at; false: none does. */
static bool member_at(const struct schema *s, size_t i, const char *path, size_t len,
                      struct member *m)
{
    static const struct format_key only_members = {.type = FORMAT_KEY_OBJECT};
    const char *name;
    size_t n;
    bool whole;

    *m = (struct member){.row = &only_members};
    if (!lies_in(&s->rows[i], path, len, &m->name, &m->name_len, &whole))
        return false;
    m->path = s->rows[i].path;
    m->path_len = (size_t)(m->name + m->name_len - m->path);
    for (size_t k = 0; s->rows[k].path; k++) {
        if (!lies_in(&s->rows[k], path, len, &name, &n, &whole) || n != m->name_len ||
            memcmp(name, m->name, n) != 0)
            continue;
        if (k < i)
            return false;
        if (whole)
            m->row = &s->rows[k];
        else if (m->row != &only_members)
            continue; /* a required member of an optional object is not required of the document */
        m->required = m->required || s->rows[k].required;
    }
    return true;
}

/* -- schemas ----------------------------------------------------------------------------------- */

static void put_members(struct schema *s, bool *first, const char *path, size_t len);

static void put_required(struct schema *s, bool *first, const char *path, size_t len)
{
    bool none = true;
    struct member m;

    for (size_t i = 0; s->rows[i].path; i++) {
        if (!member_at(s, i, path, len, &m) || !m.required)
            continue;
        if (none)
            put_name(s, first, KEY("required"));
        put(s, none ? "[" : ", ");
        none = false;
        put_string(s, m.name, m.name_len);
    }
    if (!none)
        put(s, "]");
}

static void put_example(struct schema *s, bool *first, const struct format_key *row)
{
    if (!row->example)
        return;
    put_name(s, first, KEY("examples"));
    put(s, "[");
    if (row->type == FORMAT_KEY_STRING)
        put_string(s, row->example, strlen(row->example));
    else
        put(s, row->example);
    put(s, "]");
}

/* What the elements of an array are. */
static void put_items(struct schema *s, bool *first, const struct member *m)
{
    const struct format_key *row = m->row;
    bool in = true;

    put_member(s, first, "type", "array");
    put_name(s, first, KEY("items"));
    open_object(s);
    if (row->type == FORMAT_KEY_OBJECTS) {
        put_member(s, &in, "type", "object");
        put_members(s, &in, m->path, m->path_len);
    } else {
        put_member(s, &in, "type", row->type == FORMAT_KEY_INTEGERS ? "integer" : "string");
        if (row->pattern)
            put_member(s, &in, "pattern", row->pattern);
    }
    close_object(s);
}

static void put_map(struct schema *s, bool *first, const struct format_key *row)
{
    put_member(s, first, "type", "object");
    put_name(s, first, KEY("additionalProperties"));
    put(s, row->type == FORMAT_KEY_MAP
               ? "{\"type\": \"string\"}"
               : "{\"type\": [\"string\", \"array\"], \"items\": {\"type\": \"string\"}}");
    if (!row->pattern)
        return;
    put_name(s, first, KEY("propertyNames"));
    put(s, "{\"pattern\": ");
    put_string(s, row->pattern, strlen(row->pattern));
    put(s, "}");
}

static void put_type(struct schema *s, bool *first, const struct member *m)
{
    switch (m->row->type) {
    case FORMAT_KEY_STRING:
    case FORMAT_KEY_INTEGER:
    case FORMAT_KEY_BOOLEAN:
        put_member(s, first, "type", format_key_type_text(m->row->type));
        if (m->row->pattern)
            put_member(s, first, "pattern", m->row->pattern);
        break;
    case FORMAT_KEY_OBJECT:
        put_member(s, first, "type", "object");
        put_members(s, first, m->path, m->path_len);
        break;
    case FORMAT_KEY_STRINGS:
    case FORMAT_KEY_INTEGERS:
    case FORMAT_KEY_OBJECTS:
        put_items(s, first, m);
        break;
    case FORMAT_KEY_LISTS:
    case FORMAT_KEY_MAP:
        put_map(s, first, m->row);
        break;
    }
}

static void put_members(struct schema *s, bool *first, const char *path, size_t len)
{
    bool inner = true;
    struct member m;

    put_name(s, first, KEY("additionalProperties"));
    put(s, "false");
    put_required(s, first, path, len);
    put_name(s, first, KEY("properties"));
    open_object(s);
    for (size_t i = 0; s->rows[i].path; i++) {
        bool in = true;

        if (!member_at(s, i, path, len, &m))
            continue;
        put_name(s, &inner, m.name, m.name_len);
        open_object(s);
        if (m.row->help)
            put_member(s, &in, "description", m.row->help);
        put_example(s, &in, m.row);
        put_type(s, &in, &m);
        close_object(s);
    }
    close_object(s);
}

void schema_write(const struct format_kind *kind, struct buf *out)
{
    struct schema s = {.rows = kind->keys, .out = out};
    bool first = true;
    char title[64];

    snprintf(title, sizeof(title), "omauditjson, format %s", kind->name);
    open_object(&s);
    put_member(&s, &first, "$schema", "https://json-schema.org/draft/2020-12/schema");
    put_member(&s, &first, "title", title);
    put_member(&s, &first, "type", "object");
    put_members(&s, &first, "", 0);
    close_object(&s);
    put(&s, "\n");
}
