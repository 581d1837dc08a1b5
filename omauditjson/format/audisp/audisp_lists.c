/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/audisp/audisp_lists.h"

#include <libaudit.h>
#include <stdio.h>

#include "format/audisp/audisp_rows.h"
#include "format/types.h"

/* An element of an array of strings. */
static void write_element(struct written *d, struct json_string *s, const char *p, size_t n)
{
    if (n <= s->left && json_plain(d->w, &json_element_key, p, n))
        return;
    json_element(d->w);
    json_string(d->w, s, p, n);
}

void audisp_lists_argv(struct written *d)
{
    const struct event *ev = d->view->ev;
    size_t from = json_written(d->w), i;
    char name[48];

    if (ev->n_argv == 0)
        return;
    json_begin(d->w, AUDISP_ROW(argv), true);
    for (i = 0; i < ev->n_argv && !written_list_is_full(d, from); i++) {
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

/* Names from the parent upwards, up to the first unknown one. */
void audisp_lists_ancestors(struct written *d)
{
    const struct event_lineage *l = d->view->ev->lineage;

    if (!l || l->n < 2 || !l->process[1].comm)
        return;
    json_begin(d->w, AUDISP_ROW(ancestors), true);
    for (size_t i = 1; i < l->n && l->process[i].comm; i++) {
        struct json_string s = JSON_STRING(d->limits.string);

        write_element(d, &s, l->process[i].comm, l->process[i].comm_len);
        if (s.cut || s.invalid)
            notes_add_string(d->notes, "ancestors", &s);
    }
    json_close(d->w, ']');
}

static void write_key(struct written *d, const char *p, size_t n)
{
    struct json_string s = JSON_STRING(d->limits.string);

    write_element(d, &s, p, n);
    if (s.cut || s.invalid)
        notes_add_string(d->notes, "auditkeys", &s);
}

void audisp_lists_keys(struct written *d)
{
    const struct event_field *f = event_field(d->view->subject, EVENT_NAME_key);
    size_t from = json_written(d->w);
    const char *p, *end, *stop;

    if (!f || !memchr(f->value, AUDIT_KEY_SEPARATOR, f->value_len))
        return;
    json_begin(d->w, AUDISP_ROW(auditkeys), true);
    end = f->value + f->value_len;
    for (p = f->value; p <= end && !written_list_is_full(d, from); p = stop + 1) {
        stop = memchr(p, AUDIT_KEY_SEPARATOR, (size_t)(end - p));
        if (!stop)
            stop = end;
        write_key(d, p, (size_t)(stop - p));
    }
    json_close(d->w, ']');
    if (p <= end)
        notes_add_cut(d->notes, "auditkeys", f->value_len);
}

void audisp_lists_types(struct written *d)
{
    struct types t;

    types_find(d->view->ev, &t);
    json_begin(d->w, AUDISP_ROW(types), true);
    for (size_t i = 0; i < t.n; i++) {
        struct json_string s = JSON_STRING(d->limits.string);

        write_element(d, &s, t.record[i]->type_name, t.record[i]->type_name_len);
        if (s.cut || s.invalid)
            notes_add_string(d->notes, "types", &s);
    }
    json_close(d->w, ']');
    if (t.all > t.n)
        notes_add_cut(d->notes, "types[]", t.all);
}
