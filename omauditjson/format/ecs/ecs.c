/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/ecs/ecs.h"

#include <libaudit.h>
#include <stdlib.h>

#include "conf/conf.h"
#include "base/mem.h"
#include "format/details_lists.h"
#include "format/ecs/ecs_doc.h"
#include "format/summary.h"

#define ECS_VERSION "8.17.0"
#define DEFAULT_SUMMARY_MAX 1024

static void *make(const struct conf *conf)
{
    struct ecs *e = mem_calloc(1, sizeof(*e));

    (void)conf;
    details_init(&e->details, false);
    e->actions = ecs_actions_new();
    return e;
}

static void unmake(void *self)
{
    struct ecs *e = self;

    details_done(&e->details);
    ecs_actions_free(e->actions);
    free(e);
}

/* -- values ------------------------------------------------------------------------------------ */

bool ecs_put_field(struct ecs *e, const char *path, size_t len, const struct event_field *f)
{
    if (!f)
        return false;
    ecs_out_string(&e->out, path, len, f->value, f->value_len);
    details_mark(&e->details, f);
    return true;
}

bool ecs_put_number_field(struct ecs *e, const char *path, size_t len, const struct event_field *f)
{
    uint64_t n;

    if (!event_field_number(f, 10, &n) || n > INT64_MAX)
        return false;
    ecs_out_number(&e->out, path, len, n);
    details_mark(&e->details, f);
    return true;
}

void ecs_put_text(struct ecs *e, const char *path, size_t len, struct ecs_text t)
{
    if (t.p)
        ecs_out_string(&e->out, path, len, t.p, t.len);
}

void ecs_relate(struct ecs_related *r, const char *p, size_t len)
{
    for (size_t i = 0; i < r->n; i++) {
        if (r->item[i].len == len && memcmp(r->item[i].p, p, len) == 0)
            return;
    }
    if (r->n == ECS_RELATED_MAX || len == 0)
        return;
    r->item[r->n] = (struct ecs_text){p, len};
    if (len <= sizeof(r->copy[0])) {
        memcpy(r->copy[r->n], p, len);
        r->item[r->n].p = r->copy[r->n];
    }
    r->n++;
}

static void put_element(struct ecs *e, const char *path, const char *p, size_t len)
{
    struct json_string s = JSON_STRING(e->out.string_max);

    json_element(e->out.w);
    json_string(e->out.w, &s, p, len);
    notes_add_string(e->out.notes, path, &s);
}

void ecs_put_related(struct ecs *e, const char *path, size_t len, const struct ecs_related *r)
{
    if (r->n == 0)
        return;
    ecs_out_key(&e->out, path, len);
    json_open(e->out.w, '[');
    for (size_t i = 0; i < r->n; i++)
        put_element(e, path, r->item[i].p, r->item[i].len);
    json_close(e->out.w, ']');
}

/* -- the document ------------------------------------------------------------------------------ */

void ecs_made_timestamp(struct ecs *e, const char *path, size_t len)
{
    const char *stamp = format_stamp(&e->stamp, e->view->ev->sec, e->view->ev->ms);

    ecs_out_string(&e->out, path, len, stamp, e->stamp.len);
}

void ecs_made_version(struct ecs *e, const char *path, size_t len)
{
    ecs_out_text(&e->out, path, len, ECS_VERSION);
}

void ecs_made_message(struct ecs *e, const char *path, size_t len)
{
    const struct conf *conf = e->doc->conf;
    size_t max = conf->summary_max ? conf->summary_max : DEFAULT_SUMMARY_MAX;
    struct json_string s;

    if (max > e->out.string_max)
        max = e->out.string_max;
    s = JSON_STRING(max);
    s.nul_blank = true;
    ecs_out_key(&e->out, path, len);
    json_string_begin(e->out.w);
    summary_write(e->view, e->out.w, &s);
    json_string_end(e->out.w);
    notes_add_string(e->out.notes, path, &s);
}

/* A key may be several, with 0x01 between them [linux, AUDIT_KEY_SEPARATOR]. */
void ecs_made_tags(struct ecs *e, const char *path, size_t len)
{
    const struct event_field *key = event_field(e->view->subject, EVENT_NAME_key);
    const struct conf *conf = e->doc->conf;
    size_t from = json_written(e->out.w);
    bool full = false;

    if (!key && conf->tags.n == 0)
        return;
    ecs_out_key(&e->out, path, len);
    json_open(e->out.w, '[');
    if (key) {
        const char *p = key->value, *end = p + key->value_len, *stop;

        for (; p <= end && !full; p = stop + 1) {
            stop = memchr(p, AUDIT_KEY_SEPARATOR, (size_t)(end - p));
            if (!stop)
                stop = end;
            put_element(e, path, p, (size_t)(stop - p));
            full = json_written(e->out.w) - from > e->doc->limits.list;
        }
        if (p <= end)
            notes_add_cut(e->out.notes, "tags[]", key->value_len);
        details_mark(&e->details, key);
    }
    for (size_t i = 0; i < conf->tags.n; i++)
        put_element(e, path, conf->tags.item[i], strlen(conf->tags.item[i]));
    json_close(e->out.w, ']');
}

