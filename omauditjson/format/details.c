/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/details.h"

#include <arpa/inet.h>
#include <libaudit.h>
#include <stdlib.h>

#include "base/mem.h"
#include "format/details_keys.h"
#include "format/details_lists.h"
#include "format/details_users.h"
#include "format/summary.h"

#define KEY(text) (text), sizeof(text) - 1
#define ROW(key) (&details_keys[DETAILS_##key])

void details_init(struct details *d, bool compatible)
{
    *d = (struct details){.compatible = compatible};
    d->left = details_left_new();
}

void details_done(struct details *d)
{
    free(d->used);
    free(d->next);
    free(d->left);
    *d = (struct details){0};
}

void details_begin(struct details *d, const struct format_doc *doc)
{
    const struct view *v = doc->view;
    size_t n = v->ev->n_fields;

    d->view = v;
    d->w = doc->w;
    d->notes = doc->notes;
    d->names = doc->names;
    d->limits = doc->limits;
    d->id = doc->id;
    d->id_len = doc->id_len;
    if (v->ev->cut_records)
        notes_add_cut(d->notes, "records", v->ev->n_records + v->ev->cut_records);
    if (v->ev->cut_bytes)
        notes_add_cut(d->notes, "line_bytes_lost", v->ev->cut_bytes);
    if (n / 64 + 1 > d->cap_used) {
        d->cap_used = n / 64 + 1;
        d->used = mem_realloc_array(d->used, d->cap_used, sizeof(*d->used));
    }
    memset(d->used, 0, (n / 64 + 1) * sizeof(*d->used));
}

/* What json_plain() refused. */
static __attribute__((noinline)) void put_long(struct details *d, const struct json_key *key,
                                               const char *p, size_t n)
{
    struct json_string s = JSON_STRING(d->limits.string);

    json_member(d->w, key->name, strlen(key->name), &s, p, n);
    if (s.cut || s.invalid)
        notes_add_string(d->notes, key->name, &s);
}

static inline void put(struct details *d, const struct json_key *key, const char *p, size_t n)
{
    if (n > d->limits.string || !json_plain(d->w, key, p, n))
        put_long(d, key, p, n);
}

static void put_text(struct details *d, const struct json_key *key, const char *text)
{
    put(d, key, text, strlen(text));
}

