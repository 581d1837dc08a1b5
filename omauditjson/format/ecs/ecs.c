/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/ecs/ecs.h"

#include <stdlib.h>

#include "base/mem.h"
#include "format/ecs/ecs_added.h"
#include "format/ecs/ecs_doc.h"
#include "format/ecs/ecs_keys.h"
#include "format/ecs/ecs_writers.h"
#include "format/ecs/ecs_network.h"
#include "format/ecs/ecs_object.h"
#include "format/ecs/ecs_user.h"

static void *create(const struct conf *conf)
{
    struct ecs *e = mem_calloc(1, sizeof(*e));

    written_init(&e->written);
    leftover_init(&e->leftover);
    e->table = ecs_table_new();
    ecs_added_find(&e->added, conf);
    return e;
}

static void destroy(void *self)
{
    struct ecs *e = self;

    written_done(&e->written);
    leftover_done(&e->leftover);
    ecs_table_free(e->table);
    free(e);
}

static void write(void *self, const struct format_doc *d)
{
    struct ecs *e = self;
    const struct view *v = d->view;

    e->doc = d;
    e->view = v;
    e->users.n = e->ips.n = e->hosts.n = 0;
    written_begin(&e->written, d);
    ecs_action_resolve(e->table, v, &e->what);
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
    ecs_user_put(e, ECS_KEY(path ".id"), ECS_KEY(path ".name"), v->subject, EVENT_NAME_##field, \
                 enriched);
#define ECS_GROUP(path, field, enriched, text)                                    \
    ecs_user_put_group(e, ECS_KEY(path ".id"), ECS_KEY(path ".name"), v->subject, \
                       EVENT_NAME_##field, enriched);
#define ECS_WRITER(path, function, type, required, pattern, source, example, text) \
    ecs_write_##function(e, ECS_KEY(path));
#define ECS_ADDED(id, path, type, pattern, example, text) \
    if (e->added.value[CONF_ADDED_##id])                  \
        ecs_added_put(e, ECS_KEY(path), CONF_ADDED_##id);
#include "format/ecs/ecs_fields.def"

    ecs_out_end(&e->out);
}

const struct format_kind ecs_kind = {
    .name = "ecs",
    .keys = ecs_keys,
    .create = create,
    .destroy = destroy,
    .write = write,
};