void ecs_made_event_id(struct ecs *e, const char *path, size_t len)
{
    ecs_out_string(&e->out, path, len, e->doc->id, e->doc->id_len);
}

void ecs_made_event_kind(struct ecs *e, const char *path, size_t len)
{
    ecs_out_text(&e->out, path, len, "event");
}

static void put_words(struct ecs *e, const char *path, size_t len, unsigned bits, unsigned n,
                      const char *(*word)(unsigned))
{
    ecs_out_key(&e->out, path, len);
    json_open(e->out.w, '[');
    for (unsigned i = 0; i < n; i++) {
        if (bits & 1u << i)
            put_element(e, path, word(i), strlen(word(i)));
    }
    json_close(e->out.w, ']');
}

void ecs_made_event_category(struct ecs *e, const char *path, size_t len)
{
    put_words(e, path, len, e->what.categories, ECS_CATEGORIES, ecs_category_word);
}

void ecs_made_event_type(struct ecs *e, const char *path, size_t len)
{
    put_words(e, path, len, e->what.types, ECS_TYPES, ecs_type_word);
}

void ecs_made_event_action(struct ecs *e, const char *path, size_t len)
{
    ecs_put_text(e, path, len, e->what.action);
}

void ecs_made_event_outcome(struct ecs *e, const char *path, size_t len)
{
    ecs_out_text(&e->out, path, len, ecs_outcome_word(e->what.outcome));
    details_mark(&e->details, event_field(e->view->syscall, EVENT_NAME_success));
    if (e->what.lead != e->view->syscall)
        details_mark(&e->details, ecs_field(e->what.lead, "res"));
}

void ecs_made_event_module(struct ecs *e, const char *path, size_t len)
{
    ecs_out_text(&e->out, path, len, "auditd");
}

void ecs_made_event_dataset(struct ecs *e, const char *path, size_t len)
{
    ecs_out_text(&e->out, path, len, "auditd.log");
}

void ecs_made_sequence(struct ecs *e, const char *path, size_t len)
{
    uint64_t n = e->view->ev->serial;

    /* a long of Elasticsearch's; the kernel's serial has 32 bits */
    ecs_out_number(&e->out, path, len, n > INT64_MAX ? INT64_MAX : n);
}

/* The numbers are those of nearly every Linux; libaudit has no tables of the others. */
void ecs_made_error_code(struct ecs *e, const char *path, size_t len)
{
    const struct event_field *f = event_field(e->view->syscall, EVENT_NAME_exit);
    struct event_field digits;
    const char *name;
    uint64_t n;

    if (!f || f->value_len < 2 || f->value[0] != '-')
        return;
    digits = *f;
    digits.value++;
    digits.value_len--;
    if (!event_field_number(&digits, 10, &n) || n > 4095)
        return;
    name = audit_errno_to_name((int)n);
    if (name)
        ecs_out_text(&e->out, path, len, name);
}

void ecs_made_host(struct ecs *e, const char *path, size_t len)
{
    const struct event *ev = e->view->ev;
    const char *name = ev->node ? ev->node : e->doc->hostname;
    size_t n = ev->node ? ev->node_len : strlen(name);

    ecs_out_string(&e->out, path, len, name, n);
    ecs_relate(&e->hosts, name, n);
}

static void write(void *self, const struct format_doc *d)
{
    struct ecs *e = self;
    const struct view *v = d->view;

    e->doc = d;
    e->view = v;
    e->users.n = e->ips.n = e->hosts.n = 0;
    details_begin(&e->details, d);
    ecs_action_resolve(e->actions, v, &e->what);
    ecs_object_find(v, &e->what);
    ecs_network_find(e);
    ecs_out_begin(&e->out, d->w, d->notes, d->limits.string);

#define ECS_FIELD(path, record, field, example, text) \
    ecs_put_field(e, ECS_KEY(path), event_field(v->record, EVENT_NAME_##field));
#define ECS_LONG(path, record, field, example, text) \
    ecs_put_number_field(e, ECS_KEY(path), event_field(v->record, EVENT_NAME_##field));
    /* a SYSCALL has none of these */
#define ECS_LEAD(path, field, example, text) \
    if (e->what.lead != v->syscall)          \
        ecs_put_field(e, ECS_KEY(path), ecs_field(e->what.lead, #field));
#define ECS_USER(path, field, enriched, text)                                                   \
    ecs_put_user(e, ECS_KEY(path ".id"), ECS_KEY(path ".name"), v->subject, EVENT_NAME_##field, \
                 enriched);
#define ECS_GROUP(path, field, enriched, text)                                                   \
    ecs_put_group(e, ECS_KEY(path ".id"), ECS_KEY(path ".name"), v->subject, EVENT_NAME_##field, \
                  enriched);
#define ECS_MADE(path, function, type, required, pattern, source, example, text) \
    ecs_made_##function(e, ECS_KEY(path));
#include "format/ecs/ecs_fields.def"

    ecs_out_end(&e->out);
}

const struct format_kind ecs_kind = {
    .name = "ecs",
    .keys = ecs_keys,
    .make = make,
    .free = unmake,
    .write = write,
};
