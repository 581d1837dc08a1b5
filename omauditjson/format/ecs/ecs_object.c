/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/ecs/ecs_object.h"
#include "format/account.h"

#include <inttypes.h>
#include <libaudit.h>
#include <stdio.h>
#include <string.h>

static struct ecs_text text_of(const struct event_field *f)
{
    return f ? (struct ecs_text){f->value, f->value_len} : (struct ecs_text){0};
}

/* The first of several keys. */
static struct ecs_text key_of(const struct event_field *f)
{
    struct ecs_text t = text_of(f);
    const char *end = t.p ? memchr(t.p, AUDIT_KEY_SEPARATOR, t.len) : NULL;

    if (end)
        t.len = (size_t)(end - t.p);
    return t;
}

static struct ecs_text text(const char *s)
{
    return (struct ecs_text){s, strlen(s)};
}

/* The first PATH record of that nametype, or view_no_record. */
static const struct event_record *path_of(const struct view *v, const char *nametype)
{
    for (size_t i = 0; i < v->ev->n_records; i++) {
        const struct event_record *rec = &v->ev->records[i];

        if (rec->type == AUDIT_PATH &&
            event_field_is(event_field(rec, EVENT_NAME_nametype), nametype))
            return rec;
    }
    return &view_no_record;
}

/* The kind of a file by its mode; without a mode, the kind of the row. */
static void find_file_kind(struct ecs_what *w)
{
    static const char *const kinds[16] = {
        [001] = "fifo", [002] = "character-device", [004] = "directory", [006] = "block-device",
        [010] = "file", [012] = "symlink",          [014] = "socket"};
    uint64_t mode;

    if (w->row->kind != ECS_KIND_FILE && w->row->kind != ECS_KIND_UNKNOWN)
        return;
    if (event_field_number(event_field(w->file, EVENT_NAME_mode), 8, &mode) &&
        kinds[mode >> 12 & 15])
        w->kind = kinds[mode >> 12 & 15];
}

static void take_file(struct ecs_what *w, const struct event_record *rec)
{
    w->file = rec;
    w->primary = text_of(event_field(rec, EVENT_NAME_name));
    w->secondary = text_of(event_field(rec, EVENT_NAME_inode));
    find_file_kind(w);
}

static void find_rename(const struct view *v, struct ecs_what *w)
{
    const struct event_record *old = path_of(v, "DELETE"), *new = path_of(v, "CREATE");

    /* a failed rename has only UNKNOWN ones */
    take_file(w, old != &view_no_record ? old : v->path);
    if (new != &view_no_record &&new != w->file) {
        w->other = new;
        w->secondary = text_of(event_field(new, EVENT_NAME_name));
    }
}

/* link(2) gives the old name as NORMAL, symlink(2) gives the target as UNKNOWN. */
static void find_link(const struct view *v, struct ecs_what *w)
{
    const struct event_record *new = path_of(v, "CREATE"), *to = path_of(v, "NORMAL");

    if (to == &view_no_record)
        to = path_of(v, "UNKNOWN");
    take_file(w, new != &view_no_record ? new : v->path);
    if (to != &view_no_record && to != w->file) {
        w->other = to;
        w->secondary = text_of(event_field(to, EVENT_NAME_name));
    }
}

static void find_address(const struct view *v, struct ecs_what *w)
{
    if (!v->has_addr)
        return;
    if (v->addr.address[0]) {
        w->primary = text(v->addr.address);
        w->secondary = text(v->addr.port);
    } else if (v->addr.path) {
        w->primary = (struct ecs_text){v->addr.path, v->addr.path_len};
    } else {
        w->primary = text(v->addr.family);
    }
}

/* A pid in a syscall's argument: 32 bits; negative ones are process groups. */
static void find_pid(const struct view *v, struct ecs_what *w, enum event_name arg)
{
    uint64_t n;

    if (!event_field_number(event_field(v->syscall, arg), 16, &n) || (uint32_t)n == 0 ||
        (uint32_t)n > INT32_MAX)
        return;
    snprintf(w->number, sizeof(w->number), "%" PRIu32, (uint32_t)n);
    w->primary = text(w->number);
}

static void find_target(const struct view *v, struct ecs_what *w, enum event_name arg)
{
    const struct event_field *comm = event_field(v->object_pid, EVENT_NAME_ocomm);

    w->primary = text_of(comm);
    w->secondary = text_of(event_field(v->object_pid, EVENT_NAME_opid));
    if (!comm) {
        w->primary = w->secondary;
        w->secondary.p = NULL;
    }
    if (!w->primary.p && arg != EVENT_NAME_OTHER)
        find_pid(v, w, arg);
}

