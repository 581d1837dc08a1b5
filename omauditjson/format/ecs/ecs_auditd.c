/* SPDX-License-Identifier: Apache-2.0 */
/* The rest: services and packages, and what ECS has no place for, auditd.*. */
#include "config.h"
#include "format/ecs/ecs_writers.h"

#include <libaudit.h>

#include "format/account.h"
#include "format/paths.h"
#include "format/types.h"
#include "format/words.h"

static bool is_auditd(const struct ecs *e)
{
    return e->what.lead->type >= AUDIT_FIRST_DAEMON && e->what.lead->type <= AUDIT_LAST_DAEMON;
}

void ecs_write_service_name(struct ecs *e, const char *path, size_t len)
{
    if (is_auditd(e))
        ecs_out_text(&e->out, path, len, "auditd");
    else if (e->what.lead != e->view->syscall)
        ecs_put_field(e, path, len, ecs_field(e->what.lead, "unit"));
}

void ecs_write_service_type(struct ecs *e, const char *path, size_t len)
{
    ecs_out_text(&e->out, path, len, "auditd");
}

static bool is_package(const struct ecs *e)
{
    return (e->what.categories & ECS_CATEGORY_BIT(PACKAGE)) != 0;
}

void ecs_write_package_name(struct ecs *e, const char *path, size_t len)
{
    if (is_package(e))
        ecs_put_field(e, path, len, ecs_field(e->what.lead, "sw"));
}

void ecs_write_package_type(struct ecs *e, const char *path, size_t len)
{
    if (is_package(e))
        ecs_put_field(e, path, len, ecs_field(e->what.lead, "sw_type"));
}

void ecs_write_related_user(struct ecs *e, const char *path, size_t len)
{
    ecs_put_related(e, path, len, &e->users);
}

/* -- auditd ------------------------------------------------------------------------------------ */

void ecs_write_message_type(struct ecs *e, const char *path, size_t len)
{
    char word[64];
    size_t n = view_type_word(e->what.lead, word, sizeof(word));

    while (n > 0 && word[n - 1] == '_') /* UNKNOWN[1999] */
        n--;
    if (n)
        ecs_out_string(&e->out, path, len, word, n);
    else
        ecs_out_text(&e->out, path, len, "unknown");
}

void ecs_write_types(struct ecs *e, const char *path, size_t len)
{
    struct types t;

    types_find(e->view->ev, &t);
    ecs_out_key(&e->out, path, len);
    json_open(e->out.w, '[');
    for (size_t i = 0; i < t.n; i++)
        ecs_put_element(e, path, t.record[i]->type_name, t.record[i]->type_name_len);
    json_close(e->out.w, ']');
    if (t.all > t.n)
        notes_add_cut(e->out.notes, "auditd.types[]", t.all);
}

void ecs_write_session(struct ecs *e, const char *path, size_t len)
{
    const struct event_field *f = event_field(e->view->subject, EVENT_NAME_ses);
    uint64_t n;

    if (!f)
        return;
    if ((f->value_len == 2 && memcmp(f->value, "-1", 2) == 0) ||
        (event_field_number(f, 10, &n) && n == UINT32_MAX))
        written_mark(&e->written, f);
    else
        ecs_put_field(e, path, len, f);
}

void ecs_write_result(struct ecs *e, const char *path, size_t len)
{
    ecs_out_text(&e->out, path, len,
                 e->what.outcome == ECS_OUTCOME_FAILURE ? "fail"
                                                        : ecs_outcome_word(e->what.outcome));
}

void ecs_write_object_type(struct ecs *e, const char *path, size_t len)
{
    ecs_out_text(&e->out, path, len, e->what.kind);
}

void ecs_write_object_primary(struct ecs *e, const char *path, size_t len)
{
    ecs_put_text(e, path, len, e->what.primary);
}

void ecs_write_object_secondary(struct ecs *e, const char *path, size_t len)
{
    ecs_put_text(e, path, len, e->what.secondary);
}

void ecs_write_how(struct ecs *e, const char *path, size_t len)
{
    const struct event_field *f = event_field(e->view->subject, EVENT_NAME_exe);

    if (!f)
        f = ecs_field(e->what.lead, "exe|comm");
    if (f)
        ecs_out_string(&e->out, path, len, f->value, f->value_len);
}

