/* SPDX-License-Identifier: Apache-2.0 */
/* `fields`: what has no key of its own, under the record's type and the field's name. */
#include "config.h"
#include "format/details_lists.h"

#include <libaudit.h>
#include <stdio.h>

#include "base/mem.h"
#include "event/decode.h"
#include "format/details_keys.h"

#define ROW(key) (&details_keys[DETAILS_##key])

#define TYPE_WORD_MAX 48
#define LEFT_KEY_MAX (TYPE_WORD_MAX + 1 + 64) /* the record's type, '_', the field's name */
#define BEFORE 2                              /* ," */
#define BEHIND 3                              /* ":" */
#define HEAD_ROOM 64                          /* copied at once: BEFORE, the type, '_' */

/* One name in `fields` and the chain of its values. */
struct details_left {
    uint32_t first; /* numbers of fields */
    uint32_t last;
    uint32_t hash;
    size_t len;                                /* of text */
    char text[LEFT_KEY_MAX + BEFORE + BEHIND]; /* ,"KEY":" */
};

/* The names so far, and what is needed to add one. */
struct names_left {
    size_t n;
    size_t lost;      /* fields for whose names there was no room */
    uint64_t seen[4]; /* a bit for each hash of a name: without it the name is new */
    size_t head_len;  /* of this record; 0: not made yet */
    char head[HEAD_ROOM];
};

struct details_left *details_left_new(void)
{
    return mem_calloc(DETAILS_LEFT_MAX + 1, sizeof(struct details_left));
}

/* Is field i of the event, which has no mark, to be written? */
static bool is_left(const struct event_record *rec, const struct event_field *f)
{
    size_t name_len = f->name_len;
    uint64_t index, piece;
    bool split;

    if (event_field_is_missing(f))
        return false;
    if (rec->type != AUDIT_EXECVE)
        return true;
    /* an argument is in argv, its length of no more use */
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

/* "syscall_a0": plain ASCII, so that two different keys are never written alike. */
static void make_key(struct details_left *l, const struct names_left *names,
                     const struct event_field *f)
{
    size_t n = names->head_len, room = LEFT_KEY_MAX + BEFORE - n;
    size_t len = f->name_len < room ? f->name_len : room;

    memcpy(l->text, names->head, HEAD_ROOM);
    json_copy_few(l->text + n, f->name, len);
    for (size_t i = n; i < n + len && f->id == EVENT_NAME_OTHER; i++) {
        char c = l->text[i];

        if (c == '.' || c == '[' || c == ']')
            l->text[i] = '_';
    }
    memcpy(l->text + n + len, "\":\"", BEHIND);
    l->len = n + len + BEHIND;
}

/* Of the key's end, where keys differ; the shortest is an underscore and a letter. */
static uint32_t hash_key(const struct details_left *l)
{
    uint32_t v;

    memcpy(&v, l->text + l->len - BEHIND - sizeof(v), sizeof(v));
    return v * UINT32_C(0x9e3779b1);
}

static struct details_left *find_key(const struct details *d, const struct names_left *names,
                                     const struct details_left *l)
{
    for (size_t k = 0; k < names->n; k++) {
        if (d->left[k].hash == l->hash && d->left[k].len == l->len &&
            memcmp(d->left[k].text, l->text, l->len) == 0)
            return &d->left[k];
    }
    return NULL;
}

/* Put field i under its name. The place behind the last name is free, even behind all that may be.
 */
static void add_left(struct details *d, struct names_left *names, const struct event_field *f,
                     size_t i)
{
    struct details_left *l = &d->left[names->n], *same;
    uint64_t bit, *seen;

    make_key(l, names, f);
    l->hash = hash_key(l);
    seen = &names->seen[l->hash >> 30];
    bit = UINT64_C(1) << (l->hash >> 24) % 64;
    d->next[i] = 0;
    same = *seen & bit ? find_key(d, names, l) : NULL;
    if (same) {
        d->next[same->last] = (uint32_t)i + 1;
        same->last = (uint32_t)i;
    } else if (names->n == DETAILS_LEFT_MAX) {
        names->lost++;
    } else {
        *seen |= bit;
        l->first = l->last = (uint32_t)i;
        names->n++;
    }
}

/* All fields without a mark, from record to record: their marks are in one row. */
static void collect(struct details *d, struct names_left *names)
{
    const struct event *ev = d->view->ev;
    const struct event_record *rec = ev->records;
    size_t end = ev->n_records ? rec->n_fields : 0;

    for (size_t from = 0; from < ev->n_fields; from += 64) {
        uint64_t left = ~d->used[from / 64];

        if (ev->n_fields - from < 64)
            left &= (UINT64_C(1) << (ev->n_fields - from)) - 1;
        for (; left; left &= left - 1) {
            size_t i = from + (size_t)__builtin_ctzll(left);

            while (i >= end) {
                rec++;
                end += rec->n_fields; /* they lie one record's behind the other's */
                names->head_len = 0;
            }
            if (!is_left(rec, &ev->fields[i]))
                continue;
            if (names->head_len == 0)
                make_head(names, rec);
            add_left(d, names, &ev->fields[i], i);
        }
    }
}

/* One value, in the short way. */
static bool write_plain(struct details *d, const struct details_left *l)
{
    const struct event_field *f = &d->view->ev->fields[l->first];

    return l->first == l->last && f->value_len <= d->limits.string &&
           json_plain_text(d->w, l->text, l->len, f->value, f->value_len);
}

/* The value, or all of them with an LF between two: the key stays a string. */
static void write_left(struct details *d, const struct details_left *l)
{
    const struct event_field *fields = d->view->ev->fields;
    struct json_string s = JSON_STRING(d->limits.string);
    char name[LEFT_KEY_MAX + 8];
    const char *key = l->text + BEFORE;
    size_t len = l->len - BEFORE - BEHIND, i = l->first;

    if (l->first == l->last) {
        json_member(d->w, key, len, &s, fields[i].value, fields[i].value_len);
    } else {
        json_key(d->w, key, len);
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
        snprintf(name, sizeof(name), "fields.%.*s", (int)len, key);
        notes_add_cut(d->notes, name, s.full);
        s.cut = false;
    }
    if (s.invalid)
        notes_add_string(d->notes, "fields", &s);
}

void details_write_left(struct details *d)
{
    const struct event *ev = d->view->ev;
    struct names_left names = {0};
    size_t from = json_written(d->w), k;

    if (ev->n_fields > d->cap_next) {
        d->cap_next = ev->n_fields;
        d->next = mem_realloc_array(d->next, d->cap_next, sizeof(*d->next));
    }
    collect(d, &names);
    if (names.n == 0)
        return;
    json_begin(d->w, ROW(fields), true);
    for (k = 0; k < names.n && !details_list_is_full(d, from); k++) {
        if (!write_plain(d, &d->left[k]))
            write_left(d, &d->left[k]);
    }
    json_close(d->w, '}');
    if (names.lost || k < names.n)
        notes_add_cut(d->notes, "fields[]", names.n + names.lost);
}
