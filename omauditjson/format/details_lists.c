/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/details_lists.h"

#include <libaudit.h>
#include <stdio.h>

#include "event/decode.h"
#include "format/details_keys.h"

#define ROW(key) (&details_keys[DETAILS_##key])

/* An element of an array of strings. */
static void write_element(struct details *d, struct json_string *s, const char *p, size_t n)
{
    if (n <= s->left && json_plain(d->w, &json_element_key, p, n))
        return;
    json_element(d->w);
    json_string(d->w, s, p, n);
}

void details_write_argv(struct details *d)
{
    const struct event *ev = d->view->ev;
    size_t from = json_written(d->w), i;
    char name[48];

    if (ev->n_argv == 0)
        return;
    json_begin(d->w, ROW(argv), true);
    for (i = 0; i < ev->n_argv && !details_list_is_full(d, from); i++) {
        const struct event_arg *a = &ev->argv[i];
        struct json_string s = JSON_STRING(d->limits.string);

        write_element(d, &s, a->value, a->len);
        if (s.cut || a->full_len) {
            snprintf(name, sizeof(name), "argv[%llu]", (unsigned long long)a->index);
            notes_add_cut(d->notes, name, a->full_len ? a->full_len : a->len);
        }
        s.cut = false;
        if (s.invalid)
            notes_add_string(d->notes, "argv", &s);
    }
    json_close(d->w, ']');
    if (i < ev->n_argv || ev->argv_has_gaps)
        notes_add_cut(d->notes, "argv[]", ev->argc > ev->n_argv ? ev->argc : ev->n_argv);
}

/* The first field of each name within the record, by one walk. */
static void find_path_members(const struct event_record *rec, const struct event_field **found)
{
    static const uint8_t member_of[EVENT_NAME_COUNT] = {
#define PATH_MEMBER(name, example, text) [EVENT_NAME_##name] = DETAILS_PATH_##name,
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

static __attribute__((noinline)) void put_member_long(struct details *d, const struct json_key *key,
                                                      const struct event_field *f)
{
    struct json_string s = JSON_STRING(d->limits.string);

    json_member(d->w, key->name, strlen(key->name), &s, f->value, f->value_len);
    if (s.cut || s.invalid)
        notes_add_string(d->notes, "paths", &s);
}

static __attribute__((noinline)) void put_member(struct details *d, const struct json_key *key,
                                                 const struct event_field *f)
{
    details_mark(d, f);
    if (f->value_len > d->limits.string || !json_plain(d->w, key, f->value, f->value_len))
        put_member_long(d, key, f);
}

static void write_path(struct details *d, const struct event_record *rec)
{
    const struct event_field *found[DETAILS_PATH_MEMBERS] = {NULL};

    find_path_members(rec, found);
    json_element(d->w);
    json_open(d->w, '{');
    for (size_t m = 1; m < DETAILS_PATH_MEMBERS; m++) {
        if (found[m] && !event_field_is_missing(found[m]))
            put_member(d, &details_path_keys[m], found[m]);
    }
    json_close(d->w, '}');
}

/* Names from the parent upwards, as far as they are known without a gap. */
void details_write_ancestors(struct details *d)
{
    const struct event_lineage *l = d->view->ev->lineage;

    if (!l || l->n < 2 || !l->process[1].comm)
        return;
    json_begin(d->w, ROW(ancestors), true);
    for (size_t i = 1; i < l->n && l->process[i].comm; i++) {
        struct json_string s = JSON_STRING(d->limits.string);

        write_element(d, &s, l->process[i].comm, l->process[i].comm_len);
        if (s.cut || s.invalid)
            notes_add_string(d->notes, "ancestors", &s);
    }
    json_close(d->w, ']');
}

void details_write_paths(struct details *d)
{
    const struct event *ev = d->view->ev;
    size_t from = json_written(d->w), n = 0;

    if (d->view->n_paths == 0)
        return;
    json_begin(d->w, ROW(paths), true);
    for (size_t i = 0; i < ev->n_records && !details_list_is_full(d, from); i++) {
        if (ev->records[i].type == AUDIT_PATH) {
            write_path(d, &ev->records[i]);
            n++;
        }
    }
    json_close(d->w, ']');
    if (n < d->view->n_paths)
        notes_add_cut(d->notes, "paths[]", d->view->n_paths);
}

static void write_key(struct details *d, const char *p, size_t n)
{
    struct json_string s = JSON_STRING(d->limits.string);

    write_element(d, &s, p, n);
    if (s.cut || s.invalid)
        notes_add_string(d->notes, "auditkeys", &s);
}

void details_write_keys(struct details *d)
{
    const struct event_field *f = event_field(d->view->subject, EVENT_NAME_key);
    size_t from = json_written(d->w);
    const char *p, *end, *stop;

    if (!f || !memchr(f->value, AUDIT_KEY_SEPARATOR, f->value_len))
        return;
    json_begin(d->w, ROW(auditkeys), true);
    end = f->value + f->value_len;
    for (p = f->value; p <= end && !details_list_is_full(d, from); p = stop + 1) {
        stop = memchr(p, AUDIT_KEY_SEPARATOR, (size_t)(end - p));
        if (!stop)
            stop = end;
        write_key(d, p, (size_t)(stop - p));
    }
    json_close(d->w, ']');
    if (p <= end)
        notes_add_cut(d->notes, "auditkeys", f->value_len);
}
