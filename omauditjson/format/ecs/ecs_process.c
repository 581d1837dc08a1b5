/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/ecs/ecs_writers.h"

#include <inttypes.h>
#include <libaudit.h>
#include <stdio.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "format/summary.h"

#define PTS_MAJOR 136 /* all of them, whatever the number [linux, fs/devpts/inode.c] */
#define TTY_MAJOR 4
#define FIRST_SERIAL 64 /* ttyS0 [linux, admin-guide/devices.txt] */

#define ENTITY_SIZE 33
#define NODE_MAX 256 /* bytes of the node that count; names of hosts are shorter */

/* Process i of the lineage if its pid is the field's, or NULL. */
static const struct event_process *known(const struct ecs *e, size_t i, enum event_name pid_field)
{
    const struct event_lineage *l = e->view->ev->lineage;
    uint64_t pid;

    if (!l || i >= l->n || i >= EVENT_LINEAGE_MAX)
        return NULL;
    if (pid_field != EVENT_NAME_OTHER &&
        (!event_field_number(event_field(e->view->subject, pid_field), 10, &pid) ||
         pid != l->process[i].pid))
        return NULL;
    return &l->process[i];
}

static const struct event_process *parent(const struct ecs *e)
{
    return known(e, 0, EVENT_NAME_pid) ? known(e, 1, EVENT_NAME_ppid) : NULL;
}

static unsigned char *put_le(unsigned char *out, uint64_t n)
{
    for (int i = 0; i < 8; i++)
        *out++ = (unsigned char)(n >> (8 * i));
    return out;
}

static char *put_hex(char *out, uint64_t n)
{
    for (int i = 60; i >= 0; i -= 4)
        *out++ = "0123456789abcdef"[n >> i & 15];
    return out;
}

/* A hash of pid, first event and node: equal on every computation. */
static bool entity_id(const struct ecs *e, const struct event_process *p, char out[ENTITY_SIZE])
{
    const struct event *ev = e->view->ev;
    const char *node = ev->node ? ev->node : e->doc->hostname;
    size_t len = ev->node ? ev->node_len : strlen(node);
    unsigned char bytes[4 * 8 + NODE_MAX], *b = bytes;
    XXH128_hash_t h;

    if (!p || p->start_serial == 0)
        return false;
    b = put_le(b, p->pid);
    b = put_le(b, (uint64_t)p->start_sec);
    b = put_le(b, p->start_ms);
    b = put_le(b, p->start_serial);
    if (len > NODE_MAX)
        len = NODE_MAX;
    memcpy(b, node, len);
    h = XXH3_128bits(bytes, (size_t)(b - bytes) + len);
    *put_hex(put_hex(out, h.high64), h.low64) = '\0';
    return true;
}

static void put_entity_id(struct ecs *e, const char *path, size_t len,
                          const struct event_process *p)
{
    char id[ENTITY_SIZE];

    if (entity_id(e, p, id))
        ecs_out_text(&e->out, path, len, id);
}

void ecs_write_process_entity_id(struct ecs *e, const char *path, size_t len)
{
    put_entity_id(e, path, len, known(e, 0, EVENT_NAME_pid));
}

static const struct event_field *exe_of(const struct ecs *e)
{
    const struct event_field *f = event_field(e->view->subject, EVENT_NAME_exe);

    if (!f)
        f = event_nested_field(e->view->user, EVENT_NAME_exe);
    return f ? f : event_field(e->what.lead, EVENT_NAME_exe);
}

static const struct event_field *comm_of(const struct ecs *e)
{
    const struct event_field *f = event_field(e->view->subject, EVENT_NAME_comm);

    if (!f)
        f = event_nested_field(e->view->user, EVENT_NAME_comm);
    return f ? f : event_field(e->what.lead, EVENT_NAME_comm);
}

void ecs_write_process_name(struct ecs *e, const char *path, size_t len)
{
    const struct event_field *exe;
    const char *slash;

    if (ecs_put_field(e, path, len, comm_of(e)))
        return;
    exe = exe_of(e);
    if (!exe)
        return;
    slash = memrchr(exe->value, '/', exe->value_len);
    if (!slash || (size_t)(slash + 1 - exe->value) == exe->value_len)
        return;
    ecs_out_string(&e->out, path, len, slash + 1,
                   exe->value_len - (size_t)(slash + 1 - exe->value));
}

void ecs_write_process_executable(struct ecs *e, const char *path, size_t len)
{
    ecs_put_field(e, path, len, exe_of(e));
}

