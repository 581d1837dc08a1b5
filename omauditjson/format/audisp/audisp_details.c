/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/audisp/audisp_details.h"

#include <libaudit.h>
#include <string.h>

#include "format/account.h"
#include "format/audisp/audisp_lists.h"
#include "format/audisp/audisp_rows.h"
#include "format/json/json_plain.h"
#include "format/words.h"
#include "format/paths.h"
#include "format/summary.h"

#define KEY(text) (text), sizeof(text) - 1
#define ROW(key) AUDISP_ROW(key)

void audisp_details_init(struct audisp_details *d, bool compatible)
{
    *d = (struct audisp_details){.compatible = compatible};
    written_init(&d->written);
    leftover_init(&d->leftover);
}

void audisp_details_done(struct audisp_details *d)
{
    written_done(&d->written);
    leftover_done(&d->leftover);
}

void audisp_details_begin(struct audisp_details *d, const struct format_doc *doc)
{
    written_begin(&d->written, doc);
    d->users.view = doc->view;
    d->users.names = doc->names;
    d->id = doc->id;
    d->id_len = doc->id_len;
}

/* The value that json_plain() did not take. */
static __attribute__((noinline)) void put_long(struct audisp_details *d, const struct json_key *key,
                                               const char *p, size_t n)
{
    struct json_string s = JSON_STRING(d->written.limits.string);

    json_member(d->written.w, key->name, strlen(key->name), &s, p, n);
    if (s.cut || s.invalid)
        notes_add_string(d->written.notes, key->name, &s);
}

static inline void put(struct audisp_details *d, const struct json_key *key, const char *p,
                       size_t n)
{
    if (n > d->written.limits.string || !json_plain(d->written.w, key, p, n))
        put_long(d, key, p, n);
}

static void put_text(struct audisp_details *d, const struct json_key *key, const char *text)
{
    put(d, key, text, strlen(text));
}

