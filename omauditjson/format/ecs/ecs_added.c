/* SPDX-License-Identifier: Apache-2.0 */
/* Constants of the option add. */
#include "config.h"
#include "format/ecs/ecs_added.h"

#include "conf/conf.h"
#include "format/ecs/ecs_writers.h"

void ecs_added_find(struct ecs_added *a, const struct conf *conf)
{
    struct conf_added_item it;

    *a = (struct ecs_added){0};
    for (size_t i = 0; i < conf->add.n; i++) {
        if (!conf_added_split(conf->add.item[i], &it))
            continue;
        if (it.row == CONF_ADDED_LABEL)
            a->labels++;
        else if (it.row < CONF_ADDED_ROWS && !a->value[it.row])
            a->value[it.row] = it.value;
    }
}

/* All values of a list; they are few. */
static void put_list(struct ecs *e, const char *path, size_t len, enum conf_added row)
{
    const struct conf_list *list = &e->doc->conf->add;
    struct conf_added_item it;

    ecs_out_key(&e->out, path, len);
    json_open(e->out.w, '[');
    for (size_t i = 0; i < list->n; i++)
        if (conf_added_split(list->item[i], &it) && it.row == row)
            ecs_put_element(e, path, it.value, strlen(it.value));
    json_close(e->out.w, ']');
}

void ecs_added_put(struct ecs *e, const char *path, size_t len, enum conf_added row)
{
    const char *value = e->added.value[row];

    switch (conf_added_type(row)) {
    case CONF_ADDED_STRING:
        ecs_out_text(&e->out, path, len, value);
        break;
    case CONF_ADDED_STRINGS:
    case CONF_ADDED_IPS:
        put_list(e, path, len, row);
        break;
    }
}

static void put_or(struct ecs *e, const char *path, size_t len, enum conf_added row,
                   const char *otherwise)
{
    const char *value = e->added.value[row];

    ecs_out_text(&e->out, path, len, value ? value : otherwise);
}

/* Elastic's rules ask for the dataset of its integration for auditd, whose names we have. */
void ecs_write_stream_dataset(struct ecs *e, const char *path, size_t len)
{
    put_or(e, path, len, CONF_ADDED_data_stream_dataset, "auditd_manager.auditd");
}

void ecs_write_stream_type(struct ecs *e, const char *path, size_t len)
{
    put_or(e, path, len, CONF_ADDED_data_stream_type, "logs");
}

void ecs_write_stream_namespace(struct ecs *e, const char *path, size_t len)
{
    put_or(e, path, len, CONF_ADDED_data_stream_namespace, "default");
}

void ecs_write_event_module(struct ecs *e, const char *path, size_t len)
{
    put_or(e, path, len, CONF_ADDED_event_module, "auditd");
}

/* ECS: of a data stream the same as its dataset. */
void ecs_write_event_dataset(struct ecs *e, const char *path, size_t len)
{
    if (e->added.value[CONF_ADDED_event_dataset])
        ecs_out_text(&e->out, path, len, e->added.value[CONF_ADDED_event_dataset]);
    else
        ecs_write_stream_dataset(e, path, len);
}

void ecs_write_labels(struct ecs *e, const char *path, size_t len)
{
    const struct conf_list *list = &e->doc->conf->add;
    struct conf_added_item it;

    if (!e->added.labels)
        return;
    ecs_out_key(&e->out, path, len);
    json_open(e->out.w, '{');
    for (size_t i = 0; i < list->n; i++) {
        struct json_string s = JSON_STRING(e->out.string_max);

        if (!conf_added_split(list->item[i], &it) || it.row != CONF_ADDED_LABEL)
            continue;
        json_key(e->out.w, it.name, it.name_len);
        json_string(e->out.w, &s, it.value, strlen(it.value));
        notes_add_string(e->out.notes, path, &s);
    }
    json_close(e->out.w, '}');
}
