/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/view.h"

#include <libaudit.h>
#include <string.h>

#ifndef AUDIT_KERN_MODULE
#define AUDIT_KERN_MODULE 1330
#endif

#ifndef AUDIT_URINGOP
#define AUDIT_URINGOP 1336
#endif
#ifndef AUDIT_OPENAT2
#define AUDIT_OPENAT2 1337
#endif

#define LANDLOCK_ACCESS 1423
#define AUDIT_MAC_TASK_CONTEXTS_ 1425
#define AUDIT_MAC_OBJ_CONTEXTS_ 1426

#define O_ACCMODE_BITS 3u /* of open(2), the same on every Linux */

/* Most lookups hit it, so it has an index that says at once that it has no field. */
static const uint8_t no_fields[EVENT_NAME_COUNT];
const struct event_record view_no_record = {.type_name = "", .by_name = no_fields};

/* event_field_is(), inline so that the length of a literal is known. */
static inline bool field_is(const struct event_field *f, const char *text)
{
    size_t len = strlen(text);

    return f && f->value_len == len && memcmp(f->value, text, len) == 0;
}

/* PARENT and UNKNOWN records are not the object of the event. */
static bool is_object(const struct event_field *nametype)
{
    return !field_is(nametype, "PARENT") && !field_is(nametype, "UNKNOWN");
}

static bool has_nested(const struct event_record *rec)
{
    for (size_t i = 0; i < rec->n_fields; i++) {
        if (rec->fields[i].flags & EVENT_FIELD_NESTED)
            return true;
    }
    return false;
}

static void set_once(const struct event_record **member, const struct event_record *rec)
{
    if (*member == &view_no_record)
        *member = rec;
}

static void take_path(struct view *v, const struct event_record *rec)
{
    const struct event_field *type = event_field(rec, EVENT_NAME_nametype);

    v->n_paths++;
    if (v->path == &view_no_record ||
        (is_object(type) && !is_object(event_field(v->path, EVENT_NAME_nametype))))
        v->path = rec;
    if (field_is(type, "CREATE"))
        v->opens_for_writing = true;
}

/* The flags of openat2(), which its SYSCALL record does not show; octal. */
static void take_openat2(struct view *v, const struct event_record *rec)
{
    uint64_t flags;

    if (event_field_number(event_field(rec, EVENT_NAME_oflag), 8, &flags) &&
        (flags & O_ACCMODE_BITS) != 0)
        v->opens_for_writing = true;
}

/* For an order that does not depend on that of arrival. */
static bool text_is_less(const struct event_record *a, const struct event_record *b)
{
    const struct event_line *x = a->line, *y = b->line;
    size_t n = x->raw_len - x->body, m = y->raw_len - y->body;
    int r = memcmp(x->line + x->body, y->line + y->body, n < m ? n : m);

    return r ? r < 0 : n < m;
}

static void take_avc(struct view *v, const struct event_record *rec)
{
    if (event_field(rec, EVENT_NAME_apparmor)) {
        set_once(&v->apparmor, rec);
        return;
    }
    if (rec->type == AUDIT_AVC && !event_field(rec, EVENT_NAME_seresult))
        return;
    /* A decision before what else SELinux says, and of several always the same one, in whatever
     * order they come. */
    if (v->selinux == &view_no_record ||
        (rec->type != AUDIT_SELINUX_ERR && v->selinux->type == AUDIT_SELINUX_ERR)) {
        v->selinux = rec;
    } else if (rec->type != AUDIT_SELINUX_ERR) {
        v->selinux_repeats = true;
        if (text_is_less(rec, v->selinux))
            v->selinux = rec;
    }
}

/* Where op, acct, res ... are: what a program wrote, before what the kernel wrote. */
static void take_user(struct view *v, const struct event_record *rec)
{
    bool nested = has_nested(rec);

    if (v->user != &view_no_record && (!nested || has_nested(v->user))) {
        v->user_repeats = v->user_repeats || rec->type == v->user->type;
        return;
    }
    if (nested || event_field(rec, EVENT_NAME_op) || event_field(rec, EVENT_NAME_res))
        v->user = rec;
}

/* Who sent a packet to whom, of netfilter [net/netfilter/xt_AUDIT.c], of a security module
 * [security/lsm_audit.c, security/apparmor/net.c, security/landlock/audit.c] or of IPsec
 * [net/xfrm/xfrm_policy.c]. */
static void take_packet(struct view *v, const struct event_record *rec)
{
    static const enum event_name names[] = {EVENT_NAME_saddr, EVENT_NAME_daddr, EVENT_NAME_faddr,
                                            EVENT_NAME_laddr, EVENT_NAME_src,   EVENT_NAME_dest,
                                            EVENT_NAME_dst};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && v->packet == &view_no_record; i++) {
        if (event_field(rec, names[i]))
            v->packet = rec;
    }
}

