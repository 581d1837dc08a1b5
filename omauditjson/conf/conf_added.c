/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "conf/conf_added.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "conf/conf_table.h"

#define VALUE_MAX 1024 /* bytes; keyword fields of Elastic ignore longer ones */
#define LABEL "labels."

static const struct {
    const char *name;
    enum conf_added_type type;
} rows[] = {
#define ADD_ROW(id, name, type, pattern, example, text) {name, CONF_ADDED_##type},
#define ADD_DATA_STREAM ADD_ROW
#define ADD_EVENT ADD_ROW
#define ADD_HOST ADD_ROW
#define ADD_OTHER ADD_ROW
#include "conf/added.def"
#undef ADD_ROW
};

static bool is_label(const char *name, size_t len)
{
    const size_t skip = sizeof(LABEL) - 1;

    if (len <= skip || memcmp(name, LABEL, skip) != 0)
        return false;
    for (size_t i = skip; i < len; i++)
        if (!isalnum((unsigned char)name[i]) && name[i] != '_' && name[i] != '-')
            return false;
    return true;
}

static enum conf_added find(const char *name, size_t len)
{
    for (size_t i = 0; i < CONF_ADDED_ROWS; i++)
        if (strlen(rows[i].name) == len && memcmp(rows[i].name, name, len) == 0)
            return (enum conf_added)i;
    return is_label(name, len) ? CONF_ADDED_LABEL : CONF_ADDED_NONE;
}

bool conf_added_split(const char *item, struct conf_added_item *ret)
{
    const char *name = item + strspn(item, " \t"), *equals = strchr(name, '=');
    size_t len;

    if (!equals)
        return false;
    len = (size_t)(equals - name);
    while (len > 0 && (name[len - 1] == ' ' || name[len - 1] == '\t'))
        len--;
    *ret = (struct conf_added_item){
        .row = find(name, len),
        .name = name,
        .name_len = len,
        .value = equals + 1 + strspn(equals + 1, " \t"),
    };
    if (ret->row == CONF_ADDED_LABEL) {
        ret->name += sizeof(LABEL) - 1;
        ret->name_len -= sizeof(LABEL) - 1;
    }
    return len > 0;
}

enum conf_added_type conf_added_type(enum conf_added row)
{
    return row < CONF_ADDED_ROWS ? rows[row].type : CONF_ADDED_STRING;
}

static void unknown_name(const struct conf_added_item *it, struct buf *why)
{
    char name[CONF_NAME_MAX], shown[CONF_SHOWN_SIZE];
    size_t distance = SIZE_MAX, len = it->name_len;
    const char *best = NULL;

    if (len >= sizeof(name))
        len = sizeof(name) - 1;
    memcpy(name, it->name, len);
    name[len] = '\0';
    for (size_t i = 0; i < CONF_ADDED_ROWS; i++)
        conf_near(name, rows[i].name, &best, &distance);
    buf_printf(why, "'%s' is not a name that can be added", conf_shown(name, shown));
    if (best && conf_near_enough(name, distance))
        buf_printf(why, " (did you mean '%s'?)", best);
}

/* A data stream's dataset and namespace are parts of its name [Elasticsearch, "Data streams"]. */
static bool is_stream_part(const char *value)
{
    for (const char *p = value; *p; p++)
        if (isupper((unsigned char)*p) || strchr("\\/*?\"<>| ,#:-", *p))
            return false;
    return true;
}

static const char *value_fault(const struct conf_added_item *it)
{
    static const char *const types[] = {"logs", "metrics", "traces", "synthetics"};
    unsigned char address[sizeof(struct in6_addr)];
    size_t i;

    if (!it->value[0])
        return "requires a value";
    if (strlen(it->value) > VALUE_MAX)
        return "the value is longer than 1,024 bytes";
    if (it->row == CONF_ADDED_data_stream_type) {
        for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
            if (strcmp(it->value, types[i]) == 0)
                return NULL;
        return "is not one of logs|metrics|traces|synthetics";
    }
    if ((it->row == CONF_ADDED_data_stream_dataset ||
         it->row == CONF_ADDED_data_stream_namespace) &&
        (!is_stream_part(it->value) || strlen(it->value) > 100))
        return "is no part of a data stream's name: at most 100 bytes, no capital, no '-', no "
               "blank, none of \\/*?\"<>|,#:";
    switch (conf_added_type(it->row)) {
    case CONF_ADDED_IPS:
        return inet_pton(AF_INET, it->value, address) == 1 ||
                       inet_pton(AF_INET6, it->value, address) == 1
                   ? NULL
                   : "is not an IP address";
    case CONF_ADDED_STRING:
    case CONF_ADDED_STRINGS:
        break;
    }
    return NULL;
}

static bool is_there(const struct conf_list *list, const struct conf_added_item *it)
{
    struct conf_added_item other;

    for (size_t i = 0; i < list->n; i++)
        if (conf_added_split(list->item[i], &other) && other.row == it->row &&
            other.name_len == it->name_len && memcmp(other.name, it->name, it->name_len) == 0)
            return true;
    return false;
}

int conf_added_check(const struct conf_list *list, const char *item, struct buf *why)
{
    struct conf_added_item it;
    const char *fault;

    if (!conf_added_split(item, &it)) {
        buf_append_str(why, "not of the form NAME = VALUE");
        return -EINVAL;
    }
    if (it.row == CONF_ADDED_NONE) {
        unknown_name(&it, why);
        return -EINVAL;
    }
    fault = value_fault(&it);
    if (fault) {
        buf_append(why, it.name, it.name_len);
        buf_printf(why, ": %s", fault);
        return -EINVAL;
    }
    if (conf_added_type(it.row) < CONF_ADDED_STRINGS && is_there(list, &it)) {
        buf_append(why, it.name, it.name_len);
        buf_append_str(why, ": added twice");
        return -EINVAL;
    }
    return 0;
}
