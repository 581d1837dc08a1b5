/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/leftover.h"

#include <libaudit.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "event/decode.h"
#include "format/json/json_plain.h"

#define TYPE_WORD_MAX 48
#define KEY_MAX (TYPE_WORD_MAX + 1 + 64) /* the record's type, '_', the field's name */
#define BEFORE 2                         /* ," */
#define BEHIND 3                         /* ":" */
#define HEAD_ROOM 64                     /* copied at once: BEFORE, the type, '_' */

/* One name in `fields` and the chain of its values. */
struct leftover_name {
    uint32_t first; /* numbers of fields */
    uint32_t last;
    uint32_t hash;
    size_t len;                           /* of text */
    char text[KEY_MAX + BEFORE + BEHIND]; /* ,"KEY":" */
};

/* The names so far, and what is needed to add one. */
struct names_left {
    size_t n;
    size_t lost;      /* fields for whose names there was no room */
    uint64_t seen[4]; /* a bit for each hash of a name: without it the name is new */
    size_t head_len;  /* of this record; 0: not made yet */
    char head[HEAD_ROOM];
};

void leftover_init(struct leftover *l)
{
    *l = (struct leftover){.names = mem_calloc(LEFTOVER_MAX + 1, sizeof(*l->names))};
}

void leftover_done(struct leftover *l)
{
    free(l->names);
    free(l->next);
    *l = (struct leftover){0};
}

/* Does a field without a mark belong into `fields`? */
static bool is_left(const struct event_record *rec, const struct event_field *f)
{
    size_t name_len = f->name_len;
    uint64_t index, piece;
    bool split;

    if (event_field_is_missing(f))
        return false;
    if (rec->type != AUDIT_EXECVE)
        return true;
    /* arguments are in argv, and their lengths are not needed */
    if (name_len > 4 && memcmp(f->name + name_len - 4, "_len", 4) == 0)
        name_len -= 4;
    return !decode_arg_name(f->name, name_len, &index, &piece, &split);
}

static void make_head(struct names_left *names, const struct event_record *rec)
{
    memcpy(names->head, ",\"", BEFORE);
    names->head_len = BEFORE + view_type_word(rec, names->head + BEFORE, TYPE_WORD_MAX);
    names->head[names->head_len++] = '_';
}

/* "syscall_a0": plain ASCII, so that different keys stay different. */
static void make_key(struct leftover_name *name, const struct names_left *names,
                     const struct event_field *f)
{
    size_t n = names->head_len, room = KEY_MAX + BEFORE - n;
    size_t len = f->name_len < room ? f->name_len : room;

    memcpy(name->text, names->head, HEAD_ROOM);
    json_copy_few(name->text + n, f->name, len);
    for (size_t i = n; i < n + len && f->id == EVENT_NAME_OTHER; i++) {
        char c = name->text[i];

        if (c == '.' || c == '[' || c == ']')
            name->text[i] = '_';
    }
    memcpy(name->text + n + len, "\":\"", BEHIND);
    name->len = n + len + BEHIND;
}

/* Of the key's end, where keys differ; the shortest is an underscore and a letter. */
static uint32_t hash_key(const struct leftover_name *name)
{
    uint32_t v;

    memcpy(&v, name->text + name->len - BEHIND - sizeof(v), sizeof(v));
    return v * UINT32_C(0x9e3779b1);
}

static struct leftover_name *find_key(const struct leftover *l, const struct names_left *names,
                                      const struct leftover_name *name)
{
    for (size_t k = 0; k < names->n; k++) {
        if (l->names[k].hash == name->hash && l->names[k].len == name->len &&
            memcmp(l->names[k].text, name->text, name->len) == 0)
            return &l->names[k];
    }
    return NULL;
}