static void put_number(struct audisp_details *d, const struct json_key *key, uint64_t n)
{
    char text[24], *p = text + sizeof(text);

    do {
        *--p = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    put(d, key, p, (size_t)(text + sizeof(text) - p));
}

/* Not inline: most events lack most fields, so put_field() is a test and a jump. The mark comes
 * first, which leaves a tail call. */
static __attribute__((noinline)) void
put_found(struct audisp_details *d, const struct json_key *key, const struct event_field *f)
{
    written_mark(&d->written, f);
    put(d, key, f->value, f->value_len);
}

static inline bool put_field(struct audisp_details *d, const struct json_key *key,
                             const struct event_field *f)
{
    if (!f)
        return false;
    put_found(d, key, f);
    return true;
}

/* If several records of the type have the field, its first value is in `fields` too, so that the
 * lists in `fields` have the same length. */
static void put_user_field(struct audisp_details *d, const struct json_key *key,
                           const struct event_field *f)
{
    if (f && d->written.view->user_repeats)
        put(d, key, f->value, f->value_len);
    else
        put_field(d, key, f);
}

/* Likewise, where there are several decisions. */
static void put_selinux_field(struct audisp_details *d, const struct json_key *key,
                              const struct event_field *f)
{
    if (f && d->written.view->selinux_repeats)
        put(d, key, f->value, f->value_len);
    else
        put_field(d, key, f);
}

/* -- the made ones, in the order of audisp_details.def
 * ------------------------------------------------ */

static void write_auditserial(struct audisp_details *d)
{
    put_number(d, ROW(auditserial), d->written.view->ev->serial);
}

/* A key may be several, with 0x01 between them [linux, AUDIT_KEY_SEPARATOR]. */
static void write_auditkey(struct audisp_details *d)
{
    const struct event_field *f = view_field(d->written.view->subject, EVENT_NAME_key);
    const char *end;

    if (!f)
        return;
    end = memchr(f->value, AUDIT_KEY_SEPARATOR, f->value_len);
    put(d, ROW(auditkey), f->value, end ? (size_t)(end - f->value) : f->value_len);
    written_mark(&d->written, f);
}

static void write_parentprocess(struct audisp_details *d)
{
    const struct event_lineage *l = d->written.view->ev->lineage;

    if (l && l->n > 1 && l->process[1].comm)
        put(d, ROW(parentprocess), l->process[1].comm, l->process[1].comm_len);
}

static void write_originaluser(struct audisp_details *d)
{
    const char *name;
    size_t len;

    if (audisp_users_name(&d->users, EVENT_NAME_auid, &d->users.auid, &name, &len))
        put(d, ROW(originaluser), name, len);
}

static void write_user(struct audisp_details *d)
{
    const char *name;
    size_t len;

    if (audisp_users_name(&d->users, EVENT_NAME_uid, &d->users.uid, &name, &len))
        put(d, ROW(user), name, len);
}

static void write_command(struct audisp_details *d)
{
    struct json_string s = JSON_STRING(d->written.limits.string);

    if (d->written.view->ev->n_argv == 0)
        return;
    s.nul_blank = true;
    json_begin(d->written.w, ROW(command), false);
    summary_add_command(d->written.view, d->written.w, &s);
    json_string_end(d->written.w);
    if (s.cut || s.invalid)
        notes_add_string(d->written.notes, "command", &s);
}

/* Never cut, however little room there is: a receiver tells repeats by it. */
static void write_auditid(struct audisp_details *d)
{
    struct json_string s = JSON_STRING(FORMAT_STRING_MAX);

    if (!json_plain(d->written.w, ROW(auditid), d->id, d->id_len))
        json_member(d->written.w, KEY("auditid"), &s, d->id, d->id_len);
}

static void write_syscall(struct audisp_details *d)
{
    const struct view *v = d->written.view;

    if (!v->syscall_name)
        return;
    put(d, ROW(syscall), v->syscall_name, v->syscall_name_len);
    written_mark(&d->written, view_field(v->subject, EVENT_NAME_syscall));
}

static void write_arch(struct audisp_details *d)
{
    const struct view *v = d->written.view;

    if (!v->arch)
        return;
    if (v->arch_name)
        put_text(d, ROW(arch), v->arch_name);
    else
        put(d, ROW(arch), v->arch->value, v->arch->value_len);
    written_mark(&d->written, v->arch);
}

static void write_node(struct audisp_details *d)
{
    if (d->written.view->ev->node)
        put(d, ROW(node), d->written.view->ev->node, d->written.view->ev->node_len);
}

static void write_proctitle(struct audisp_details *d)
{
    struct json_string s = JSON_STRING(d->written.limits.string);
    size_t n;
    const struct event_field *f = view_proctitle(d->written.view, &n);

    if (!f)
        return;
    written_mark(&d->written, f);
    if (n <= d->written.limits.string &&
        json_plain_blank(d->written.w, ROW(proctitle), f->value, n))
        return;
    s.nul_blank = true;
    json_member(d->written.w, KEY("proctitle"), &s, f->value, n);
    notes_add_string(d->written.notes, "proctitle", &s);
}

static void write_argv(struct audisp_details *d)
{
    audisp_lists_argv(&d->written);
}

static void write_paths(struct audisp_details *d)
{
    paths_write(&d->written);
}

static void write_ancestors(struct audisp_details *d)
{
    audisp_lists_ancestors(&d->written);
}

static void write_saddr_family(struct audisp_details *d)
{
    const struct view *v = d->written.view;

    if (!v->has_addr)
        return;
    put_text(d, ROW(saddr_family), v->addr.family);
    /* without a direction there is no key for an address: the field stays as it is */
    if (v->addr.whole && !(v->addr.address[0] && v->addr_is == VIEW_ADDR_UNKNOWN))
        written_mark(&d->written, view_field(v->sockaddr, EVENT_NAME_saddr));
}

static void put_addr_text(struct audisp_details *d, const struct json_key *key, const char *text)
{
    if (d->written.view->has_addr && *text)
        put_text(d, key, text);
}

static void write_saddr_pid(struct audisp_details *d)
{
    put_addr_text(d, ROW(saddr_pid), d->written.view->addr.pid);
}

static void write_saddr_cid(struct audisp_details *d)
{
    put_addr_text(d, ROW(saddr_cid), d->written.view->addr.cid);
}

static void write_saddr_scope(struct audisp_details *d)
{
    put_addr_text(d, ROW(saddr_scope), d->written.view->addr.scope);
}

static void put_end_address(struct audisp_details *d, const struct json_key *key,
                            const struct end *e)
{
    if (e->ip)
        put(d, key, e->ip, e->ip_len);
    written_mark(&d->written, e->ip_field);
}

static void put_end_port(struct audisp_details *d, const struct json_key *key, const struct end *e)
{
    if (e->port)
        put(d, key, e->port, e->port_len);
    written_mark(&d->written, e->port_field);
}

/* The first of the four. */
static void write_destination_address(struct audisp_details *d)
{
    ends_find(d->written.view, &d->ends);
    put_end_address(d, ROW(destinationipaddress), &d->ends.to);
}

static void write_destination_port(struct audisp_details *d)
{
    put_end_port(d, ROW(destinationport), &d->ends.to);
}

static void write_source_address(struct audisp_details *d)
{
    put_end_address(d, ROW(sourceipaddress), &d->ends.from);
}

static void write_source_port(struct audisp_details *d)
{
    put_end_port(d, ROW(sourceport), &d->ends.from);
}

static void write_saddr_path(struct audisp_details *d)
{
    if (d->written.view->addr.path)
        put(d, ROW(saddr_path), d->written.view->addr.path, d->written.view->addr.path_len);
}

static void write_types(struct audisp_details *d)
{
    audisp_lists_types(&d->written);
}

static void write_auditkeys(struct audisp_details *d)
{
    audisp_lists_keys(&d->written);
}

static void write_acct(struct audisp_details *d)
{
    const char *p;
    size_t len;

    if (account_name(d->written.view, &p, &len) ||
        audisp_users_number(&d->users, account_id(d->written.view), &p, &len))
        put(d, ROW(acct), p, len);
    written_mark(&d->written, view_user_field(d->written.view, EVENT_NAME_acct));
}

static void write_error(struct audisp_details *d)
{
    const char *name = words_error(view_field(d->written.view->subject, EVENT_NAME_exit));

    if (!name)
        name = words_error(view_field(d->written.view->apparmor, EVENT_NAME_error));
    if (name)
        put_text(d, ROW(error), name);
}

static void write_signal(struct audisp_details *d)
{
    const char *name = words_signal(view_field(d->written.view->subject, EVENT_NAME_sig));

    if (name)
        put_text(d, ROW(signal), name);
}

static void write_seccomp(struct audisp_details *d)
{
    const struct event_record *rec = d->written.view->subject;
    const char *name =
        rec->type == AUDIT_SECCOMP ? words_seccomp(view_field(rec, EVENT_NAME_code)) : NULL;

    if (name)
        put_text(d, ROW(seccomp), name);
}

/* Only a program's: the kernel's exe is `process`. */
static void write_exe(struct audisp_details *d)
{
    put_field(d, ROW(exe), event_nested_field(d->written.view->user, EVENT_NAME_exe));
}

static void write_part(struct audisp_details *d)
{
    if (d->written.view->ev->part > 1)
        put_number(d, ROW(part), d->written.view->ev->part);
}

static void write_records(struct audisp_details *d)
{
    put_number(d, ROW(records), d->written.view->ev->n_records);
}

static void write_complete(struct audisp_details *d)
{
    put_text(d, ROW(complete), event_complete_text(d->written.view->ev->complete));
}

static void write_fields(struct audisp_details *d)
{
    leftover_write(&d->leftover, &d->written);
}

static void write_truncated(struct audisp_details *d)
{
    notes_write_cut(d->written.notes, d->written.w, KEY("truncated"));
}

static void write_invalid_utf8(struct audisp_details *d)
{
    notes_write_invalid(d->written.notes, d->written.w, KEY("invalid_utf8"));
}

/* -- the table --------------------------------------------------------------------------------- */

enum set { SET_COMPAT, SET_FULL, SET_ALWAYS, SET_MUST };

#define WANTED(set) (SET_##set != SET_FULL || !d->compatible)

void audisp_details_write(struct audisp_details *d)
{
    const struct view *v = d->written.view;

    audisp_users_find(&d->users);
#define DETAIL(key, set, record, field, example, text) \
    if (WANTED(set))                                   \
        put_field(d, ROW(key), view_field(v->record, EVENT_NAME_##field));
#define DETAIL2(key, set, record, field, other_record, other_field, example, text)         \
    if (WANTED(set)) {                                                                     \
        if (!put_field(d, ROW(key), view_field(v->record, EVENT_NAME_##field)))            \
            put_field(d, ROW(key), view_field(v->other_record, EVENT_NAME_##other_field)); \
    }
#define DETAIL_USER(key, set, field, example, text) \
    if (WANTED(set))                                \
        put_user_field(d, ROW(key), view_user_field(v, EVENT_NAME_##field));
#define DETAIL_SELINUX(key, set, field, example, text) \
    if (WANTED(set))                                   \
        put_selinux_field(d, ROW(key), view_selinux_field(v, EVENT_NAME_##field));
#define DETAIL_WRITER(key, set, function, type, pattern, source, example, text) \
    if (WANTED(set))                                                            \
        write_##function(d);
#include "format/audisp/audisp_details.def"
#undef DETAIL
#undef DETAIL2
#undef DETAIL_USER
#undef DETAIL_SELINUX
#undef DETAIL_WRITER
}