static void take_record(struct view *v, const struct event_record *rec)
{
    set_once(&v->first, rec);
    switch (rec->type) {
    case AUDIT_SYSCALL:
        set_once(&v->syscall, rec);
        break;
    case AUDIT_EXECVE:
        if (!event_field(v->execve, EVENT_NAME_argc))
            v->execve = rec;
        break;
    case AUDIT_CWD:
        set_once(&v->cwd, rec);
        break;
    case AUDIT_PATH:
        take_path(v, rec);
        break;
    case AUDIT_PROCTITLE:
        set_once(&v->proctitle, rec);
        break;
    case AUDIT_SOCKADDR:
        set_once(&v->sockaddr, rec);
        break;
    case AUDIT_ANOM_PROMISCUOUS:
        set_once(&v->promiscuous, rec);
        break;
    case AUDIT_NETFILTER_PKT:
    case LANDLOCK_ACCESS:
    case AUDIT_MAC_IPSEC_EVENT:
        take_packet(v, rec);
        if (rec->type != AUDIT_NETFILTER_PKT)
            take_user(v, rec);
        break;
    case AUDIT_URINGOP:
        if (v->subject == &view_no_record)
            v->subject = rec;
        break;
    case AUDIT_OPENAT2:
        take_openat2(v, rec);
        break;
    case AUDIT_AVC:
    case AUDIT_USER_AVC:
    case AUDIT_SELINUX_ERR:
        take_avc(v, rec);
        if (rec->type == AUDIT_AVC)
            take_packet(v, rec);
        if (rec->type != AUDIT_AVC)
            take_user(v, rec);
        break;
    case AUDIT_KERN_MODULE:
        set_once(&v->module, rec);
        break;
    case AUDIT_OBJ_PID:
        set_once(&v->object_pid, rec);
        break;
    default:
        take_user(v, rec);
    }
}

static bool opened_for_writing(const struct view *v)
{
    enum event_name arg = v->row->object == SYSCALL_OPEN_A1 ? EVENT_NAME_a1 : EVENT_NAME_a2;
    uint64_t flags;

    return v->row->object != SYSCALL_OPEN_HOW &&
           event_field_number(view_field(v->syscall, arg), 16, &flags) &&
           (flags & O_ACCMODE_BITS) != 0;
}

/* auditd's own tables may be newer than ours; it says unknown-elf-type(N) otherwise. */
static void take_arch_name(struct view *v)
{
    const char *name;
    size_t len;

    if (!event_enriched(v->subject, "ARCH", &name, &len) || len == 0 ||
        len >= sizeof(v->arch_text) || memchr(name, '(', len))
        return;
    memcpy(v->arch_text, name, len);
    v->arch_text[len] = '\0';
    v->arch_name = v->arch_text;
}

/* socketcall and ipc are many calls. The arguments are not that one's: they are elsewhere. */
static void find_call(struct view *v)
{
    const char *name;
    uint64_t call;

    if (v->syscall_name[0] != 's' && v->syscall_name[0] != 'i')
        return;
    if (!event_field_number(view_field(v->syscall, EVENT_NAME_a0), 16, &call))
        return;
    name = syscalls_call(v->syscall_name, v->syscall_name_len, call);
    if (!name)
        return;
    v->call_name = name;
    v->call_name_len = strlen(name);
    v->row = syscalls_row(name, v->call_name_len);
}

static void find_syscall(struct view *v, struct syscalls *s)
{
    const struct event_field *number = view_field(v->subject, EVENT_NAME_syscall);
    struct syscall_entry e = {0};
    struct syscalls_arch arch;
    uint64_t n;

    v->arch = view_field(v->subject, EVENT_NAME_arch);
    if (syscalls_arch(s, v->arch, &arch)) {
        v->arch_name = arch.name;
        if (!v->arch_name)
            take_arch_name(v);
        if (event_field_number(number, 10, &n))
            e = syscalls_find(s, arch.number, n);
    }
    if (e.name) {
        v->syscall_name = e.name;
        v->syscall_name_len = strlen(e.name);
        v->row = e.row;
        v->syscall_named = true;
    } else if (number) {
        /* auditd's own tables may be newer than ours; it says unknown-syscall(N) otherwise */
        v->syscall_named =
            event_enriched(v->subject, "SYSCALL", &v->syscall_name, &v->syscall_name_len) &&
            v->syscall_name_len > 0 && !memchr(v->syscall_name, '(', v->syscall_name_len);
        if (v->syscall_named) {
            v->row = syscalls_row(v->syscall_name, v->syscall_name_len);
        } else {
            v->syscall_name = number->value;
            v->syscall_name_len = number->value_len;
        }
    }
    v->call_name = v->syscall_name;
    v->call_name_len = v->syscall_name_len;
    if (v->syscall_named)
        find_call(v);
    if (v->row && v->row->object >= SYSCALL_OPEN_A1)
        v->opens_for_writing = v->opens_for_writing || opened_for_writing(v);
    if (field_is(number, "") || v->syscall == &view_no_record)
        v->row = NULL;
}

static inline bool syscall_is(const struct view *v, const char *name)
{
    return v->syscall_name_len == strlen(name) &&
           memcmp(v->syscall_name, name, v->syscall_name_len) == 0;
}

