/* SPDX-License-Identifier: Apache-2.0 */
/* The account that a program's record is about, told by its fields and not by its type: acct, id,
 * or a uid that the program itself wrote. Borrows from the view. */
#ifndef OMAUDITJSON_FORMAT_ACCOUNT_H
#define OMAUDITJSON_FORMAT_ACCOUNT_H

#include "format/view.h"

/* Its number, or NULL. */
const struct event_field *account_id(const struct view *v);

/* Its name: acct, else the one that auditd gave to the number; false: neither. */
bool account_name(const struct view *v, const char **ret, size_t *ret_len);

#endif