void ecs_write_data_arch(struct ecs *e, const char *path, size_t len)
{
    const struct view *v = e->view;

    if (!v->arch)
        return;
    if (v->arch_name)
        ecs_out_text(&e->out, path, len, v->arch_name);
    else
        ecs_out_string(&e->out, path, len, v->arch->value, v->arch->value_len);
    written_mark(&e->written, v->arch);
}

void ecs_write_data_syscall(struct ecs *e, const char *path, size_t len)
{
    const struct view *v = e->view;

    if (!v->syscall_name)
        return;
    ecs_out_string(&e->out, path, len, v->syscall_name, v->syscall_name_len);
    written_mark(&e->written, event_field(v->subject, EVENT_NAME_syscall));
}

void ecs_write_data_acct(struct ecs *e, const char *path, size_t len)
{
    struct ecs_text t;

    if (e->view->user == &view_no_record || !account_name(e->view, &t.p, &t.len))
        return;
    ecs_put_text(e, path, len, t);
    written_mark(&e->written, view_user_field(e->view, EVENT_NAME_acct));
}

/* Where there are several decisions the others stay in `fields`, and this one among them. */
static void put_decided(struct ecs *e, const char *path, size_t len, const struct event_field *f)
{
    if (f && e->view->selinux_repeats)
        ecs_out_string(&e->out, path, len, f->value, f->value_len);
    else
        ecs_put_field(e, path, len, f);
}

static void put_selinux(struct ecs *e, const char *path, size_t len, enum event_name name)
{
    if (e->view->selinux != &view_no_record)
        put_decided(e, path, len, view_selinux_field(e->view, name));
}

void ecs_write_data_sig(struct ecs *e, const char *path, size_t len)
{
    const char *name = words_signal(event_field(e->view->subject, EVENT_NAME_sig));

    if (name)
        ecs_out_text(&e->out, path, len, name);
}

void ecs_write_data_code(struct ecs *e, const char *path, size_t len)
{
    const struct event_record *rec = e->view->subject;
    const char *name =
        rec->type == AUDIT_SECCOMP ? words_seccomp(event_field(rec, EVENT_NAME_code)) : NULL;

    if (name)
        ecs_out_text(&e->out, path, len, name);
}

void ecs_write_data_seresult(struct ecs *e, const char *path, size_t len)
{
    put_selinux(e, path, len, EVENT_NAME_seresult);
}

void ecs_write_data_seperms(struct ecs *e, const char *path, size_t len)
{
    put_selinux(e, path, len, EVENT_NAME_seperms);
}

void ecs_write_data_scontext(struct ecs *e, const char *path, size_t len)
{
    put_selinux(e, path, len, EVENT_NAME_scontext);
}

void ecs_write_data_tcontext(struct ecs *e, const char *path, size_t len)
{
    put_selinux(e, path, len, EVENT_NAME_tcontext);
}

void ecs_write_data_tclass(struct ecs *e, const char *path, size_t len)
{
    put_selinux(e, path, len, EVENT_NAME_tclass);
}

/* Both write their own key. */
void ecs_write_paths(struct ecs *e, const char *path, size_t len)
{
    if (e->view->n_paths == 0)
        return;
    ecs_out_enter(&e->out, path, len - (sizeof(".paths") - 1));
    paths_write(&e->written);
}

void ecs_write_fields(struct ecs *e, const char *path, size_t len)
{
    ecs_out_enter(&e->out, path, len - (sizeof(".fields") - 1));
    leftover_write(&e->leftover, &e->written);
}

void ecs_write_part(struct ecs *e, const char *path, size_t len)
{
    if (e->view->ev->part > 1)
        ecs_out_number(&e->out, path, len, e->view->ev->part);
}

void ecs_write_records(struct ecs *e, const char *path, size_t len)
{
    ecs_out_number(&e->out, path, len, e->view->ev->n_records);
}

void ecs_write_complete(struct ecs *e, const char *path, size_t len)
{
    ecs_out_text(&e->out, path, len, event_complete_text(e->view->ev->complete));
}

void ecs_write_truncated(struct ecs *e, const char *path, size_t len)
{
    ecs_out_enter(&e->out, path, len - (sizeof(".truncated") - 1));
    notes_write_cut(e->out.notes, e->out.w, ECS_KEY("truncated"));
}

void ecs_write_invalid_utf8(struct ecs *e, const char *path, size_t len)
{
    ecs_out_enter(&e->out, path, len - (sizeof(".invalid_utf8") - 1));
    notes_write_invalid(e->out.notes, e->out.w, ECS_KEY("invalid_utf8"));
}
