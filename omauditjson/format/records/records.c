/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/records/records.h"

#include <inttypes.h>
#include <libaudit.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "event/event.h"
#include "format/json/base64.h"
#include "format/format_stamp.h"
#include "format/records/records_keys.h"
#include "format/records/records_head.h"
#include "format/records/records_mark.h"
#include "format/records/records_split.h"
#include "format/records/records_value.h"
#include "format/json/utf8.h"

/* A key and its value are one term where the objects are mapped as `flattened`. */
#define STRING_MAX_HERE (FORMAT_STRING_MAX - 128)
#define TAIL_MAX ((size_t)12 * 1024) /* what comes behind the records */

#define KEY(text) (text), sizeof(text) - 1

struct records {
    struct syscalls *syscalls;
    struct records_split split;
    struct records_names names; /* of the fields that are interpreted */
    struct records_values values;
    struct records_head head; /* of the event's lines */
    struct format_stamp stamp;
};

/* How much of a record is written. */
enum detail { DETAIL_RAW, DETAIL_INTERPRETED, DETAIL_VALUES };

/* The record that is being written. */
struct one {
    struct records *r;
    const struct format_doc *d;
    const struct event_record *rec;
    size_t number;
    enum detail detail;
    uint64_t arch; /* 0: not known */
};

static void *create(const struct conf *conf)
{
    struct records *r = mem_calloc(1, sizeof(*r));

    (void)conf;
    r->syscalls = syscalls_new();
    return r;
}

static void destroy(void *self)
{
    struct records *r = self;

    syscalls_free(r->syscalls);
    free(r);
}

/* -- strings ----------------------------------------------------------------------------------- */

static struct json_string string(const struct format_doc *d)
{
    return JSON_STRING(d->limits.string < STRING_MAX_HERE ? d->limits.string : STRING_MAX_HERE);
}

static void put(const struct format_doc *d, const char *key, size_t key_len, const char *p,
                size_t n)
{
    struct json_string s = string(d);

    json_key(d->w, key, key_len);
    json_string(d->w, &s, p, n);
    notes_add_string(d->notes, key, &s);
}

static void put_number(const struct format_doc *d, const char *key, size_t key_len, uint64_t n)
{
    char text[24];
    int len = snprintf(text, sizeof(text), "%" PRIu64, n);

    put(d, key, key_len, text, (size_t)len);
}

/* Note what happened to a record's string: its place if it was cut, only its kind if it was not
 * UTF-8, because then the document has the whole line, or the raw field in hexadecimal. */
static void note(const struct one *o, const char *member, const char *name, size_t name_len,
                 struct json_string *s)
{
    char key[192];

    if (s->cut) {
        snprintf(key, sizeof(key), "records[%zu].%s%s%.*s", o->number, member, name_len ? "." : "",
                 (int)name_len, name);
        notes_add_cut(o->d->notes, key, s->full);
        s->cut = false;
    }
    if (s->invalid) {
        snprintf(key, sizeof(key), "records.%s", member);
        notes_add_string(o->d->notes, key, s);
    }
}

static void put_text(const struct one *o, const char *key, const char *p, size_t n)
{
    struct json_string s = string(o->d);

    json_key(o->d->w, key, strlen(key));
    json_string(o->d->w, &s, p, n);
    note(o, key, "", 0, &s);
}

/* -- the raw fields ---------------------------------------------------------------------------- */

static void put_fields(const struct one *o, const char *key, const struct records_part *part)
{
    struct json_writer *w = o->d->w;
    struct records_key k;

    json_key(w, key, strlen(key));
    json_open(w, '{');
    for (size_t i = 0; i < part->n && !w->over; i++) {
        const struct records_field *f = &part->fields[i];
        struct json_string s = string(o->d);

        records_key_make(&k, f->name, f->name_len, f->nth);
        json_member(w, k.p, k.len, &s, f->value, f->value_len);
        if (s.cut || s.invalid)
            note(o, key, k.p, k.len, &s);
    }
    json_close(w, '}');
}

/* -- what they mean ---------------------------------------------------------------------------- */

/* The keys of a rule that has several. */
static void put_list(const struct one *o, const char *key, const char *name, size_t len,
                     const struct records_value *v)
{
    struct json_writer *w = o->d->w;
    const char *p = v->p, *end = p + v->len, *stop;

    json_key(w, name, len);
    json_open(w, '[');
    for (; p <= end && !w->over; p = stop + 1) {
        struct json_string s = string(o->d);

        stop = memchr(p, AUDIT_KEY_SEPARATOR, (size_t)(end - p));
        if (!stop)
            stop = end;
        json_element(w);
        json_string(w, &s, p, (size_t)(stop - p));
        if (s.cut || s.invalid)
            note(o, key, name, len, &s);
    }
    json_close(w, ']');
}

