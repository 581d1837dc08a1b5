/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/ecs/ecs_user.h"

#include <libaudit.h>

#include "format/account.h"
#include "base/clock.h"
#include "format/ecs/ecs_writers.h"

#define ID_UNSET 4294967295u

/* -1 and 4294967295 mean unset. */
static bool is_unset(const struct event_field *f)
{
    uint64_t n;

    if (f->value_len == 2 && memcmp(f->value, "-1", 2) == 0)
        return true;
    return event_field_number(f, 10, &n) && n == ID_UNSET;
}

/* auditd's name where the record has one, else the host's; "unknown(1234)" is no name. */
static struct ecs_text name_of(struct ecs *e, const struct event_record *rec,
                               const struct event_field *f, const char *enriched, bool group)
{
    struct ecs_text t = {0};
    int64_t now;
    uint64_t id;

    if (rec->enriched && event_enriched(rec, enriched, &t.p, &t.len) && t.len > 0) {
        if (memchr(t.p, '(', t.len))
            t.p = NULL;
        return t;
    }
    t.p = NULL;
    if (!event_field_number(f, 10, &id) || id >= ID_UNSET)
        return t;
    now = clock_mono_ms();
    t.p = group ? names_group(e->doc->names, (uint32_t)id, now)
                : names_user(e->doc->names, (uint32_t)id, now);
    t.len = t.p ? strlen(t.p) : 0;
    return t;
}

static void put_id(struct ecs *e, const char *id, size_t id_len, const char *name, size_t name_len,
                   const struct event_record *rec, const struct event_field *f,
                   const char *enriched, bool group)
{
    struct ecs_text t;
    uint64_t n;

    if (!f)
        return;
    if (is_unset(f)) {
        written_mark(&e->written, f);
        return;
    }
    if (id_len && event_field_number(f, 10, &n))
        ecs_put_field(e, id, id_len, f);
    if (!name_len)
        return;
    t = name_of(e, rec, f, enriched, group);
    ecs_put_text(e, name, name_len, t);
    if (t.p && !group)
        ecs_relate(&e->users, t.p, t.len);
}

void ecs_user_put(struct ecs *e, const char *id, size_t id_len, const char *name, size_t name_len,
                  const struct event_record *rec, enum event_name field, const char *enriched)
{
    put_id(e, id, id_len, name, name_len, rec, event_field(rec, field), enriched, false);
}

void ecs_user_put_group(struct ecs *e, const char *id, size_t id_len, const char *name,
                        size_t name_len, const struct event_record *rec, enum event_name field,
                        const char *enriched)
{
    put_id(e, id, id_len, name, name_len, rec, event_field(rec, field), enriched, true);
}

/* -- who --------------------------------------------------------------------------------------- */

/* A login, its credentials or session: the event's user is the one who logs in, not the user of the
 * program that reports it. */
static bool is_login(const struct ecs *e)
{
    const unsigned both = ECS_CATEGORY_BIT(AUTHENTICATION) | ECS_CATEGORY_BIT(SESSION);

    return (e->what.categories & both) && e->what.lead != e->view->syscall;
}

/* LOGIN's own auid is the new one. */
static bool is_loginuid(const struct ecs *e)
{
    return e->what.row->number == AUDIT_LOGIN;
}

/* acct, or auditd's name for id; "?" is none. */
static bool find_account(const struct ecs *e, struct ecs_text *t)
{
    return account_name(e->view, &t->p, &t->len) && !(t->len == 1 && t->p[0] == '?');
}

static bool has_account(const struct ecs *e)
{
    struct ecs_text t;

    return find_account(e, &t) || account_id(e->view);
}

static bool is_account(const struct ecs *e)
{
    return is_login(e) && !is_loginuid(e) && has_account(e);
}

static void put_account_id(struct ecs *e, const char *path, size_t len)
{
    const struct event_field *f = account_id(e->view);
    uint64_t n;

    if (f && event_field_number(f, 10, &n) && !is_unset(f))
        ecs_put_field(e, path, len, f);
}

static void put_account_name(struct ecs *e, const char *path, size_t len, bool group)
{
    const struct event_field *id = account_id(e->view);
    struct ecs_text t = {0};

    if (!find_account(e, &t)) {
        t.p = NULL;
        if (id)
            t = name_of(e, id->id == EVENT_NAME_id ? e->view->user : &view_no_record, id, "ID",
                        group);
    }
    if (!t.p)
        return;
    ecs_put_text(e, path, len, t);
    written_mark(&e->written, view_user_field(e->view, EVENT_NAME_acct));
    if (!group)
        ecs_relate(&e->users, t.p, t.len);
}

void ecs_write_user_id(struct ecs *e, const char *path, size_t len)
{
    if (is_account(e))
        put_account_id(e, path, len);
    else if (is_loginuid(e))
        ecs_user_put(e, path, len, "", 0, e->what.lead, EVENT_NAME_auid, "AUID");
    else
        ecs_user_put(e, path, len, "", 0, e->view->subject, EVENT_NAME_uid, "UID");
}

void ecs_write_user_name(struct ecs *e, const char *path, size_t len)
{
    if (is_account(e))
        put_account_name(e, path, len, false);
    else if (is_loginuid(e))
        ecs_user_put(e, "", 0, path, len, e->what.lead, EVENT_NAME_auid, "AUID");
    else
        ecs_user_put(e, "", 0, path, len, e->view->subject, EVENT_NAME_uid, "UID");
}

