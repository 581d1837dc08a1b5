/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/ecs/ecs_writers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define AT_FDCWD_BITS 0xffffff9cu /* -100 */

static bool name_is(const struct view *v, const char *name)
{
    return v->syscall_name_len == strlen(name) &&
           memcmp(v->syscall_name, name, v->syscall_name_len) == 0;
}

/* The argument that says in which directory a relative name is looked up: of the *at() calls the
 * first, but symlinkat(target, dirfd, name) and the new names of renameat and linkat. */
static enum event_name directory_argument(const struct ecs *e, const struct event_record *rec)
{
    const struct view *v = e->view;
    size_t n = v->syscall_name_len;
    const char *name = v->syscall_name;

    if (!name || !v->syscall_named)
        return EVENT_NAME_OTHER;
    if (name_is(v, "symlinkat"))
        return EVENT_NAME_a1;
    if (name_is(v, "linkat"))
        return rec == e->what.other ? EVENT_NAME_a0 : EVENT_NAME_a2;
    if (name_is(v, "renameat") || name_is(v, "renameat2"))
        return rec == e->what.other ? EVENT_NAME_a2 : EVENT_NAME_a0;
    if (name_is(v, "statx"))
        return EVENT_NAME_a0;
    if (name_is(v, "stat") || name_is(v, "lstat") || name_is(v, "fstat"))
        return EVENT_NAME_OTHER;
    if (n > 0 && (name[n - 1] == '2'))
        n--;
    return n > 2 && memcmp(name + n - 2, "at", 2) == 0 ? EVENT_NAME_a0 : EVENT_NAME_OTHER;
}

/* Is the record's name relative to the working directory? */
static bool starts_at_cwd(const struct ecs *e, const struct event_record *rec)
{
    enum event_name arg = directory_argument(e, rec);
    uint64_t fd;

    if (arg == EVENT_NAME_OTHER)
        return true;
    return event_field_number(event_field(e->view->syscall, arg), 16, &fd) &&
           (uint32_t)fd == AT_FDCWD_BITS;
}

/* What stands before a name that is relative to the working directory: that directory; NULL:
 * nothing.
 */
static const struct event_field *base_of(const struct ecs *e, const struct event_record *rec,
                                         const struct event_field *name)
{
    const struct event_field *cwd = event_field(e->view->cwd, EVENT_NAME_cwd);

    return name->value[0] != '/' && cwd && cwd->value[0] == '/' && starts_at_cwd(e, rec) ? cwd
                                                                                         : NULL;
}

/* The first n bytes of the record's name, behind its base. */
static void put_path(struct ecs *e, const char *path, size_t len, const struct event_field *base,
                     const char *p, size_t n)
{
    struct json_string s = JSON_STRING(e->out.string_max);

    ecs_out_key(&e->out, path, len);
    json_string_begin(e->out.w);
    if (base) {
        json_string_add(e->out.w, &s, base->value, base->value_len);
        if (n > 2 && memcmp(p, "./", 2) == 0) {
            p += 2;
            n -= 2;
        }
        if (n > 0 && base->value[base->value_len - 1] != '/')
            json_string_add(e->out.w, &s, "/", 1);
    }
    json_string_add(e->out.w, &s, p, n);
    json_string_end(e->out.w);
    notes_add_string(e->out.notes, path, &s);
}

/* The file that an access decision names, for an event without PATH records. */
static const struct event_field *decided_path(const struct ecs *e)
{
    const struct event_field *f;

    if (e->what.file != &view_no_record || e->what.row->find != ECS_FIND_AVC)
        return NULL;
    /* D-Bus writes the path of a bus object, not of a file */
    f = ecs_field(e->what.lead, "operation");
    if (f && f->value_len >= strlen("dbus_") && memcmp(f->value, "dbus_", strlen("dbus_")) == 0)
        return NULL;
    f = ecs_field(e->what.lead, "path|name");
    return f && f->value[0] == '/' ? f : NULL;
}

