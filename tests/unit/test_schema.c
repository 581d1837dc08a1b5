/* SPDX-License-Identifier: Apache-2.0 */
/* The files in omauditjson/format/schema are those that the tables make. UPDATE=1 in the
 * environment writes them anew. */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/schema.h"
#include "unit.h"

static const struct format_kind *const kinds[] = {
#define FORMAT(id, kind) &kind,
#include "format/formats.def"
#undef FORMAT
};

#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const char *file_of(const struct format_kind *kind)
{
    static char path[4096];
    const char *dir = getenv("srcdir");

    snprintf(path, sizeof(path), "%s/omauditjson/format/schema/%s.schema.json", dir ? dir : ".",
             kind->name);
    return path;
}

static void read_file(const char *path, struct buf *b)
{
    FILE *file = fopen(path, "re");
    char chunk[4096];
    size_t n;

    ck_assert_msg(file != NULL, "%s", path);
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
        ck_assert_int_eq(buf_append(b, chunk, n), 0);
    fclose(file);
}

START_TEST(the_files_are_those_of_the_tables)
{
    for (size_t i = 0; i < N_KINDS; i++) {
        struct buf made = BUF_INIT(SCHEMA_MAX), file = BUF_INIT(SCHEMA_MAX);

        schema_write(kinds[i], &made);
        if (getenv("UPDATE")) {
            FILE *out = fopen(file_of(kinds[i]), "we");

            ck_assert_ptr_nonnull(out);
            fwrite(made.data, 1, made.len, out);
            ck_assert_int_eq(fclose(out), 0);
        }
        read_file(file_of(kinds[i]), &file);
        ck_assert_msg(made.len == file.len && memcmp(made.data, file.data, made.len) == 0,
                      "%s is not what the table makes (UPDATE=1 writes it anew)",
                      file_of(kinds[i]));
        buf_done(&made);
        buf_done(&file);
    }
}
END_TEST

static struct json_object *schema_of(const struct format_kind *kind)
{
    struct buf b = BUF_INIT(SCHEMA_MAX);
    struct json_object *o;

    schema_write(kind, &b);
    o = json_tokener_parse(buf_cstr(&b));
    ck_assert_ptr_nonnull(o);
    buf_done(&b);
    return o;
}

/* The schema of a row, followed by its path. */
static struct json_object *find(struct json_object *o, const char *path)
{
    while (o && *path) {
        size_t n = strcspn(path, ".");
        char *name = strndup(path, n);
        struct json_object *items;

        if (json_object_object_get_ex(o, "items", &items))
            o = items;
        o = json_object_object_get(json_object_object_get(o, "properties"), name);
        free(name);
        path += n + (path[n] == '.');
    }
    return o;
}

START_TEST(every_row_is_in_the_schema_and_says_what_it_is)
{
    for (size_t i = 0; i < N_KINDS; i++) {
        struct json_object *schema = schema_of(kinds[i]);

        for (const struct format_key *row = kinds[i]->keys; row->path; row++) {
            struct json_object *o = find(schema, row->path);

            ck_assert_msg(o != NULL, "%s: %s", kinds[i]->name, row->path);
            ck_assert_msg(json_object_object_get(o, "type") != NULL, "%s", row->path);
            ck_assert_msg(row->help && row->help[0] && row->source, "%s: no help", row->path);
            ck_assert_msg(row->example || row->type == FORMAT_KEY_OBJECT, "%s: no example",
                          row->path);
            for (const struct format_key *other = row + 1; other->path; other++)
                ck_assert_str_ne(row->path, other->path);
        }
        json_object_put(schema);
    }
}
END_TEST

/* Any object whose keys are ours has no others. */
static void expect_closed(struct json_object *o, const char *path)
{
    struct json_object *type, *more, *members;

    ck_assert(json_object_object_get_ex(o, "type", &type));
    if (strcmp(json_object_get_string(type), "array") == 0) {
        expect_closed(json_object_object_get(o, "items"), path);
        return;
    }
    if (strcmp(json_object_get_string(type), "object") != 0)
        return;
    ck_assert_msg(json_object_object_get_ex(o, "additionalProperties", &more), "%s", path);
    members = json_object_object_get(o, "properties");
    if (!members) {
        ck_assert_msg(json_object_is_type(more, json_type_object), "%s", path);
        return;
    }
    ck_assert_msg(json_object_is_type(more, json_type_boolean) && !json_object_get_boolean(more),
                  "%s", path);
    json_object_object_foreach(members, name, member)
    {
        expect_closed(member, name);
    }
}

START_TEST(no_object_takes_other_keys)
{
    for (size_t i = 0; i < N_KINDS; i++) {
        struct json_object *schema = schema_of(kinds[i]);

        expect_closed(schema, kinds[i]->name);
        json_object_put(schema);
    }
}
END_TEST

static bool requires(struct json_object *o, const char *name)
{
    struct json_object *list = json_object_object_get(o, "required");

    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        if (strcmp(json_object_get_string(json_object_array_get_idx(list, i)), name) == 0)
            return true;
    }
    return false;
}

/* Members of objects that have no row of their own, optional and required ones, and an array. */
START_TEST(objects_come_from_the_paths)
{
    static const struct format_key rows[] = {
        {"event.id", FORMAT_KEY_STRING, true, NULL, "", "1", "id"},
        {"a.b.c", FORMAT_KEY_INTEGER, false, NULL, "", "1", "c"},
        {"event.kind", FORMAT_KEY_STRINGS, false, "^e", "", "[\"e\"]", "kind"},
        {"list", FORMAT_KEY_OBJECTS, false, NULL, "", "[]", "list"},
        {"list.x", FORMAT_KEY_BOOLEAN, true, NULL, "", "true", "x"},
        {.path = NULL},
    };
    const struct format_kind kind = {.name = "test", .keys = rows};
    struct json_object *o = schema_of(&kind), *items;

    ck_assert(requires(o, "event") && !requires(o, "a") && !requires(o, "list"));
    ck_assert(requires(find(o, "event"), "id") && !requires(find(o, "event"), "kind"));
    ck_assert_ptr_nonnull(find(o, "event.kind"));
    ck_assert_ptr_nonnull(find(o, "a.b.c"));
    ck_assert_ptr_nonnull(find(o, "list.x"));
    ck_assert(json_object_object_get_ex(find(o, "list"), "items", &items));
    ck_assert(requires(items, "x"));
    ck_assert_ptr_null(find(o, "event.a"));
    json_object_put(o);
}
END_TEST

UNIT_MAIN("schema", the_files_are_those_of_the_tables,
          every_row_is_in_the_schema_and_says_what_it_is, no_object_takes_other_keys,
          objects_come_from_the_paths)