void ecs_write_process_user_id(struct ecs *e, const char *path, size_t len)
{
    if (is_account(e) || is_loginuid(e))
        ecs_user_put(e, path, len, "", 0, e->view->subject, EVENT_NAME_uid, "UID");
}

void ecs_write_process_user_name(struct ecs *e, const char *path, size_t len)
{
    if (is_account(e) || is_loginuid(e))
        ecs_user_put(e, "", 0, path, len, e->view->subject, EVENT_NAME_uid, "UID");
}

/* ECS has effective ids only where they differ. */
static bool differs(struct ecs *e, enum event_name real, enum event_name effective)
{
    const struct event_field *r = event_field(e->view->subject, real);
    const struct event_field *f = event_field(e->view->subject, effective);

    if (!f)
        return false;
    if (r && r->value_len == f->value_len && memcmp(r->value, f->value, r->value_len) == 0) {
        written_mark(&e->written, f);
        return false;
    }
    return true;
}

void ecs_write_effective_id(struct ecs *e, const char *path, size_t len)
{
    if (differs(e, EVENT_NAME_uid, EVENT_NAME_euid))
        ecs_user_put(e, path, len, "", 0, e->view->subject, EVENT_NAME_euid, "EUID");
}

void ecs_write_effective_name(struct ecs *e, const char *path, size_t len)
{
    if (differs(e, EVENT_NAME_uid, EVENT_NAME_euid))
        ecs_user_put(e, "", 0, path, len, e->view->subject, EVENT_NAME_euid, "EUID");
}

void ecs_write_effective_group_id(struct ecs *e, const char *path, size_t len)
{
    if (differs(e, EVENT_NAME_gid, EVENT_NAME_egid))
        ecs_user_put_group(e, path, len, "", 0, e->view->subject, EVENT_NAME_egid, "EGID");
}

void ecs_write_effective_group_name(struct ecs *e, const char *path, size_t len)
{
    if (differs(e, EVENT_NAME_gid, EVENT_NAME_egid))
        ecs_user_put_group(e, "", 0, path, len, e->view->subject, EVENT_NAME_egid, "EGID");
}

/* -- accounts that are made, changed, deleted -------------------------------------------------- */

static bool is_about(const struct ecs *e, unsigned type)
{
    return (e->what.categories & ECS_CATEGORY_BIT(IAM)) && (e->what.types & type);
}

/* A record of either kind may name both: acct or id is the user then, grp the group. */
static bool is_about_user(const struct ecs *e)
{
    return is_about(e, ECS_TYPE_BIT(USER)) ||
           (is_about(e, ECS_TYPE_BIT(GROUP)) && ecs_field(e->what.lead, "grp") && has_account(e));
}

static const struct event_field *group_field(const struct ecs *e)
{
    return e->what.categories & ECS_CATEGORY_BIT(IAM) ? ecs_field(e->what.lead, "grp") : NULL;
}

void ecs_write_target_id(struct ecs *e, const char *path, size_t len)
{
    if (is_about_user(e))
        put_account_id(e, path, len);
}

void ecs_write_target_name(struct ecs *e, const char *path, size_t len)
{
    if (is_about_user(e))
        put_account_name(e, path, len, false);
}

void ecs_write_group_id(struct ecs *e, const char *path, size_t len)
{
    if (is_about(e, ECS_TYPE_BIT(GROUP)) && !group_field(e))
        put_account_id(e, path, len);
}

void ecs_write_group_name(struct ecs *e, const char *path, size_t len)
{
    const struct event_field *grp = group_field(e);

    if (grp)
        ecs_put_field(e, path, len, grp);
    else if (is_about(e, ECS_TYPE_BIT(GROUP)))
        put_account_name(e, path, len, true);
}

/* -- for auditd.summary ------------------------------------------------------------------------ */

static void put_actor(struct ecs *e, const char *path, size_t len, enum event_name field,
                      const char *enriched)
{
    const struct event_record *rec = e->view->subject;
    const struct event_field *f = event_field(rec, field);
    struct ecs_text t;

    if (!f)
        return;
    if (is_unset(f)) {
        ecs_out_text(&e->out, path, len, "unset");
        return;
    }
    t = name_of(e, rec, f, enriched, false);
    if (!t.p)
        t = (struct ecs_text){f->value, f->value_len};
    ecs_put_text(e, path, len, t);
}

void ecs_write_actor_primary(struct ecs *e, const char *path, size_t len)
{
    put_actor(e, path, len, EVENT_NAME_auid, "AUID");
}

void ecs_write_actor_secondary(struct ecs *e, const char *path, size_t len)
{
    put_actor(e, path, len, EVENT_NAME_uid, "UID");
}

/* Of a file's record. */
void ecs_write_file_uid(struct ecs *e, const char *path, size_t len)
{
    ecs_user_put(e, path, len, "", 0, e->what.file, EVENT_NAME_ouid, "OUID");
}

void ecs_write_file_owner(struct ecs *e, const char *path, size_t len)
{
    const struct event_field *f = event_field(e->what.file, EVENT_NAME_ouid);

    if (f && !is_unset(f))
        ecs_put_text(e, path, len, name_of(e, e->what.file, f, "OUID", false));
}

void ecs_write_file_gid(struct ecs *e, const char *path, size_t len)
{
    ecs_user_put_group(e, path, len, "", 0, e->what.file, EVENT_NAME_ogid, "OGID");
}

void ecs_write_file_group(struct ecs *e, const char *path, size_t len)
{
    ecs_user_put_group(e, "", 0, path, len, e->what.file, EVENT_NAME_ogid, "OGID");
}
