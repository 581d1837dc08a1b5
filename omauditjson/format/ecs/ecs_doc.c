/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/ecs/ecs_doc.h"

bool ecs_put_field(struct ecs *e, const char *path, size_t len, const struct event_field *f)
{
    if (!f)
        return false;
    ecs_out_string(&e->out, path, len, f->value, f->value_len);
    written_mark(&e->written, f);
    return true;
}

bool ecs_put_number_field(struct ecs *e, const char *path, size_t len, const struct event_field *f)
{
    uint64_t n;

    if (!event_field_number(f, 10, &n) || n > INT64_MAX)
        return false;
    ecs_out_number(&e->out, path, len, n);
    written_mark(&e->written, f);
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

void ecs_put_element(struct ecs *e, const char *path, const char *p, size_t len)
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
        ecs_put_element(e, path, r->item[i].p, r->item[i].len);
    json_close(e->out.w, ']');
}
