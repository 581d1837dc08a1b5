/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/audisp/audisp_users.h"

#include <string.h>

#include "base/clock.h"

#define UID_UNSET 4294967295u

/* The first c from p on, or end. Faster than memchr() for a few bytes. */
static inline const char *find_char(const char *p, const char *end, char c)
{
    while (p < end && *p != c)
        p++;
    return p;
}

static void set_once(struct audisp_name *name, const char *p, const char *end)
{
    if (!name->p)
        *name = (struct audisp_name){p, (size_t)(end - p)};
}

/* event_enriched() for two names in one pass; nearly every record has both. */
void audisp_users_find(struct audisp_users *u)
{
    const struct event_record *rec = u->view->subject;
    const char *p = rec->enriched, *end;

    u->auid = u->uid = (struct audisp_name){0};
    if (!p)
        return;
    end = p + rec->enriched_len;
    while (p < end && !(u->auid.p && u->uid.p)) {
        const char *name = p, *eq = find_char(p, end, '='), *value, *stop;

        if (eq == end)
            return;
        value = eq + 1;
        if (value < end && *value == '"')
            stop = find_char(++value, end, '"');
        else if (value < end && *value == '{')
            stop = find_char(value, end, '}');
        else
            stop = find_char(value, end, ' ');
        if (eq - name == 4 && memcmp(name, "AUID", 4) == 0)
            set_once(&u->auid, value, stop);
        else if (eq - name == 3 && memcmp(name, "UID", 3) == 0)
            set_once(&u->uid, value, stop);
        p = stop < end ? stop + 1 : end;
        while (p < end && *p == ' ')
            p++;
    }
}

/* auditd writes "unknown(1234)" where it has no name. */
bool audisp_users_name(struct audisp_users *u, enum event_name field,
                       const struct audisp_name *auditd, const char **ret, size_t *ret_len)
{
    const struct event_field *f = view_field(u->view->subject, field);

    if (!f)
        return false;
    if (auditd->p && auditd->len > 0) {
        *ret = auditd->p;
        *ret_len = auditd->len;
        return find_char(*ret, *ret + *ret_len, '(') == *ret + *ret_len;
    }
    return audisp_users_number(u, f, ret, ret_len);
}

bool audisp_users_number(struct audisp_users *u, const struct event_field *f, const char **ret,
                         size_t *ret_len)
{
    uint64_t uid;

    if (!f)
        return false;
    if (f->value_len == 2 && memcmp(f->value, "-1", 2) == 0)
        uid = UID_UNSET;
    else if (!event_field_number(f, 10, &uid) || uid > UID_UNSET)
        return false;
    *ret = uid == UID_UNSET ? "unset" : names_user(u->names, (uint32_t)uid, clock_mono_ms());
    *ret_len = *ret ? strlen(*ret) : 0;
    return *ret != NULL;
}