static bool call_is(const struct view *v, const char *const *names)
{
    for (; *names; names++) {
        if (v->call_name_len == strlen(*names) &&
            memcmp(v->call_name, *names, v->call_name_len) == 0)
            return true;
    }
    return false;
}

/* No name, or one that says nothing about it: no direction is made up. */
static enum view_addr whose_address(const struct view *v)
{
    static const char *const to[] = {"connect", "send", "sendto", "sendmsg", "sendmmsg", NULL};
    static const char *const from[] = {"accept",  "accept4",  "recv", "recvfrom",
                                       "recvmsg", "recvmmsg", NULL};
    static const char *const own[] = {"bind", "listen", NULL};

    if (!v->syscall_named)
        return VIEW_ADDR_UNKNOWN;
    return call_is(v, to)     ? VIEW_ADDR_TO
           : call_is(v, from) ? VIEW_ADDR_FROM
           : call_is(v, own)  ? VIEW_ADDR_OWN
                              : VIEW_ADDR_UNKNOWN;
}

static void find_address(struct view *v)
{
    const struct event_field *saddr = event_field(v->sockaddr, EVENT_NAME_saddr);
    uint64_t arch = 0;
    bool big;

    if (!saddr)
        return;
    big = event_field_number(v->arch, 16, &arch) && syscalls_big_endian(arch);
    v->has_addr = sockaddr_decode(saddr->value, saddr->value_len, big, &v->addr);
    v->addr_is = whose_address(v);
}

/* Records that say something about another one. */
static bool is_part(const struct event_record *rec)
{
    switch (rec->type) {
    case AUDIT_PATH:
    case AUDIT_CWD:
    case AUDIT_EXECVE:
    case AUDIT_SOCKADDR:
    case AUDIT_PROCTITLE:
    case AUDIT_OBJ_PID:
    case AUDIT_EOE:
    case AUDIT_SELINUX_ERR: /* beside a decision */
    case AUDIT_MAC_TASK_CONTEXTS_:
    case AUDIT_MAC_OBJ_CONTEXTS_:
        return true;
    default:
        return false;
    }
}

/* Without a SYSCALL: the record that the event is of, in whatever order they come. */
static const struct event_record *main_record(const struct view *v)
{
    const struct event_record *found = v->first;

    for (size_t i = 0; i < v->ev->n_records && is_part(found); i++) {
        if (!is_part(&v->ev->records[i]))
            found = &v->ev->records[i];
    }
    return found;
}

void view_init(struct view *v, struct syscalls *s, const struct event *ev)
{
    const struct event_record *none = &view_no_record;

    *v = (struct view){.ev = ev,
                       .first = none,
                       .subject = none,
                       .syscall = none,
                       .socket = none,
                       .execve = none,
                       .cwd = none,
                       .path = none,
                       .proctitle = none,
                       .sockaddr = none,
                       .promiscuous = none,
                       .apparmor = none,
                       .selinux = none,
                       .user = none,
                       .module = none,
                       .object_pid = none,
                       .packet = none};
    for (size_t i = 0; i < ev->n_records; i++) {
        if (ev->records[i].type != AUDIT_EOE)
            take_record(v, &ev->records[i]);
    }
    if (v->syscall != none) {
        v->subject = v->syscall;
    } else {
        v->first = main_record(v);
        if (v->subject == none)
            v->subject = v->first;
    }
    find_syscall(v, s);
    if (v->row && (syscall_is(v, "socket") || syscall_is(v, "socketpair")))
        v->socket = v->syscall;
    find_address(v);
}

bool view_is_audisp(const struct view *v)
{
    return v->apparmor != &view_no_record || v->promiscuous != &view_no_record ||
           (v->row && v->row->scope == SYSCALL_AUDISP);
}

size_t view_type_word(const struct event_record *rec, char *out, size_t size)
{
    size_t n = rec->type_name_len < size ? rec->type_name_len : size;

    for (size_t i = 0; i < n; i++) {
        char c = rec->type_name[i];

        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        else if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            c = '_';
        out[i] = c;
    }
    return n;
}

const struct event_field *view_any_field(const struct event_record *rec, enum event_name name)
{
    const struct event_field *f = event_nested_field(rec, name);

    return f ? f : view_field(rec, name);
}

const struct event_field *view_own_field(const struct event_record *rec, enum event_name name)
{
    const struct event_field *f = view_field(rec, name);

    return f ? f : event_nested_field(rec, name);
}

bool view_in_progress(const struct view *v)
{
    static const char *const connect[] = {"connect", NULL};

    return v->syscall_named && call_is(v, connect) &&
           field_is(view_field(v->syscall, EVENT_NAME_exit), "-115"); /* EINPROGRESS */
}

const struct event_field *view_proctitle(const struct view *v, size_t *ret_len)
{
    const struct event_field *f = event_field(v->proctitle, EVENT_NAME_proctitle);
    size_t n = f ? f->value_len : 0;

    while (n > 0 && f->value[n - 1] == '\0')
        n--;
    *ret_len = n;
    return f;
}