static void put_value(const struct one *o, const char *key, const char *name, size_t len,
                      const struct records_value *v)
{
    struct json_string s = string(o->d);

    s.nul_blank = v->nul_blank;
    json_key(o->d->w, name, len);
    json_string_begin(o->d->w);
    json_string_add(o->d->w, &s, v->p, v->len);
    if (v->more_len)
        json_string_add(o->d->w, &s, v->more, v->more_len);
    if (*v->end)
        json_string_add(o->d->w, &s, v->end, strlen(v->end));
    json_string_end(o->d->w);
    if (s.cut || s.invalid)
        note(o, key, name, len, &s);
}

static void put_values(const struct one *o, const char *key, const struct records_part *part,
                       unsigned nested)
{
    struct json_writer *w = o->d->w;
    struct records *r = o->r;
    struct records_key k;
    bool none = true;
    size_t at = 0;

    records_names_reset(&r->names);
    for (size_t i = 0; i < o->rec->n_fields && !w->over; i++) {
        const struct event_field *f = &o->rec->fields[i];
        const struct records_field *raw;
        struct records_value v;
        uint32_t nth;

        if ((f->flags & EVENT_FIELD_NESTED) != nested)
            continue;
        nth = records_names_count(&r->names, f->name, f->name_len);
        if (!nth)
            break; /* not all raw fields fit either, so the document has the line */
        raw = records_value_raw(part, f, nth, &at);
        if (!raw && f->id == EVENT_NAME_text)
            continue;
        records_value(&r->values, o->rec, &r->split.enriched, f, nth, o->arch, &v);
        if (raw ? records_value_is(&v, raw) : v.len == 0)
            continue;
        if (none) {
            json_key(w, key, strlen(key));
            json_open(w, '{');
            none = false;
        }
        records_key_make(&k, f->name, f->name_len, nth);
        if (v.is_list)
            put_list(o, key, k.p, k.len, &v);
        else
            put_value(o, key, k.p, k.len, &v);
    }
    if (!none)
        json_close(w, '}');
}

/* -- one map of all ---------------------------------------------------------------------------- */

static void put_both(const struct one *o, const struct records_key *k,
                     const struct records_value *v, const struct event_field *f)
{
    struct json_string name = string(o->d), number = string(o->d);

    json_key(o->d->w, k->p, k->len);
    json_open(o->d->w, '[');
    json_element(o->d->w);
    json_string(o->d->w, &name, v->p, v->len);
    json_element(o->d->w);
    json_string(o->d->w, &number, f->value, f->value_len);
    json_close(o->d->w, ']');
    note(o, "values", k->p, k->len, &name);
    note(o, "values", k->p, k->len, &number);
}

static void put_meaning(const struct one *o, const struct event_field *f, uint32_t nth)
{
    struct records *r = o->r;
    struct records_value v;
    struct records_key k;

    records_key_make(&k, f->name, f->name_len, nth);
    records_value(&r->values, o->rec, &r->split.enriched, f, nth, o->arch, &v);
    if (v.is_list)
        put_list(o, "values", k.p, k.len, &v);
    else if (records_value_is_name(&v, f))
        put_both(o, &k, &v, f);
    else
        put_value(o, "values", k.p, k.len, &v);
    if (f->id == EVENT_NAME_syscall && records_value_is_name(&v, f) &&
        records_names_count(&r->names, KEY("SYSCALL")) == 1)
        put_value(o, "values", KEY("SYSCALL"), &v);
}

/* The record's own fields come first, so a program's text can't take their names. */
static void put_flat(const struct one *o)
{
    static const unsigned parts[] = {0, EVENT_FIELD_NESTED};
    struct records_names *names = &o->r->names;

    records_names_reset(names);
    records_names_count(names, KEY("type"));
    json_key(o->d->w, KEY("values"));
    json_open(o->d->w, '{');
    put_text(o, "type", o->rec->type_name, o->rec->type_name_len);
    for (size_t i = 0; i < 2 * o->rec->n_fields && !o->d->w->over; i++) {
        const struct event_field *f = &o->rec->fields[i % o->rec->n_fields];
        uint32_t nth;

        if ((f->flags & EVENT_FIELD_NESTED) != parts[i / o->rec->n_fields])
            continue;
        nth = records_names_count(names, f->name, f->name_len);
        if (!nth) {
            notes_add_cut(o->d->notes, "values[]", o->rec->n_fields);
            break;
        }
        put_meaning(o, f, nth);
    }
    json_close(o->d->w, '}');
}

/* -- the line itself --------------------------------------------------------------------------- */

static void put_base64(const struct one *o, const char *p, size_t n)
{
    struct json_string s = string(o->d);

    json_key(o->d->w, KEY("raw_base64"));
    json_string_begin(o->d->w);
    base64_add(o->d->w, &s, p, n);
    json_string_end(o->d->w);
    note(o, "raw_base64", "", 0, &s);
}

static void put_line(const struct one *o)
{
    const struct event_line *l = o->rec->line;
    const struct records_split *sp = &o->r->split;

    if (!utf8_valid(l->line, l->len))
        put_base64(o, l->line, l->len);
    else if (!sp->whole || sp->enriched.text ||
             !records_head_is_plain(&o->r->head, o->d->view->ev, o->rec))
        put_text(o, "raw", l->line, l->len);
}

