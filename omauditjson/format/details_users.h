/* SPDX-License-Identifier: Apache-2.0 */
/* The names of an event's users. Owns nothing. */
#ifndef OMAUDITJSON_FORMAT_DETAILS_USERS_H
#define OMAUDITJSON_FORMAT_DETAILS_USERS_H

#include "format/details.h"

/* What auditd wrote as AUID and UID of the event's subject, into d. */
void details_find_users(struct details *d);

/* auditd's name, else the host's, for a field of the subject; false: there is none. */
bool details_user(struct details *d, enum event_name field, const struct details_name *auditd,
                  const char **ret, size_t *ret_len);

#endif
