/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/types.h"

#include <libaudit.h>
#include <string.h>

static bool is_there(const struct types *t, const struct event_record *rec)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->record[i]->type == rec->type && t->record[i]->type_name_len == rec->type_name_len &&
            memcmp(t->record[i]->type_name, rec->type_name, rec->type_name_len) == 0)
            return true;
    return false;
}

void types_find(const struct event *ev, struct types *ret)
{
    ret->n = ret->all = 0;
    for (size_t i = 0; i < ev->n_records; i++) {
        const struct event_record *rec = &ev->records[i];

        if (rec->type == AUDIT_EOE || is_there(ret, rec))
            continue;
        ret->all = ret->n + 1;
        if (ret->n == TYPES_MAX)
            return;
        ret->record[ret->n++] = rec;
    }
}