void ecs_write_file_path(struct ecs *e, const char *path, size_t len)
{
    const struct event_field *f = event_field(e->what.file, EVENT_NAME_name);

    if (!ecs_put_field(e, path, len, decided_path(e)) && f)
        put_path(e, path, len, base_of(e, e->what.file, f), f->value, f->value_len);
}

/* The last part of a path: its begin in ret, returns its length. A path of slashes is one part. */
static size_t last_part(const struct event_field *f, const char **ret)
{
    const char *slash;
    size_t n = f->value_len, skip;

    while (n > 1 && f->value[n - 1] == '/')
        n--;
    slash = memrchr(f->value, '/', n);
    skip = slash && (size_t)(slash + 1 - f->value) < n ? (size_t)(slash + 1 - f->value) : 0;
    *ret = f->value + skip;
    return n - skip;
}

static const struct event_field *name_field(const struct ecs *e)
{
    const struct event_field *f = event_field(e->what.file, EVENT_NAME_name);

    return f ? f : decided_path(e);
}

void ecs_write_file_name(struct ecs *e, const char *path, size_t len)
{
    const struct event_field *f = name_field(e);
    const char *name;
    size_t n;

    if (!f)
        return;
    n = last_part(f, &name);
    ecs_out_string(&e->out, path, len, name, n);
}

/* A dot at the begin makes a hidden file and no extension. */
void ecs_write_file_extension(struct ecs *e, const char *path, size_t len)
{
    const struct event_field *f = name_field(e);
    const char *name, *dot;
    size_t n;

    if (!f)
        return;
    n = last_part(f, &name);
    dot = memrchr(name, '.', n);
    if (dot && dot > name && dot + 1 < name + n && *name != '/')
        ecs_out_string(&e->out, path, len, dot + 1, (size_t)(name + n - dot - 1));
}

void ecs_write_file_directory(struct ecs *e, const char *path, size_t len)
{
    const struct event_field *f = name_field(e), *base;
    const char *name;
    size_t n;

    if (!f)
        return;
    last_part(f, &name);
    base = base_of(e, e->what.file, f);
    n = (size_t)(name - f->value);
    while (n > 1 && f->value[n - 1] == '/')
        n--;
    if (base && n == 1 && f->value[0] == '.')
        n = 0; /* ./name */
    if (n > 0 || base)
        put_path(e, path, len, base, f->value, n);
}

void ecs_write_file_type(struct ecs *e, const char *path, size_t len)
{
    static const char *const types[16] = {
        [001] = "fifo", [002] = "char",    [004] = "dir",   [006] = "block",
        [010] = "file", [012] = "symlink", [014] = "socket"};
    uint64_t mode;

    if (event_field_number(event_field(e->what.file, EVENT_NAME_mode), 8, &mode) &&
        types[mode >> 12 & 15])
        ecs_out_text(&e->out, path, len, types[mode >> 12 & 15]);
}

void ecs_write_file_target_path(struct ecs *e, const char *path, size_t len)
{
    if (e->what.row->find == ECS_FIND_LINK && e->what.other != &view_no_record)
        ecs_put_text(e, path, len, e->what.secondary);
}

void ecs_write_file_inode(struct ecs *e, const char *path, size_t len)
{
    ecs_put_field(e, path, len, event_field(e->what.file, EVENT_NAME_inode));
}

void ecs_write_file_device(struct ecs *e, const char *path, size_t len)
{
    ecs_put_field(e, path, len, event_field(e->what.file, EVENT_NAME_dev));
}

void ecs_write_file_mode(struct ecs *e, const char *path, size_t len)
{
    char text[16];
    uint64_t mode;

    if (!event_field_number(event_field(e->what.file, EVENT_NAME_mode), 8, &mode))
        return;
    snprintf(text, sizeof(text), "%04" PRIo64, mode & 07777);
    ecs_out_text(&e->out, path, len, text);
}