static void put_number(struct details *d, const struct json_key *key, uint64_t n)
{
    char text[24], *p = text + sizeof(text);

    do {
        *--p = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    put(d, key, p, (size_t)(text + sizeof(text) - p));
}

/* A function of its own, and put_field() only a question: most fields are not there. The mark comes
 * first so that nothing has to be kept over the call in its end. */
static __attribute__((noinline)) void put_found(struct details *d, const struct json_key *key,
                                                const struct event_field *f)
{
    details_mark(d, f);
    put(d, key, f->value, f->value_len);
}

static inline bool put_field(struct details *d, const struct json_key *key,
                             const struct event_field *f)
{
    if (!f)
        return false;
    put_found(d, key, f);
    return true;
}

/* Where several records of one type have the field, all of them stay together in `fields` too: a
 * list without its first value would not match the lists of the other fields. */
static void put_user_field(struct details *d, const struct json_key *key,
                           const struct event_field *f)
{
    if (f && d->view->user_repeats)
        put(d, key, f->value, f->value_len);
    else
        put_field(d, key, f);
}

/* -- the made ones, in the order of fields.def ------------------------------------------------ */

static void made_auditserial(struct details *d)
{
    put_number(d, ROW(auditserial), d->view->ev->serial);
}

/* A key may be several, with 0x01 between them [linux, AUDIT_KEY_SEPARATOR]. */
static void made_auditkey(struct details *d)
{
    const struct event_field *f = view_field(d->view->subject, EVENT_NAME_key);
    const char *end;

    if (!f)
        return;
    end = memchr(f->value, AUDIT_KEY_SEPARATOR, f->value_len);
    put(d, ROW(auditkey), f->value, end ? (size_t)(end - f->value) : f->value_len);
    details_mark(d, f);
}

static void made_parentprocess(struct details *d)
{
    const struct event_lineage *l = d->view->ev->lineage;

    if (l && l->n > 1 && l->process[1].comm)
        put(d, ROW(parentprocess), l->process[1].comm, l->process[1].comm_len);
}

static void made_originaluser(struct details *d)
{
    const char *name;
    size_t len;

    if (details_user(d, EVENT_NAME_auid, &d->auid_name, &name, &len))
        put(d, ROW(originaluser), name, len);
}

static void made_user(struct details *d)
{
    const char *name;
    size_t len;

    if (details_user(d, EVENT_NAME_uid, &d->uid_name, &name, &len))
        put(d, ROW(user), name, len);
}

static void made_command(struct details *d)
{
    struct json_string s = JSON_STRING(d->limits.string);

    if (d->view->ev->n_argv == 0)
        return;
    s.nul_blank = true;
    json_begin(d->w, ROW(command), false);
    summary_add_command(d->view, d->w, &s);
    json_string_end(d->w);
    if (s.cut || s.invalid)
        notes_add_string(d->notes, "command", &s);
}

/* Never cut, however little room there is: a receiver tells repeats by it. */
static void made_auditid(struct details *d)
{
    struct json_string s = JSON_STRING(FORMAT_STRING_MAX);

    if (!json_plain(d->w, ROW(auditid), d->id, d->id_len))
        json_member(d->w, KEY("auditid"), &s, d->id, d->id_len);
}

static void made_syscall(struct details *d)
{
    const struct view *v = d->view;

    if (!v->syscall_name)
        return;
    put(d, ROW(syscall), v->syscall_name, v->syscall_name_len);
    details_mark(d, view_field(v->subject, EVENT_NAME_syscall));
}

static void made_arch(struct details *d)
{
    const struct view *v = d->view;

    if (!v->arch)
        return;
    if (v->arch_name)
        put_text(d, ROW(arch), v->arch_name);
    else
        put(d, ROW(arch), v->arch->value, v->arch->value_len);
    details_mark(d, v->arch);
}

static void made_node(struct details *d)
{
    if (d->view->ev->node)
        put(d, ROW(node), d->view->ev->node, d->view->ev->node_len);
}

static void made_proctitle(struct details *d)
{
    struct json_string s = JSON_STRING(d->limits.string);
    size_t n;
    const struct event_field *f = view_proctitle(d->view, &n);

    if (!f)
        return;
    details_mark(d, f);
    if (n <= d->limits.string && json_plain_blank(d->w, ROW(proctitle), f->value, n))
        return;
    s.nul_blank = true;
    json_member(d->w, KEY("proctitle"), &s, f->value, n);
    notes_add_string(d->notes, "proctitle", &s);
}

static void made_argv(struct details *d)
{
    details_write_argv(d);
}

static void made_paths(struct details *d)
{
    details_write_paths(d);
}

static void made_ancestors(struct details *d)
{
    details_write_ancestors(d);
}

static void made_saddr_family(struct details *d)
{
    const struct view *v = d->view;

    if (!v->has_addr)
        return;
    put_text(d, ROW(saddr_family), v->addr.family);
    if (v->addr.whole)
        details_mark(d, view_field(v->sockaddr, EVENT_NAME_saddr));
}

static bool is_ip_address(const struct event_field *f)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char ignored[16];

    if (f->value_len >= sizeof(text))
        return false;
    memcpy(text, f->value, f->value_len);
    text[f->value_len] = '\0';
    return inet_pton(AF_INET, text, ignored) == 1 || inet_pton(AF_INET6, text, ignored) == 1;
}

static void put_address(struct details *d, const struct json_key *key, const struct event_field *f)
{
    if (f && is_ip_address(f))
        put_field(d, key, f);
}