static void find_account(const struct view *v, struct ecs_what *w)
{
    const struct event_field *secondary = ecs_field(w->lead, w->row->secondary);

    /* account_name() knows the acct and auditd's name for id */
    if (!account_name(v, &w->primary.p, &w->primary.len))
        w->primary = text_of(ecs_field(w->lead, "id|grp"));
    if (secondary)
        w->secondary = text_of(secondary);
}

static void find_decision(const struct view *v, struct ecs_what *w)
{
    if (v->path != &view_no_record && w->lead != v->syscall) {
        take_file(w, v->path);
        return;
    }
    w->primary = text_of(ecs_field(w->lead, "path|name|dest|exe"));
    w->secondary = text_of(ecs_field(w->lead, "tcontext|ino"));
    if (!w->primary.p) {
        w->primary = w->secondary;
        w->secondary = text_of(ecs_field(w->lead, "tclass"));
    }
}

static void find_module(const struct view *v, struct ecs_what *w)
{
    w->primary = text_of(event_field(v->module, EVENT_NAME_name));
    w->file = v->path;
    if (!w->primary.p)
        take_file(w, v->path);
}

void ecs_object_find(const struct view *v, struct ecs_what *w)
{
    const struct event_record *rec = w->lead;

    w->kind = ecs_kind_word(w->row->kind);
    w->file = w->other = &view_no_record;
    w->primary = w->secondary = (struct ecs_text){0};
    switch (w->row->find) {
    case ECS_FIND_NONE:
        break;
    case ECS_FIND_FIELDS:
        w->primary = key_of(ecs_field(rec, w->row->primary));
        if (rec->type == AUDIT_SECCOMP && v->syscall_named)
            w->primary = (struct ecs_text){v->syscall_name, v->syscall_name_len};
        w->secondary = text_of(ecs_field(rec, w->row->secondary));
        break;
    case ECS_FIND_ACCOUNT:
        find_account(v, w);
        break;
    case ECS_FIND_AVC:
        find_decision(v, w);
        if (w->categories & ECS_CATEGORY_BIT(CONFIGURATION)) /* a profile was loaded */
            w->kind = ecs_kind_word(ECS_KIND_MAC_CONFIG);
        break;
    case ECS_FIND_PATH:
    case ECS_FIND_OPEN:
        take_file(w, v->path);
        break;
    case ECS_FIND_RENAME:
        find_rename(v, w);
        break;
    case ECS_FIND_LINK:
        find_link(v, w);
        break;
    case ECS_FIND_EXEC:
        take_file(w, v->path);
        if (!w->primary.p && event_field_is(event_field(v->syscall, EVENT_NAME_success), "yes"))
            w->primary = text_of(event_field(v->syscall, EVENT_NAME_exe));
        break;
    case ECS_FIND_ADDRESS:
        find_address(v, w);
        break;
    case ECS_FIND_CHILD:
        w->primary = text_of(event_field(v->syscall, EVENT_NAME_exit));
        if (!event_field_is(event_field(v->syscall, EVENT_NAME_success), "yes"))
            w->primary.p = NULL;
        break;
    case ECS_FIND_TARGET:
        find_target(v, w, EVENT_NAME_a0);
        break;
    case ECS_FIND_TRACED:
        find_target(v, w, EVENT_NAME_a1);
        break;
    case ECS_FIND_SIGNAL_A1:
    case ECS_FIND_SIGNAL_A2:
        find_target(v, w, EVENT_NAME_a0);
        break;
    case ECS_FIND_SELF:
        w->primary = text_of(event_field(v->subject, EVENT_NAME_exe));
        w->secondary = text_of(event_field(v->subject, EVENT_NAME_pid));
        break;
    case ECS_FIND_COMM:
        w->primary = text_of(event_field(v->subject, EVENT_NAME_comm));
        w->secondary = text_of(event_field(v->subject, EVENT_NAME_pid));
        break;
    case ECS_FIND_MODULE:
        find_module(v, w);
        break;
    case ECS_FIND_KEY:
        w->primary = key_of(event_field(v->subject, EVENT_NAME_key));
        break;
    }
    if (w->file == &view_no_record && w->row->kind != ECS_KIND_SOCKET)
        w->file = v->path;
}