static void put_record(const struct one *o)
{
    const struct event_line *l = o->rec->line;
    struct records_split *sp = &o->r->split;

    records_split(sp, l->line + l->body, l->raw_len - l->body,
                  l->len > l->raw_len ? l->line + l->raw_len + 1 : NULL,
                  l->len > l->raw_len ? l->len - l->raw_len - 1 : 0);
    json_element(o->d->w);
    json_open(o->d->w, '{');
    put_text(o, "type", o->rec->type_name, o->rec->type_name_len);
    if (sp->body.text)
        put_text(o, "text", sp->body.text, sp->body.text_len);
    if (sp->body.n)
        put_fields(o, "fields", &sp->body);
    if (sp->msg.text)
        put_text(o, "msg_text", sp->msg.text, sp->msg.text_len);
    if (sp->msg.there)
        put_fields(o, "msg", &sp->msg);
    if (sp->enriched.there)
        put_fields(o, "enriched", &sp->enriched);
    if (o->detail >= DETAIL_INTERPRETED) {
        put_values(o, "interpreted", &sp->body, 0);
        put_values(o, "interpreted_msg", &sp->msg, EVENT_FIELD_NESTED);
    }
    if (o->detail >= DETAIL_VALUES)
        put_flat(o);
    put_line(o);
    json_close(o->d->w, '}');
}

/* -- the document ------------------------------------------------------------------------------ */

/* As many whole records as fit. Returns their number. */
static size_t fill(struct records *r, const struct format_doc *d, enum detail detail)
{
    const struct event *ev = d->view->ev;
    size_t tail = d->w->limit / 4 < TAIL_MAX ? d->w->limit / 4 : TAIL_MAX;
    size_t from = json_written(d->w), room = d->w->limit - tail, i;

    for (i = 0; i < ev->n_records; i++) {
        struct one o = {.r = r,
                        .d = d,
                        .rec = &ev->records[i],
                        .number = i,
                        .detail = detail,
                        .arch = records_value_arch(&ev->records[i], d->view->arch)};
        struct records_mark before = records_mark(d);

        put_record(&o);
        if (d->w->over || json_written(d->w) > room ||
            (i > 0 && json_written(d->w) - from > d->limits.list)) {
            records_back_to(d, &before);
            break;
        }
    }
    return i;
}

/* Not everything fits: raw fields first, then their meaning, then the map of both. */
static void put_records(struct records *r, const struct format_doc *d)
{
    size_t n, all = d->view->ev->n_records;
    bool without_values = false, without_meaning = false;
    struct records_mark before;

    json_key(d->w, KEY("records"));
    json_open(d->w, '[');
    if (d->w->over)
        return;
    before = records_mark(d);
    n = fill(r, d, DETAIL_VALUES);
    if (n < all) {
        records_back_to(d, &before);
        n = fill(r, d, DETAIL_INTERPRETED);
        without_values = true;
    }
    if (n < all) {
        records_back_to(d, &before);
        n = fill(r, d, DETAIL_RAW);
        without_meaning = true;
    }
    if (without_values)
        notes_add_cut(d->notes, "values[]", all);
    if (without_meaning)
        notes_add_cut(d->notes, "interpreted[]", all);
    if (n < all)
        notes_add_cut(d->notes, "records[]", all);
    json_close(d->w, ']');
    if (n == 0 && all && d->limits.list)
        d->w->over = true; /* shorter strings may fit */
}

static void write(void *self, const struct format_doc *d)
{
    const struct event *ev = d->view->ev;
    struct records *r = self;
    struct json_string id = JSON_STRING(FORMAT_STRING_MAX); /* never cut */
    const char *stamp;

    r->values.names = d->names;
    r->values.syscalls = r->syscalls;
    records_head_make(&r->head, ev);
    notes_add_event(d->notes, ev);
    json_open(d->w, '{');
    json_key(d->w, KEY("id"));
    json_string(d->w, &id, d->id, d->id_len);
    if (ev->node)
        put(d, KEY("hostname"), ev->node, ev->node_len);
    else
        put(d, KEY("hostname"), d->hostname, strlen(d->hostname));
    if (ev->node)
        put(d, KEY("node"), ev->node, ev->node_len);
    stamp = format_stamp(&r->stamp, ev->sec, ev->ms);
    put(d, KEY("time"), stamp, r->stamp.len);
    put_number(d, KEY("serial"), ev->serial);
    if (ev->part > 1)
        put_number(d, KEY("part"), ev->part);
    put(d, KEY("complete"), event_complete_text(ev->complete),
        strlen(event_complete_text(ev->complete)));
    put_records(r, d);
    notes_write_cut(d->notes, d->w, KEY("truncated"));
    notes_write_invalid(d->notes, d->w, KEY("invalid_utf8"));
    json_close(d->w, '}');
}

const struct format_kind records_kind = {
    .name = "records",
    .keys = records_keys,
    .create = create,
    .destroy = destroy,
    .write = write,
};