static void made_destination_address(struct details *d)
{
    const struct view *v = d->view;

    if (!v->has_addr)
        put_address(d, ROW(destinationipaddress), view_field(v->packet, EVENT_NAME_daddr));
    else if (v->addr_is_peer && v->addr.address[0])
        put_text(d, ROW(destinationipaddress), v->addr.address);
}

static void made_destination_port(struct details *d)
{
    const struct view *v = d->view;

    if (v->has_addr) {
        if (v->addr_is_peer && v->addr.port[0])
            put_text(d, ROW(destinationport), v->addr.port);
    } else if (!put_field(d, ROW(destinationport), view_field(v->packet, EVENT_NAME_dport))) {
        put_field(d, ROW(destinationport), view_field(v->packet, EVENT_NAME_dest));
    }
}

/* A program's addr= is where a login comes from, but it may be "?" or a name, and the key is
 * mapped as an IP address. */
static void made_source_address(struct details *d)
{
    const struct view *v = d->view;
    const struct event_field *addr;

    if (v->has_addr) {
        if (!v->addr_is_peer && v->addr.address[0])
            put_text(d, ROW(sourceipaddress), v->addr.address);
    } else if (v->packet != &view_no_record) {
        put_address(d, ROW(sourceipaddress), view_field(v->packet, EVENT_NAME_saddr));
    } else {
        addr = view_user_field(v, EVENT_NAME_addr);
        if (addr && is_ip_address(addr))
            put(d, ROW(sourceipaddress), addr->value, addr->value_len);
    }
}

static void made_source_port(struct details *d)
{
    const struct view *v = d->view;

    if (v->has_addr) {
        if (!v->addr_is_peer && v->addr.port[0])
            put_text(d, ROW(sourceport), v->addr.port);
    } else if (!put_field(d, ROW(sourceport), view_field(v->packet, EVENT_NAME_sport))) {
        put_field(d, ROW(sourceport), view_field(v->packet, EVENT_NAME_src));
    }
}

static void made_saddr_path(struct details *d)
{
    if (d->view->addr.path)
        put(d, ROW(saddr_path), d->view->addr.path, d->view->addr.path_len);
}

static void made_auditkeys(struct details *d)
{
    details_write_keys(d);
}

static void made_acct(struct details *d)
{
    const char *p;
    size_t len;

    if (!view_account(d->view, &p, &len))
        return;
    put(d, ROW(acct), p, len);
    details_mark(d, view_user_field(d->view, EVENT_NAME_acct));
}

/* Only a program's: the kernel's exe is `process`. */
static void made_exe(struct details *d)
{
    put_field(d, ROW(exe), event_nested_field(d->view->user, EVENT_NAME_exe));
}

static void made_part(struct details *d)
{
    if (d->view->ev->part > 1)
        put_number(d, ROW(part), d->view->ev->part);
}

static void made_records(struct details *d)
{
    put_number(d, ROW(records), d->view->ev->n_records);
}

static void made_complete(struct details *d)
{
    put_text(d, ROW(complete), event_complete_text(d->view->ev->complete));
}

static void made_fields(struct details *d)
{
    details_write_left(d);
}

static void made_truncated(struct details *d)
{
    notes_write_cut(d->notes, d->w, KEY("truncated"));
}

static void made_invalid_utf8(struct details *d)
{
    notes_write_invalid(d->notes, d->w, KEY("invalid_utf8"));
}

/* -- the table --------------------------------------------------------------------------------- */

enum set { SET_COMPAT, SET_FULL, SET_ALWAYS, SET_MUST };

#define WANTED(set) (SET_##set != SET_FULL || !d->compatible)

void details_write(struct details *d)
{
    const struct view *v = d->view;

    details_find_users(d);
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
        put_field(d, ROW(key), view_selinux_field(v, EVENT_NAME_##field));
#define DETAIL_MADE(key, set, function, type, pattern, source, example, text) \
    if (WANTED(set))                                                          \
        made_##function(d);
#include "format/fields.def"
#undef DETAIL
#undef DETAIL2
#undef DETAIL_USER
#undef DETAIL_SELINUX
#undef DETAIL_MADE
}