/* Put field i under its name. The slot after the last name is always free. */
static void add_left(struct leftover *l, struct names_left *names, const struct event_field *f,
                     size_t i)
{
    struct leftover_name *name = &l->names[names->n], *same;
    uint64_t bit, *seen;

    make_key(name, names, f);
    name->hash = hash_key(name);
    seen = &names->seen[name->hash >> 30];
    bit = UINT64_C(1) << (name->hash >> 24) % 64;
    l->next[i] = 0;
    same = *seen & bit ? find_key(l, names, name) : NULL;
    if (same) {
        l->next[same->last] = (uint32_t)i + 1;
        same->last = (uint32_t)i;
    } else if (names->n == LEFTOVER_MAX) {
        names->lost++;
    } else {
        *seen |= bit;
        name->first = name->last = (uint32_t)i;
        names->n++;
    }
}

/* All fields without a mark, record by record. */
static void collect(struct leftover *l, const struct written *d, struct names_left *names)
{
    const struct event *ev = d->view->ev;
    const struct event_record *rec = ev->records;
    size_t end = ev->n_records ? rec->n_fields : 0;

    for (size_t from = 0; from < ev->n_fields; from += 64) {
        uint64_t left = ~d->marks[from / 64];

        if (ev->n_fields - from < 64)
            left &= (UINT64_C(1) << (ev->n_fields - from)) - 1;
        for (; left; left &= left - 1) {
            size_t i = from + (size_t)__builtin_ctzll(left);

            while (i >= end) {
                rec++;
                end += rec->n_fields; /* the records' fields are adjacent */
                names->head_len = 0;
            }
            if (!is_left(rec, &ev->fields[i]))
                continue;
            if (names->head_len == 0)
                make_head(names, rec);
            add_left(l, names, &ev->fields[i], i);
        }
    }
}

/* One value, by the fast path. */
static bool write_plain(const struct written *d, const struct leftover_name *name)
{
    const struct event_field *f = &d->view->ev->fields[name->first];

    return name->first == name->last && f->value_len <= d->limits.string &&
           json_plain_text(d->w, name->text, name->len, f->value, f->value_len);
}

/* The value, or all of them with an LF between two: the key stays a string. */
static void write_left(const struct leftover *l, const struct written *d,
                       const struct leftover_name *name)
{
    const struct event_field *fields = d->view->ev->fields;
    struct json_string s = JSON_STRING(d->limits.string);
    char text[KEY_MAX + 8];
    const char *key = name->text + BEFORE;
    size_t len = name->len - BEFORE - BEHIND, i = name->first;

    if (name->first == name->last) {
        json_member(d->w, key, len, &s, fields[i].value, fields[i].value_len);
    } else {
        json_key(d->w, key, len);
        json_string_begin(d->w);
        for (;;) {
            s.line_blank = true;
            json_string_add(d->w, &s, fields[i].value, fields[i].value_len);
            if (l->next[i] == 0)
                break;
            i = l->next[i] - 1;
            s.line_blank = false;
            json_string_add(d->w, &s, "\n", 1);
        }
        json_string_end(d->w);
    }
    if (s.cut) {
        snprintf(text, sizeof(text), "fields.%.*s", (int)len, key);
        notes_add_cut(d->notes, text, s.full);
        s.cut = false;
    }
    if (s.invalid)
        notes_add_string(d->notes, "fields", &s);
}

void leftover_write(struct leftover *l, const struct written *d)
{
    static const struct json_key key = JSON_KEY_OBJECT("fields");
    const struct event *ev = d->view->ev;
    struct names_left names = {0};
    size_t from = json_written(d->w), k;

    if (ev->n_fields > l->cap) {
        l->cap = ev->n_fields;
        l->next = mem_realloc_array(l->next, l->cap, sizeof(*l->next));
    }
    collect(l, d, &names);
    if (names.n == 0)
        return;
    json_begin(d->w, &key, true);
    for (k = 0; k < names.n && !written_list_is_full(d, from); k++) {
        if (!write_plain(d, &l->names[k]))
            write_left(l, d, &l->names[k]);
    }
    json_close(d->w, '}');
    if (names.lost || k < names.n)
        notes_add_cut(d->notes, "fields[]", names.n + names.lost);
}
