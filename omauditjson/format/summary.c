/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/summary.h"
#include "format/account.h"

#include <libaudit.h>
#include <string.h>

#ifndef AUDIT_URINGOP
#define AUDIT_URINGOP 1336
#endif

static inline void add(struct json_writer *w, struct json_string *s, const char *text)
{
    json_string_add(w, s, text, strlen(text));
}

static void add_field(struct json_writer *w, struct json_string *s, const struct event_field *f)
{
    json_string_add(w, s, f->value, f->value_len);
}

/* UNKNOWN[1999] keeps its number: unknown[1999]. */
static void add_type(const struct view *v, struct json_writer *w, struct json_string *s)
{
    char word[64];
    size_t n = view_type_word(v->first, word, sizeof(word));

    for (size_t i = 0; i < n; i++) {
        if (v->first->type_name[i] == '[' || v->first->type_name[i] == ']')
            word[i] = v->first->type_name[i];
    }
    if (n == 0)
        add(w, s, "unknown");
    json_string_add(w, s, word, n);
}

static bool is_open(const struct view *v)
{
    return v->row && v->row->object >= SYSCALL_OPEN_A1;
}

void summary_write_category(const struct view *v, struct json_writer *w, struct json_string *s)
{
    if (v->apparmor != &view_no_record)
        add(w, s, "apparmor");
    else if (v->promiscuous != &view_no_record)
        add(w, s, "promiscuous");
    else if (is_open(v) && v->opens_for_writing)
        add(w, s, "write");
    else if (v->row)
        add(w, s, v->row->category);
    else if (v->syscall != &view_no_record && v->syscall_named)
        json_string_add(w, s, v->call_name, v->call_name_len);
    else if (v->syscall != &view_no_record)
        add(w, s, "syscall"); /* a number is not a category: their count has no bound */
    else
        add_type(v, w, s);
}

void summary_add_command(const struct view *v, struct json_writer *w, struct json_string *s)
{
    for (size_t i = 0; i < v->ev->n_argv; i++) {
        if (i)
            add(w, s, " ");
        json_string_add(w, s, v->ev->argv[i].value, v->ev->argv[i].len);
    }
}

static bool add_address(const struct view *v, struct json_writer *w, struct json_string *s)
{
    bool six;

    if (!v->has_addr)
        return false;
    six = strchr(v->addr.address, ':') != NULL;
    add(w, s, ": ");
    if (v->addr.address[0]) {
        add(w, s, six ? "[" : "");
        add(w, s, v->addr.address);
        add(w, s, six ? "]:" : ":");
        add(w, s, v->addr.port);
    } else if (v->addr.path) {
        json_string_add(w, s, v->addr.path, v->addr.path_len);
    } else {
        add(w, s, v->addr.family);
    }
    return true;
}

/* The event's first object that is not a path, or NULL. */
static const struct event_field *other_object(const struct view *v)
{
    const struct event_field *f = view_field(v->module, EVENT_NAME_name);

    if (!f)
        f = view_field(v->object_pid, EVENT_NAME_ocomm);
    if (!f)
        f = view_field(v->object_pid, EVENT_NAME_opid);
    if (!f)
        f = view_field(v->selinux, EVENT_NAME_path);
    if (!f)
        f = view_field(v->selinux, EVENT_NAME_name);
    /* "Write: /bin/sh" would say that the shell was written to */
    if (v->row && v->row->object != SYSCALL_COMMAND)
        return f;
    if (!f)
        f = view_field(v->syscall, EVENT_NAME_exe);
    return f ? f : view_field(v->syscall, EVENT_NAME_comm);
}

/* ": " and what the event is about: a path, else an address, else something else. */
static void add_object(const struct view *v, struct json_writer *w, struct json_string *s)
{
    const struct event_field *f = view_field(v->path, EVENT_NAME_name);

    if (!f && add_address(v, w, s))
        return;
    if (!f)
        f = other_object(v);
    if (f) {
        add(w, s, ": ");
        add_field(w, s, f);
    }
}

static void add_apparmor(const struct view *v, struct json_writer *w, struct json_string *s)
{
    const struct event_field *info = event_field(v->apparmor, EVENT_NAME_info);
    const struct event_field *operation = event_field(v->apparmor, EVENT_NAME_operation);
    const struct event_field *name = event_field(v->apparmor, EVENT_NAME_name);

    if (info) {
        add_field(w, s, info);
        return;
    }
    add(w, s, "AppArmor:");
    if (operation) {
        add(w, s, " ");
        add_field(w, s, operation);
    }
    if (name) {
        add(w, s, " ");
        add_field(w, s, name);
    }
}

