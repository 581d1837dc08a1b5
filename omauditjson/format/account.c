/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/account.h"

#include <string.h>

const struct event_field *account_id(const struct view *v)
{
    const struct event_field *id = view_user_field(v, EVENT_NAME_id);

    if (id || v->user == &view_no_record)
        return id;
    /* the kernel's uid is the program's own; the one in its text, of gdm, pam_faillock and
     * pam_tally2, is somebody's else */
    return event_nested_field(v->user, EVENT_NAME_uid);
}

/* auditd's name for a uid in the program's text is its second UID, behind that of the record's own.
 */
static bool second_uid(const struct event_record *rec, const char **ret, size_t *ret_len)
{
    struct event_record behind = *rec;
    const char *p;
    size_t len;

    if (!rec->enriched || !event_enriched(rec, "UID", &p, &len))
        return false;
    p += len;
    if (p < rec->enriched + rec->enriched_len && *p == '"')
        p++;
    while (p < rec->enriched + rec->enriched_len && *p == ' ')
        p++;
    behind.enriched = p;
    behind.enriched_len = (size_t)(rec->enriched + rec->enriched_len - p);
    return event_enriched(&behind, "UID", ret, ret_len);
}

bool account_name(const struct view *v, const char **ret, size_t *ret_len)
{
    const struct event_field *acct = view_user_field(v, EVENT_NAME_acct), *id;
    bool found;

    if (acct) {
        *ret = acct->value;
        *ret_len = acct->value_len;
        return true;
    }
    id = account_id(v);
    if (!id)
        return false;
    found = id->id == EVENT_NAME_id ? event_enriched(v->user, "ID", ret, ret_len)
                                    : second_uid(v->user, ret, ret_len);
    /* "unknown(1001)" is no name */
    return found && *ret_len > 0 && !memchr(*ret, '(', *ret_len);
}
