/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/ecs/ecs_action.h"

#include <libaudit.h>
#include <string.h>

#include "format/outcome.h"

#define C(id) (1u << ECS_CATEGORY_NUMBER_##id)
#define T(id) (1u << ECS_TYPE_NUMBER_##id)

static const struct ecs_row rule_row = {.action = "triggered-audit-rule",
                                        .kind = ECS_KIND_RULE,
                                        .find = ECS_FIND_KEY,
                                        .categories = C(PROCESS),
                                        .types = T(INFO)};

static bool is(const char *p, size_t len, const char *text)
{
    return len == strlen(text) && memcmp(p, text, len) == 0;
}

/* -- fields ------------------------------------------------------------------------------------ */

static const struct event_field *named(const struct event_record *rec, const char *name, size_t len,
                                       bool nested)
{
    const struct event_field *found = NULL;

    for (size_t i = 0; i < rec->n_fields; i++) {
        const struct event_field *f = &rec->fields[i];

        if (f->name_len != len || memcmp(f->name, name, len) != 0 ||
            !(f->flags & EVENT_FIELD_NESTED) == nested)
            continue;
        found = f;
        if (!nested) /* the last one of a program's record: libaudit appends its own after the
                        program's text */
            break;
    }
    if (!found || found->value_len == 0 || is(found->value, found->value_len, "?") ||
        is(found->value, found->value_len, "(null)"))
        return NULL;
    return found;
}

const struct event_field *ecs_field(const struct event_record *rec, const char *names)
{
    while (names) {
        const char *bar = strchr(names, '|');
        size_t len = bar ? (size_t)(bar - names) : strlen(names);
        const struct event_field *f = named(rec, names, len, true);

        if (!f)
            f = named(rec, names, len, false);
        if (f)
            return f;
        names = bar ? bar + 1 : NULL;
    }
    return NULL;
}

/* -- the event --------------------------------------------------------------------------------- */

static enum ecs_outcome outcome_of(const struct event_field *f)
{
    if (event_field_is(f, "yes") || event_field_is(f, "success") || event_field_is(f, "1"))
        return ECS_OUTCOME_SUCCESS;
    if (event_field_is(f, "no") || event_field_is(f, "failed") || event_field_is(f, "fail") ||
        event_field_is(f, "0"))
        return ECS_OUTCOME_FAILURE;
    return ECS_OUTCOME_UNKNOWN;
}

static void set_action(struct ecs_what *w, const char *action)
{
    w->action = (struct ecs_text){action, strlen(action)};
}

/* What AppArmor, SELinux, Smack, IPE, seccomp or fanotify decided. */
static unsigned decision(const struct view *v, const struct event_record *rec)
{
    const struct event_field *result = view_selinux_field(v, EVENT_NAME_seresult);
    /* D-Bus writes USER_AVC */
    const struct event_field *apparmor = view_any_field(rec, EVENT_NAME_apparmor);
    uint64_t n;

    if (rec->type == AUDIT_SECCOMP) {
        if (!event_field_0x(ecs_field(rec, "code"), &n))
            return T(INFO);
        /* SECCOMP_RET_TRACE, _LOG and _ALLOW let it pass [linux, uapi/linux/seccomp.h] */
        n &= 0xffff0000u;
        return n == 0x7ff00000u || n == 0x7ffc0000u || n == 0x7fff0000u ? T(ALLOWED) : T(DENIED);
    }
    if (apparmor)
        return event_field_is(apparmor, "DENIED") || event_field_is(apparmor, "KILLED") ? T(DENIED)
               : event_field_is(apparmor, "ALLOWED") || event_field_is(apparmor, "AUDIT")
                   ? T(ALLOWED)
                   : T(INFO);
    if (ecs_field(rec, "resp")) /* FAN_ALLOW 1, FAN_DENY 2 */
        return event_field_is(ecs_field(rec, "resp"), "1") ? T(ALLOWED) : T(DENIED);
    if (v->selinux == rec && result && event_field_is(result, "denied"))
        return event_field_is(ecs_field(rec, "permissive"), "1") ? T(ALLOWED) : T(DENIED);
    if (v->selinux == rec && result && event_field_is(result, "granted"))
        return T(ALLOWED);
    if (rec->type == AUDIT_AVC && event_field_is(event_field(rec, EVENT_NAME_action), "denied"))
        return T(DENIED);
    if (rec->type == AUDIT_AVC && event_field_is(event_field(rec, EVENT_NAME_action), "granted"))
        return T(ALLOWED);
    if (ecs_field(rec, "ipe_op"))
        return event_field_is(ecs_field(rec, "enforcing"), "1") && !view_ipe_allows(rec)
                   ? T(DENIED)
                   : T(ALLOWED);
    return 0;
}