/* The interface is promiscuous while IFF_PROMISC is set in its flags. */
static void add_promiscuous(const struct view *v, struct json_writer *w, struct json_string *s)
{
    const struct event_field *dev = event_field(v->promiscuous, EVENT_NAME_dev);
    uint64_t flags = 0;

    event_field_number(event_field(v->promiscuous, EVENT_NAME_prom), 10, &flags);
    add(w, s, "Promisc: Interface ");
    if (dev)
        add_field(w, s, dev);
    add(w, s, flags ? " set promiscuous on" : " set promiscuous off");
}

struct words {
    const char *p;
    size_t len;
};

static struct words words_of(const struct event_field *f)
{
    return f ? (struct words){f->value, f->value_len} : (struct words){0};
}

/* A leading word ("tty", "login", "netlabel:", "avc:") carries no information. */
static bool leads_in(const struct view *v, const struct event_field *text)
{
    char type[16];
    size_t n = view_type_word(v->first, type, sizeof(type));

    return text->value[text->value_len - 1] == ':' ||
           (text->value_len == n && memcmp(text->value, type, n) == 0);
}

/* The operation: op, or the field that replaces it. */
static struct words operation(const struct view *v)
{
    static const enum event_name instead[] = {EVENT_NAME_seperms, EVENT_NAME_unit, EVENT_NAME_cmd,
                                              EVENT_NAME_operation, EVENT_NAME_text};
    const struct event_field *op = view_user_field(v, EVENT_NAME_op);
    struct words w;

    if (!op && v->subject->type == AUDIT_URINGOP) {
        if (event_enriched(v->subject, "URING_OP", &w.p, &w.len) && w.len > 0)
            return w;
        return words_of(event_field(v->subject, EVENT_NAME_uring_op));
    }
    for (size_t i = 0; i < sizeof(instead) / sizeof(instead[0]) && !op; i++) {
        op = i == 0 ? view_selinux_field(v, instead[i]) : view_user_field(v, instead[i]);
        if (!op)
            op = view_any_field(v->first, instead[i]);
        if (op && instead[i] == EVENT_NAME_text && leads_in(v, op))
            op = NULL;
    }
    if (!op && v->call_name)
        return (struct words){v->call_name, v->call_name_len};
    return words_of(op);
}

/* How it ended. */
static struct words result(const struct view *v)
{
    const struct event_field *res = view_user_field(v, EVENT_NAME_res);

    if (!res)
        res = view_selinux_field(v, EVENT_NAME_seresult);
    if (!res)
        res = view_any_field(v->first, EVENT_NAME_apparmor);
    if (!res)
        res = event_field(v->subject, EVENT_NAME_success);
    return words_of(res);
}

/* "<type>: <op> <acct> <res>", what there is of it; a path where the event has one. */
static void add_user(const struct view *v, struct json_writer *w, struct json_string *s)
{
    struct words words[] = {
        operation(v), words_of(event_field(v->path, EVENT_NAME_name)), {0}, result(v)};
    bool first = true;

    account_name(v, &words[2].p, &words[2].len);
    add_type(v, w, s);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (words[i].len == 0)
            continue;
        add(w, s, first ? ": " : " ");
        json_string_add(w, s, words[i].p, words[i].len);
        first = false;
    }
}

/* The syscall's own name, its first letter in upper case: "Kill: ...". */
static void add_other_syscall(const struct view *v, struct json_writer *w, struct json_string *s)
{
    char first = v->syscall_named ? v->call_name[0] : 'S';

    if (first >= 'a' && first <= 'z')
        first = (char)(first - 'a' + 'A');
    if (v->syscall_named) {
        json_string_add(w, s, &first, 1);
        json_string_add(w, s, v->call_name + 1, v->call_name_len - 1);
    } else {
        add(w, s, "Syscall");
        if (v->call_name) {
            add(w, s, " ");
            json_string_add(w, s, v->call_name, v->call_name_len);
        }
    }
    add_object(v, w, s);
}

void summary_write(const struct view *v, struct json_writer *w, struct json_string *s)
{
    if (v->apparmor != &view_no_record) {
        add_apparmor(v, w, s);
    } else if (v->promiscuous != &view_no_record) {
        add_promiscuous(v, w, s);
    } else if (v->row) {
        add(w, s, is_open(v) && v->opens_for_writing ? "Write" : v->row->summary);
        if (v->row->object == SYSCALL_COMMAND && v->ev->n_argv) {
            add(w, s, ": ");
            summary_add_command(v, w, s);
        } else if (v->row->object == SYSCALL_ADDRESS && v->has_addr) {
            add_address(v, w, s);
        } else if (v->row->object != SYSCALL_NONE) {
            add_object(v, w, s);
        }
    } else if (v->syscall != &view_no_record) {
        add_other_syscall(v, w, s);
    } else {
        add_user(v, w, s);
    }
}
