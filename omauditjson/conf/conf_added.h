/* SPDX-License-Identifier: Apache-2.0 */
/* The constants that the option add puts into documents of the format ecs: names and types of
 * added.def, and labels.NAME. Items are those of conf's list `add`, "NAME = VALUE"; they are
 * checked when they are set, so that all functions but conf_added_check() may expect good ones. */
#ifndef OMAUDITJSON_CONF_CONF_ADDED_H
#define OMAUDITJSON_CONF_CONF_ADDED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct conf_list;

enum conf_added_type {
    CONF_ADDED_STRING,
    CONF_ADDED_STRINGS,
    CONF_ADDED_IPS,
};

/* Rows of added.def, in its order. */
enum conf_added {
#define ADD_ROW(id, name, type, pattern, example, text) CONF_ADDED_##id,
#define ADD_DATA_STREAM ADD_ROW
#define ADD_EVENT ADD_ROW
#define ADD_HOST ADD_ROW
#define ADD_OTHER ADD_ROW
#include "conf/added.def"
#undef ADD_ROW
    CONF_ADDED_ROWS, /* how many */
    CONF_ADDED_LABEL = CONF_ADDED_ROWS,
    CONF_ADDED_NONE,
};

struct conf_added_item {
    enum conf_added row;
    const char *name; /* of a label without "labels."; not NUL-terminated */
    size_t name_len;
    const char *value;
};

/* Take "NAME = VALUE" apart; row is CONF_ADDED_NONE where the name is not known. Borrows from
 * item. False: it has not this form. */
bool conf_added_split(const char *item, struct conf_added_item *ret);

enum conf_added_type conf_added_type(enum conf_added row);

/* Check an item that is to follow those of the list; 0, or -EINVAL with the reason in why. */
int conf_added_check(const struct conf_list *list, const char *item, struct buf *why);

#endif