/* What the fields add to the type of the record. */
static void refine(const struct view *v, struct ecs_what *w)
{
    const struct event_field *op = ecs_field(w->lead, "op");
    unsigned types = 0;

    switch (w->row->number) {
    case AUDIT_CONFIG_CHANGE:
        if (event_field_is(op, "add_rule") || event_field_is(op, "add rule"))
            set_action(w, "added-audit-rule");
        else if (event_field_is(op, "remove_rule") || event_field_is(op, "remove rule"))
            set_action(w, "deleted-audit-rule");
        return;
    case 1406: /* MAC_UNLBL_ALLOW */
        set_action(w, event_field_is(ecs_field(w->lead, "unlbl_accept"), "1")
                          ? "is-allowing-unlabeled-network-traffic"
                          : "is-disallowing-unlabeled-network-traffic");
        return;
    case 1334: /* BPF */
        if (event_field_is(op, "UNLOAD")) {
            set_action(w, "unloaded-bpf-program");
            w->types = T(END);
        }
        return;
    case 1335: /* EVENT_LISTENER */
        if (event_field_is(op, "disconnect"))
            set_action(w, "disconnected-from");
        return;
    case 1138: /* SOFTWARE_UPDATE */
        if (event_field_is(op, "update")) {
            set_action(w, "updated-software");
            w->types = T(CHANGE);
        } else if (event_field_is(op, "remove")) {
            set_action(w, "removed-software");
            w->types = T(DELETION);
        }
        return;
    case AUDIT_AVC:
        if (event_field_is(event_field(w->lead, EVENT_NAME_apparmor), "STATUS")) {
            set_action(w, "loaded-apparmor-policy");
            w->categories = C(CONFIGURATION);
            w->types = T(CHANGE);
            return;
        }
        if (event_field(w->lead, EVENT_NAME_apparmor) && decision(v, w->lead) == T(DENIED))
            set_action(w, "violated-apparmor-policy");
        break;
    default:
        break;
    }
    if (w->categories & C(INTRUSION_DETECTION))
        types = decision(v, w->lead);
    if (types)
        w->types = types;
}

static unsigned count(const struct view *v, int type)
{
    unsigned n = 0;

    for (size_t i = 0; i < v->ev->n_records; i++)
        n += v->ev->records[i].type == type;
    return n;
}

static void refine_syscall(const struct view *v, const struct ecs_row *row, struct ecs_what *w)
{
    enum event_name arg;
    uint64_t signal;

    switch (row->find) {
    case ECS_FIND_OPEN:
        if (event_field_is(event_field(v->path, EVENT_NAME_nametype), "CREATE")) {
            w->types &= ~T(ACCESS);
            w->types |= T(CREATION);
        } else if (v->opens_for_writing) {
            w->types |= T(CHANGE);
        }
        return;
    case ECS_FIND_SIGNAL_A2:
    case ECS_FIND_SIGNAL_A1:
        arg = row->find == ECS_FIND_SIGNAL_A2 ? EVENT_NAME_a2 : EVENT_NAME_a1;
        if (event_field_number(event_field(v->syscall, arg), 16, &signal) && signal == 0) {
            w->types &= ~T(END); /* signal 0 only tests whether the process exists */
            w->types |= T(INFO);
        }
        if (w->row == row && count(v, AUDIT_OBJ_PID) > 1)
            set_action(w, "killed-list-of-pids");
        return;
    default:
        return;
    }
}

static enum ecs_outcome find_outcome(const struct view *v, const struct ecs_what *w)
{
    const struct event_field *res = NULL;
    enum ecs_outcome outcome = ECS_OUTCOME_UNKNOWN;

    if (w->lead != v->syscall)
        res = ecs_field(w->lead, "res|result");
    if (res)
        outcome = outcome_of(res);
    /* what was refused failed, even when the call went on */
    else if (w->lead != v->syscall && (w->types & T(DENIED)))
        return ECS_OUTCOME_FAILURE;
    else if (view_in_progress(v))
        return ECS_OUTCOME_UNKNOWN;
    if (outcome == ECS_OUTCOME_UNKNOWN)
        outcome = outcome_of(event_field(v->subject, EVENT_NAME_success));
    if (outcome == ECS_OUTCOME_UNKNOWN && (w->types & (T(DENIED) | T(ALLOWED))))
        outcome = w->types & T(DENIED) ? ECS_OUTCOME_FAILURE : ECS_OUTCOME_SUCCESS;
    return outcome;
}

/* "MAC_CIPSOV4_ADD" is the action mac-cipsov4-add. */
static void name_action(struct ecs_what *w)
{
    size_t n = view_type_word(w->lead, w->action_word, sizeof(w->action_word));

    for (size_t i = 0; i < n; i++) {
        if (w->action_word[i] == '_')
            w->action_word[i] = '-';
    }
    while (n > 0 && w->action_word[n - 1] == '-')
        n--;
    w->action = (struct ecs_text){n ? w->action_word : "unknown", n ? n : 7};
}

void ecs_action_resolve(const struct ecs_table *a, const struct view *v, struct ecs_what *w)
{
    const struct ecs_row *syscall = NULL, *row = NULL;

    w->lead = v->subject;
    if (v->syscall != &view_no_record) {
        syscall = ecs_table_syscall(a, v->syscall_named ? v->call_name : "",
                                    v->syscall_named ? v->call_name_len : 0);
        row = syscall ? syscall : &rule_row;
    }
    for (size_t i = 0; i < v->ev->n_records; i++) {
        const struct event_record *rec = &v->ev->records[i];
        const struct ecs_row *other = ecs_table_record(a, rec);

        /* of several that lead the one with the lowest number, whatever their order */
        if (other && (other->leads || !row) &&
            !(row && row->leads && row->number <= other->number)) {
            w->lead = rec;
            row = other;
        }
    }
    if (row && v->selinux != &view_no_record && row->number == v->selinux->type)
        w->lead = v->selinux;
    w->row = row ? row : ecs_table_range(w->lead->type);
    w->categories = w->row->categories;
    w->types = w->row->types;
    if (w->row->action)
        set_action(w, w->row->action);
    else
        name_action(w);
    if (w->row == &rule_row && !event_field(v->subject, EVENT_NAME_key))
        set_action(w, "triggered-unknown-audit-rule");
    refine(v, w);
    /* a decision is about what the syscall did */
    if (syscall && w->row != syscall && (w->row->categories & C(INTRUSION_DETECTION))) {
        w->categories |= syscall->categories;
        w->types |= syscall->types;
    }
    if (syscall && (w->row == syscall || (w->row->categories & C(INTRUSION_DETECTION))))
        refine_syscall(v, syscall, w);
    w->outcome = find_outcome(v, w);
}
