/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/outcome.h"

#include <libaudit.h>
#include <string.h>

#include "conf/conf.h"

/* newer than libaudit 3.0 */
#define IPE_ACCESS 1420
#define LANDLOCK_ACCESS 1423

/* what a seccomp filter decided [linux/seccomp.h]; all else lets the call go on */
#define SECCOMP_ACTION 0xffff0000u
#define SECCOMP_KILL_PROCESS 0x80000000u
#define SECCOMP_KILL_THREAD 0x00000000u
#define SECCOMP_TRAP 0x00030000u
#define SECCOMP_ERRNO 0x00050000u

static bool has(const struct event_record *rec, enum event_name name, const char *text)
{
    return event_field_is(view_any_field(rec, name), text);
}

static bool is_type(const struct event_record *rec, int type, const char *name)
{
    return rec->type == type || (rec->type_name_len == strlen(name) &&
                                 memcmp(rec->type_name, name, rec->type_name_len) == 0);
}

/* A permissive SELinux and an AppArmor profile in complain mode (ALLOWED) deny nothing. */
static bool module_denied(const struct event_record *rec)
{
    if (has(rec, EVENT_NAME_seresult, "denied"))
        return !has(rec, EVENT_NAME_permissive, "1");
    return has(rec, EVENT_NAME_apparmor, "DENIED") || has(rec, EVENT_NAME_apparmor, "KILLED") ||
           (rec->type == AUDIT_AVC && has(rec, EVENT_NAME_action, "denied"));
}

/* Without a code: old kernels wrote of those only that they killed. */
static bool seccomp_denied(const struct event_record *rec)
{
    uint64_t code;

    if (!event_field_0x(event_field(rec, EVENT_NAME_code), &code))
        return !event_field_is(event_field(rec, EVENT_NAME_sig), "0");
    switch (code & SECCOMP_ACTION) {
    case SECCOMP_KILL_PROCESS:
    case SECCOMP_TRAP:
    case SECCOMP_ERRNO:
        return true;
    case SECCOMP_KILL_THREAD:
        return !event_field_is(event_field(rec, EVENT_NAME_sig), "0");
    default:
        return false;
    }
}

bool view_ipe_allows(const struct event_record *rec)
{
    static const char allow[] = "action=ALLOW";
    const size_t len = sizeof(allow) - 1;

    for (size_t i = 0; i < rec->n_fields; i++) {
        const struct event_field *f = &rec->fields[i];

        if (f->name_len == strlen("rule") && memcmp(f->name, "rule", f->name_len) == 0)
            return f->value_len >= len && memcmp(f->value + f->value_len - len, allow, len) == 0;
    }
    return false;
}

static bool denied(const struct event_record *rec)
{
    switch (rec->type) {
    case AUDIT_SECCOMP:
        return seccomp_denied(rec);
    case AUDIT_INTEGRITY_DATA:
    case AUDIT_INTEGRITY_METADATA:
    case AUDIT_INTEGRITY_HASH:
    case AUDIT_INTEGRITY_PCR:
    case AUDIT_ANOM_LINK:
    case AUDIT_ANOM_CREAT:
        return event_field_is(event_field(rec, EVENT_NAME_res), "0");
    case AUDIT_FANOTIFY:
        return event_field_is(event_field(rec, EVENT_NAME_resp), "2"); /* FAN_DENY */
    case AUDIT_SYSCALL:
    case AUDIT_PATH:
    case AUDIT_CWD:
    case AUDIT_EXECVE:
    case AUDIT_PROCTITLE:
        return false;
    default:
        if (is_type(rec, LANDLOCK_ACCESS, "LANDLOCK_ACCESS"))
            return true;
        if (is_type(rec, IPE_ACCESS, "IPE_ACCESS"))
            return event_field_is(event_field(rec, EVENT_NAME_enforcing), "1") &&
                   !view_ipe_allows(rec);
        return module_denied(rec);
    }
}

/* The kernel writes yes and no, or 1 and 0; libaudit success and failed; auditd also no. */
static enum view_result result(const struct view *v)
{
    static const char *const good[] = {"yes", "1", "success"};
    static const char *const bad[] = {"no", "0", "failed", "fail", "failure"};
    const struct event_field *f = event_field(v->subject, EVENT_NAME_success);

    if (view_in_progress(v))
        return VIEW_RESULT_UNKNOWN;
    if (!f)
        f = view_user_field(v, EVENT_NAME_res);
    if (!f)
        f = view_user_field(v, EVENT_NAME_result);
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (event_field_is(f, good[i]))
            return VIEW_RESULT_SUCCESS;
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (event_field_is(f, bad[i]))
            return VIEW_RESULT_FAILURE;
    }
    return VIEW_RESULT_UNKNOWN;
}

struct view_outcome view_outcome(const struct view *v)
{
    struct view_outcome o = {.result = result(v)};

    for (size_t i = 0; i < v->ev->n_records && !o.denied; i++)
        o.denied = denied(&v->ev->records[i]);
    return o;
}

const char *view_severity(const struct view *v, const struct conf *conf)
{
    static const char *const words[] = {
        [CONF_SEVERITY_INFO] = "INFO",         [CONF_SEVERITY_NOTICE] = "NOTICE",
        [CONF_SEVERITY_WARNING] = "WARNING",   [CONF_SEVERITY_ERROR] = "ERROR",
        [CONF_SEVERITY_CRITICAL] = "CRITICAL",
    };
    int severity = CONF_SEVERITY_INFO;
    struct view_outcome o;

    if (conf->severity_failed == severity && conf->severity_denied == severity)
        return words[severity];
    o = view_outcome(v);
    if (o.result == VIEW_RESULT_FAILURE)
        severity = conf->severity_failed;
    if (o.denied && conf->severity_denied > severity)
        severity = conf->severity_denied;
    return words[severity];
}
