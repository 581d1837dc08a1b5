/* SPDX-License-Identifier: Apache-2.0 */
/* The names of an event's users. Owns nothing. */
#ifndef OMAUDITJSON_FORMAT_AUDISP_AUDISP_USERS_H
#define OMAUDITJSON_FORMAT_AUDISP_AUDISP_USERS_H

#include "event/names.h"
#include "format/view.h"

struct audisp_name {
    const char *p; /* NULL: none */
    size_t len;
};

struct audisp_users {
    const struct view *view;
    struct names *names;
    struct audisp_name auid, uid; /* as auditd wrote them */
};

/* What auditd wrote as AUID and UID of the event's subject, into u. */
void audisp_users_find(struct audisp_users *u);

/* auditd's name, else the host's, for a field of the subject; false: there is none. */
bool audisp_users_name(struct audisp_users *u, enum event_name field,
                       const struct audisp_name *auditd, const char **ret, size_t *ret_len);

/* The host's name for a number, NULL: none; false: there is none. */
bool audisp_users_number(struct audisp_users *u, const struct event_field *f, const char **ret,
                         size_t *ret_len);

#endif
