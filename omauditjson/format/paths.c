/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/paths.h"

#include <libaudit.h>
#include <string.h>

#include "format/json/json_plain.h"

enum member {
    MEMBER_NONE,
#define PATH_MEMBER(name, example, text) MEMBER_##name,
#include "format/paths.def"
#undef PATH_MEMBER
    MEMBERS
};

static const struct json_key keys[MEMBERS] = {
    JSON_KEY(""),
#define PATH_MEMBER(name, example, text) JSON_KEY(#name),
#include "format/paths.def"
#undef PATH_MEMBER
};

/* The first field of each name within the record, by one walk. */
static void find_path_members(const struct event_record *rec, const struct event_field **found)
{
    static const uint8_t member_of[EVENT_NAME_COUNT] = {
#define PATH_MEMBER(name, example, text) [EVENT_NAME_##name] = MEMBER_##name,
#include "format/paths.def"
#undef PATH_MEMBER
    };

    for (size_t i = 0; i < rec->n_fields; i++) {
        const struct event_field *f = &rec->fields[i];
        size_t m = member_of[f->id];

        if (!found[m] && !(f->flags & EVENT_FIELD_NESTED))
            found[m] = f;
    }
}

static __attribute__((noinline)) void put_member_long(struct written *d, const struct json_key *key,
                                                      const struct event_field *f)
{
    struct json_string s = JSON_STRING(d->limits.string);

    json_member(d->w, key->name, strlen(key->name), &s, f->value, f->value_len);
    if (s.cut || s.invalid)
        notes_add_string(d->notes, "paths", &s);
}

static __attribute__((noinline)) void put_member(struct written *d, const struct json_key *key,
                                                 const struct event_field *f)
{
    written_mark(d, f);
    if (f->value_len > d->limits.string || !json_plain(d->w, key, f->value, f->value_len))
        put_member_long(d, key, f);
}

static void write_path(struct written *d, const struct event_record *rec)
{
    const struct event_field *found[MEMBERS] = {NULL};

    find_path_members(rec, found);
    json_element(d->w);
    json_open(d->w, '{');
    for (size_t m = 1; m < MEMBERS; m++) {
        if (found[m] && !event_field_is_missing(found[m]))
            put_member(d, &keys[m], found[m]);
    }
    json_close(d->w, '}');
}

void paths_write(struct written *d)
{
    static const struct json_key key = JSON_KEY_LIST("paths");
    const struct event *ev = d->view->ev;
    size_t from = json_written(d->w), n = 0;

    if (d->view->n_paths == 0)
        return;
    json_begin(d->w, &key, true);
    for (size_t i = 0; i < ev->n_records && !written_list_is_full(d, from); i++) {
        if (ev->records[i].type == AUDIT_PATH) {
            write_path(d, &ev->records[i]);
            n++;
        }
    }
    json_close(d->w, ']');
    if (n < d->view->n_paths)
        notes_add_cut(d->notes, "paths[]", d->view->n_paths);
}