/* sudo's record has the command in one piece, its arguments with a blank between two. */
static const struct event_field *ran_command(const struct ecs *e)
{
    return e->what.lead->type == AUDIT_USER_CMD ? ecs_field(e->what.lead, "cmd") : NULL;
}

static void put_command(struct ecs *e, const char *path, size_t len, const struct event_field *f)
{
    if (f)
        ecs_out_string(&e->out, path, len, f->value, f->value_len);
}

static void put_words(struct ecs *e, const char *path, size_t len, const struct event_field *f)
{
    const char *p, *end, *stop;
    size_t from;

    if (!f)
        return;
    p = f->value;
    end = p + f->value_len;
    ecs_out_key(&e->out, path, len);
    from = json_written(e->out.w);
    json_open(e->out.w, '[');
    for (; p < end && !e->out.w->over && json_written(e->out.w) - from <= e->doc->limits.list;
         p = stop) {
        struct json_string s = JSON_STRING(e->out.string_max);

        for (stop = p; stop < end && *stop != ' ';)
            stop++;
        json_element(e->out.w);
        json_string(e->out.w, &s, p, (size_t)(stop - p));
        notes_add_string(e->out.notes, path, &s);
        while (stop < end && *stop == ' ')
            stop++;
    }
    json_close(e->out.w, ']');
    if (p < end)
        notes_add_cut(e->out.notes, "process.args[]", f->value_len);
}

void ecs_write_process_directory(struct ecs *e, const char *path, size_t len)
{
    if (!ecs_put_field(e, path, len, event_field(e->view->cwd, EVENT_NAME_cwd)) && ran_command(e))
        ecs_put_field(e, path, len, ecs_field(e->what.lead, "cwd"));
}

void ecs_write_process_args(struct ecs *e, const char *path, size_t len)
{
    const struct event *ev = e->view->ev;
    size_t from, i;
    char name[48];

    if (ev->n_argv == 0)
        put_words(e, path, len, ran_command(e));
    if (ev->n_argv == 0)
        return;
    ecs_out_key(&e->out, path, len);
    from = json_written(e->out.w);
    json_open(e->out.w, '[');
    for (i = 0; i < ev->n_argv; i++) {
        const struct event_arg *a = &ev->argv[i];
        struct json_string s = JSON_STRING(e->out.string_max);

        if (e->out.w->over || json_written(e->out.w) - from > e->doc->limits.list)
            break;
        json_element(e->out.w);
        json_string(e->out.w, &s, a->value, a->len);
        if (s.cut || a->full_len) {
            snprintf(name, sizeof(name), "process.args[%" PRIu64 "]", a->index);
            notes_add_cut(e->out.notes, name, a->full_len ? a->full_len : a->len);
        }
        s.cut = false;
        notes_add_string(e->out.notes, path, &s);
    }
    json_close(e->out.w, ']');
    if (i < ev->n_argv || ev->argv_has_gaps)
        notes_add_cut(e->out.notes, "process.args[]",
                      ev->argc > ev->n_argv ? ev->argc : ev->n_argv);
}

void ecs_write_process_args_count(struct ecs *e, const char *path, size_t len)
{
    const struct event *ev = e->view->ev;

    if (ecs_put_number_field(e, path, len, event_field(e->view->execve, EVENT_NAME_argc)))
        return;
    /* without its first record nobody knows */
    if (ev->n_argv && !ev->argv_has_gaps)
        ecs_out_number(&e->out, path, len, ev->n_argv);
}

void ecs_write_process_command_line(struct ecs *e, const char *path, size_t len)
{
    struct json_string s = JSON_STRING(e->out.string_max);

    if (e->view->ev->n_argv == 0)
        put_command(e, path, len, ran_command(e));
    if (e->view->ev->n_argv == 0)
        return;
    s.nul_blank = true;
    ecs_out_key(&e->out, path, len);
    json_string_begin(e->out.w);
    summary_add_command(e->view, e->out.w, &s);
    json_string_end(e->out.w);
    notes_add_string(e->out.notes, path, &s);
}

void ecs_write_process_title(struct ecs *e, const char *path, size_t len)
{
    struct json_string s = JSON_STRING(e->out.string_max);
    size_t n;
    const struct event_field *f = view_proctitle(e->view, &n);

    if (!f)
        return;
    s.nul_blank = true;
    ecs_out_key(&e->out, path, len);
    json_string(e->out.w, &s, f->value, n);
    notes_add_string(e->out.notes, path, &s);
    written_mark(&e->written, f);
}

