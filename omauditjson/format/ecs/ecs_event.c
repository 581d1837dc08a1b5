/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of the event itself: time, message, category, action, outcome. */
#include "config.h"
#include "format/ecs/ecs_writers.h"

#include <libaudit.h>

#include "conf/conf.h"
#include "format/summary.h"
#include "format/words.h"

#define ECS_VERSION "8.17.0"
#define DEFAULT_SUMMARY_MAX 1024

void ecs_write_timestamp(struct ecs *e, const char *path, size_t len)
{
    const char *stamp = format_stamp(&e->stamp, e->view->ev->sec, e->view->ev->ms);

    ecs_out_string(&e->out, path, len, stamp, e->stamp.len);
}

void ecs_write_version(struct ecs *e, const char *path, size_t len)
{
    ecs_out_text(&e->out, path, len, ECS_VERSION);
}

void ecs_write_message(struct ecs *e, const char *path, size_t len)
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
void ecs_write_tags(struct ecs *e, const char *path, size_t len)
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
            ecs_put_element(e, path, p, (size_t)(stop - p));
            full = json_written(e->out.w) - from > e->doc->limits.list;
        }
        if (p <= end)
            notes_add_cut(e->out.notes, "tags[]", key->value_len);
        written_mark(&e->written, key);
    }
    for (size_t i = 0; i < conf->tags.n; i++)
        ecs_put_element(e, path, conf->tags.item[i], strlen(conf->tags.item[i]));
    json_close(e->out.w, ']');
}

void ecs_write_event_id(struct ecs *e, const char *path, size_t len)
{
    ecs_out_string(&e->out, path, len, e->doc->id, e->doc->id_len);
}

void ecs_write_event_kind(struct ecs *e, const char *path, size_t len)
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
            ecs_put_element(e, path, word(i), strlen(word(i)));
    }
    json_close(e->out.w, ']');
}

void ecs_write_event_category(struct ecs *e, const char *path, size_t len)
{
    put_words(e, path, len, e->what.categories, ECS_CATEGORIES, ecs_category_word);
}

void ecs_write_event_type(struct ecs *e, const char *path, size_t len)
{
    put_words(e, path, len, e->what.types, ECS_TYPES, ecs_type_word);
}

void ecs_write_event_action(struct ecs *e, const char *path, size_t len)
{
    ecs_put_text(e, path, len, e->what.action);
}

void ecs_write_event_outcome(struct ecs *e, const char *path, size_t len)
{
    ecs_out_text(&e->out, path, len, ecs_outcome_word(e->what.outcome));
    written_mark(&e->written, event_field(e->view->syscall, EVENT_NAME_success));
    if (e->what.lead != e->view->syscall)
        written_mark(&e->written, ecs_field(e->what.lead, "res"));
}

void ecs_write_sequence(struct ecs *e, const char *path, size_t len)
{
    uint64_t n = e->view->ev->serial;

    /* Elasticsearch's long; the kernel's serial has 32 bits */
    ecs_out_number(&e->out, path, len, n > INT64_MAX ? INT64_MAX : n);
}

void ecs_write_error_code(struct ecs *e, const char *path, size_t len)
{
    const char *name = words_error(event_field(e->view->subject, EVENT_NAME_exit));

    if (!name)
        name = words_error(event_field(e->view->apparmor, EVENT_NAME_error));
    if (name)
        ecs_out_text(&e->out, path, len, name);
}

void ecs_write_host(struct ecs *e, const char *path, size_t len)
{
    const struct event *ev = e->view->ev;
    const char *name = ev->node ? ev->node : e->doc->hostname;
    size_t n = ev->node ? ev->node_len : strlen(name);

    ecs_out_string(&e->out, path, len, name, n);
    ecs_relate(&e->hosts, name, n);
}

/* The records are of Linux Audit, whatever system reads them. */
void ecs_write_os_type(struct ecs *e, const char *path, size_t len)
{
    ecs_out_text(&e->out, path, len, "linux");
}
