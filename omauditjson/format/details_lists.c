/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/details_lists.h"

#include <libaudit.h>
#include <stdio.h>

#include "base/mem.h"
#include "event/decode.h"
#include "format/details_keys.h"

#define TYPE_WORD_MAX 48
#define LEFT_KEY_MAX (TYPE_WORD_MAX + 1 + 64) /* the record's type, '_', the field's name */

#define ROW(key) (&details_keys[DETAILS_##key])

/* One name in `fields` and the chain of its values. */
struct details_left {
    uint32_t first; /* numbers of fields */
    uint32_t last;
    uint8_t len;
    char key[LEFT_KEY_MAX];
};

struct details_left *details_left_new(void)
{
    return mem_calloc(DETAILS_LEFT_MAX, sizeof(struct details_left));
}

static bool is_marked(const struct details *d, size_t i)
{
    return d->used[i / 64] & UINT64_C(1) << (i % 64);
}

/* Has a list that began at `from` bytes used up its share? */
static bool list_is_full(const struct details *d, size_t from)
{
    return d->w->over || json_written(d->w) - from > d->limits.list;
}

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
    for (i = 0; i < ev->n_argv && !list_is_full(d, from); i++) {
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

static void write_path_long(struct details *d, const struct json_key *key,
                            const struct event_field *f)
{
    struct json_string s = JSON_STRING(d->limits.string);

    json_member(d->w, key->name, strlen(key->name), &s, f->value, f->value_len);
    if (s.cut || s.invalid)
        notes_add_string(d->notes, "paths", &s);
}

static void write_path(struct details *d, const struct event_record *rec)
{
    const struct event_field *found[DETAILS_PATH_MEMBERS] = {NULL};

    find_path_members(rec, found);
    json_element(d->w);
    json_open(d->w, '{');
    for (size_t m = 1; m < DETAILS_PATH_MEMBERS; m++) {
        const struct event_field *f = found[m];

        if (!f || event_field_is_missing(f))
            continue;
        if (f->value_len > d->limits.string ||
            !json_plain(d->w, &details_path_keys[m], f->value, f->value_len))
            write_path_long(d, &details_path_keys[m], f);
        details_mark(d, f);
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
    for (size_t i = 0; i < ev->n_records && !list_is_full(d, from); i++) {
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
    for (p = f->value; p <= end && !list_is_full(d, from); p = stop + 1) {
        stop = memchr(p, AUDIT_KEY_SEPARATOR, (size_t)(end - p));
        if (!stop)
            stop = end;
        write_key(d, p, (size_t)(stop - p));
    }
    json_close(d->w, ']');
    if (p <= end)
        notes_add_cut(d->notes, "auditkeys", f->value_len);
}

/* -- fields ------------------------------------------------------------------------------------ */

static bool is_left(const struct details *d, const struct event_record *rec, size_t i)
{
    const struct event_field *f = &d->view->ev->fields[i];
    size_t name_len = f->name_len;
    uint64_t index, piece;
    bool split;

    if (is_marked(d, i) || event_field_is_missing(f))
        return false;
    if (rec->type != AUDIT_EXECVE)
        return true;
    /* an argument is in argv, its length of no more use */
    if (name_len > 4 && memcmp(f->name + name_len - 4, "_len", 4) == 0)
        name_len -= 4;
    return !decode_arg_name(f->name, name_len, &index, &piece, &split);
}

/* "syscall_a0": plain ASCII, so that two different keys are never written alike. The type's word
 * stands there already; the whole length. */
static size_t left_key(const struct event_field *f, char *out, size_t n)
{
    out[n++] = '_';
    for (size_t i = 0; i < f->name_len && n < LEFT_KEY_MAX; i++) {
        char c = f->name[i];

        out[n++] = c == '.' || c == '[' || c == ']' ? '_' : c;
    }
    return n;
}

/* Put field i under its name; false: there are too many names. */
static bool add_left(struct details *d, size_t *n, const char *key, size_t len, size_t i)
{
    d->next[i] = 0;
    for (size_t k = 0; k < *n; k++) {
        struct details_left *l = &d->left[k];

        if (l->len == len && l->key[len - 1] == key[len - 1] && memcmp(l->key, key, len) == 0) {
            d->next[l->last] = (uint32_t)i + 1;
            l->last = (uint32_t)i;
            return true;
        }
    }
    if (*n == DETAILS_LEFT_MAX)
        return false;
    d->left[*n].first = d->left[*n].last = (uint32_t)i;
    d->left[*n].len = (uint8_t)len;
    memcpy(d->left[*n].key, key, len);
    (*n)++;
    return true;
}

/* What is left of a record; the number of fields for whose names there was no room. */
static size_t add_record(struct details *d, size_t *n, const struct event_record *rec)
{
    size_t first = (size_t)(rec->fields - d->view->ev->fields), word = 0, lost = 0;
    char key[LEFT_KEY_MAX];

    for (size_t i = first; i < first + rec->n_fields; i++) {
        if (!is_left(d, rec, i))
            continue;
        if (word == 0)
            word = view_type_word(rec, key, TYPE_WORD_MAX);
        if (!add_left(d, n, key, left_key(&rec->fields[i - first], key, word), i))
            lost++;
    }
    return lost;
}

/* The value, or all of them with an LF between two: the key stays a string. */
static void write_left(struct details *d, const struct details_left *l)
{
    const struct event_field *fields = d->view->ev->fields;
    struct json_string s = JSON_STRING(d->limits.string);
    char name[LEFT_KEY_MAX + 8];
    size_t i = l->first;

    if (l->first == l->last) {
        json_member(d->w, l->key, l->len, &s, fields[i].value, fields[i].value_len);
    } else {
        json_key(d->w, l->key, l->len);
        json_string_begin(d->w);
        for (;;) {
            s.line_blank = true;
            json_string_add(d->w, &s, fields[i].value, fields[i].value_len);
            if (d->next[i] == 0)
                break;
            i = d->next[i] - 1;
            s.line_blank = false;
            json_string_add(d->w, &s, "\n", 1);
        }
        json_string_end(d->w);
    }
    if (s.cut) {
        snprintf(name, sizeof(name), "fields.%.*s", (int)l->len, l->key);
        notes_add_cut(d->notes, name, s.full);
        s.cut = false;
    }
    if (s.invalid)
        notes_add_string(d->notes, "fields", &s);
}

void details_write_left(struct details *d)
{
    const struct event *ev = d->view->ev;
    size_t from = json_written(d->w), n = 0, lost = 0, k;

    if (ev->n_fields > d->cap_next) {
        d->cap_next = ev->n_fields;
        d->next = mem_realloc_array(d->next, d->cap_next, sizeof(*d->next));
    }
    for (size_t r = 0; r < ev->n_records; r++)
        lost += add_record(d, &n, &ev->records[r]);
    if (n == 0)
        return;
    json_begin(d->w, ROW(fields), true);
    for (k = 0; k < n && !list_is_full(d, from); k++)
        write_left(d, &d->left[k]);
    json_close(d->w, '}');
    if (lost || k < n)
        notes_add_cut(d->notes, "fields[]", n + lost);
}