/* exit(2) gives the parent the low eight bits. */
void ecs_write_process_exit_code(struct ecs *e, const char *path, size_t len)
{
    const struct view *v = e->view;
    uint64_t n;

    if (v->syscall == &view_no_record || !v->syscall_named ||
        !((v->syscall_name_len == 4 && memcmp(v->syscall_name, "exit", 4) == 0) ||
          (v->syscall_name_len == 10 && memcmp(v->syscall_name, "exit_group", 10) == 0)))
        return;
    if (event_field_number(event_field(v->syscall, EVENT_NAME_a0), 16, &n))
        ecs_out_number(&e->out, path, len, n & 255);
}

/* The device number of "pts0", "tty1", "ttyS0"; not known for other names. */
static bool tty_number(const struct ecs *e, unsigned *major, uint64_t *minor)
{
    const struct event_field *f = event_field(e->view->subject, EVENT_NAME_tty);
    struct event_field digits;
    size_t skip = 3;

    if (!f || f->value_len < 4)
        return false;
    if (memcmp(f->value, "pts", 3) == 0) {
        *major = PTS_MAJOR;
    } else if (memcmp(f->value, "tty", 3) == 0) {
        *major = TTY_MAJOR;
        if (f->value[3] == 'S')
            skip = 4;
    } else {
        return false;
    }
    digits = *f;
    digits.value += skip;
    digits.value_len -= (uint32_t)skip;
    if (!event_field_number(&digits, 10, minor) || *minor > (*major == PTS_MAJOR ? 0xfffffu : 63u))
        return false;
    if (skip == 4)
        *minor += FIRST_SERIAL;
    return true;
}

void ecs_write_process_tty_major(struct ecs *e, const char *path, size_t len)
{
    unsigned major;
    uint64_t minor;

    if (tty_number(e, &major, &minor))
        ecs_out_number(&e->out, path, len, major);
}

void ecs_write_process_tty_minor(struct ecs *e, const char *path, size_t len)
{
    unsigned major;
    uint64_t minor;

    if (tty_number(e, &major, &minor))
        ecs_out_number(&e->out, path, len, minor);
}

/* -- the parent and its parents ---------------------------------------------------------------- */

void ecs_write_parent_entity_id(struct ecs *e, const char *path, size_t len)
{
    put_entity_id(e, path, len, parent(e));
}

void ecs_write_parent_name(struct ecs *e, const char *path, size_t len)
{
    const struct event_process *p = parent(e);

    if (p && p->comm)
        ecs_out_string(&e->out, path, len, p->comm, p->comm_len);
}

void ecs_write_parent_executable(struct ecs *e, const char *path, size_t len)
{
    const struct event_process *p = parent(e);

    if (p && p->exe)
        ecs_out_string(&e->out, path, len, p->exe, p->exe_len);
}

static void put_member(struct ecs *e, const char *key, size_t key_len, const char *p, size_t len)
{
    struct json_string s = JSON_STRING(e->out.string_max);

    json_key(e->out.w, key, key_len);
    json_string(e->out.w, &s, p, len);
    notes_add_string(e->out.notes, "auditd.ancestors", &s);
}

static void put_ancestor(struct ecs *e, const struct event_process *p)
{
    char text[ENTITY_SIZE];
    int n = snprintf(text, sizeof(text), "%" PRIu32, p->pid);

    json_element(e->out.w);
    json_open(e->out.w, '{');
    json_key(e->out.w, ECS_KEY("pid"));
    json_raw(e->out.w, text, (size_t)n);
    if (entity_id(e, p, text))
        put_member(e, ECS_KEY("entity_id"), text, ENTITY_SIZE - 1);
    if (p->comm)
        put_member(e, ECS_KEY("name"), p->comm, p->comm_len);
    if (p->exe)
        put_member(e, ECS_KEY("executable"), p->exe, p->exe_len);
    json_close(e->out.w, '}');
}

/* The parent has its own place, process.parent. */
void ecs_write_ancestors(struct ecs *e, const char *path, size_t len)
{
    const struct event_process *p = parent(e) ? known(e, 2, EVENT_NAME_OTHER) : NULL;

    if (!p)
        return;
    ecs_out_key(&e->out, path, len);
    json_open(e->out.w, '[');
    for (size_t i = 2; p; p = known(e, ++i, EVENT_NAME_OTHER))
        put_ancestor(e, p);
    json_close(e->out.w, ']');
}
