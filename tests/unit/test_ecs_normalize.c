/* SPDX-License-Identifier: Apache-2.0 */
/* What the format ecs says of an event against what libauparse's normalizer says of it: action,
 * object and outcome, for the events of the samples, for every syscall of the machine's kind and
 * for every record type. A difference that ecs_differences.txt does not name fails. */
#include "config.h"

#include <auparse.h>
#include <fnmatch.h>
#include <json-c/json.h>
#include <libaudit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "conf/conf.h"
#include "base/mem.h"
#include "event/parse.h"
#include "event_lines.h"
#include "format/format.h"
#include "json_check.h"
#include "unit.h"

#define DIFFERENCES 256
#define WORDS 4 /* of a line of the list: attribute, event, theirs, ours */

struct verdict {
    char action[128];
    char field[128]; /* of theirs: the name of the object's field */
    char object[4096], raw[4096];
    char outcome[64];
};

static struct {
    char *word[WORDS];
    bool used;
} list[DIFFERENCES];
static size_t n_list;
static unsigned unlisted, compared;

static void copy(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text ? text : "");
}

/* -- theirs ------------------------------------------------------------------------------------ */

static void ask(auparse_state_t *au, auparse_cb_event_t what, void *arg)
{
    struct verdict *v = arg;

    if (what != AUPARSE_CB_EVENT_READY || v->action[0])
        return;
    auparse_first_record(au);
    if (auparse_normalize(au, NORM_OPT_NO_ATTRS) != 0)
        return;
    copy(v->action, sizeof(v->action), auparse_normalize_get_action(au));
    if (auparse_normalize_object_primary(au) == 1) {
        copy(v->field, sizeof(v->field), auparse_get_field_name(au));
        copy(v->raw, sizeof(v->raw), auparse_get_field_str(au));
        copy(v->object, sizeof(v->object), auparse_interpret_field(au));
    }
    if (auparse_normalize_get_results(au) == 1)
        copy(v->outcome, sizeof(v->outcome), auparse_interpret_field(au));
}

static void get_theirs(const struct event_source *src, struct verdict *v)
{
    auparse_state_t *au = auparse_init(AUSOURCE_FEED, NULL);

    *v = (struct verdict){0};
    auparse_set_escape_mode(au, AUPARSE_ESC_RAW);
    auparse_add_callback(au, ask, v, NULL);
    for (size_t i = 0; i < src->n_lines; i++) {
        const struct event_line *l = &src->lines[i];
        const char *type = memmem(l->line, l->raw_len, "type=", 5);

        if (l->type == AUDIT_EOE || !type)
            continue;
        auparse_feed(au, type, (size_t)(l->line + l->raw_len - type));
        auparse_feed(au, "\n", 1);
    }
    auparse_flush_feed(au);
    auparse_destroy(au);
}

static const char *outcome_of(const char *word)
{
    if (!strcmp(word, "yes") || !strcmp(word, "success"))
        return "success";
    if (!strcmp(word, "no") || !strcmp(word, "failed"))
        return "failure";
    return word[0] ? word : "-";
}

/* -- ours -------------------------------------------------------------------------------------- */

static const char *text_at(struct json_object *o, const char *path)
{
    struct json_object *v = NULL;

    return json_pointer_get(o, path, &v) == 0 ? json_object_get_string(v) : "";
}

/* "syscall/openat", "avc/openat", "user_auth" */
static void name_event(struct json_object *doc, char *out, size_t size)
{
    const char *syscall = text_at(doc, "/auditd/data/syscall");

    snprintf(out, size, "%s%s%s", text_at(doc, "/auditd/message_type"), syscall[0] ? "/" : "",
             syscall);
}

/* -- the list ---------------------------------------------------------------------------------- */

static void read_list(void)
{
    const char *srcdir = getenv("srcdir");
    char line[512], path[1024];
    FILE *f;

    snprintf(path, sizeof(path), "%s/tests/unit/ecs_differences.txt", srcdir ? srcdir : ".");
    f = fopen(path, "re");
    ck_assert_msg(f != NULL, "%s", path);
    while (fgets(line, sizeof(line), f)) {
        char *p = line;

        line[strcspn(line, "#\n")] = '\0';
        for (int i = 0; i < WORDS; i++) {
            p += strspn(p, " ");
            if (!*p)
                break;
            ck_assert(n_list < DIFFERENCES);
            list[n_list].word[i] = mem_strndup(p, strcspn(p, " "));
            p += strcspn(p, " ");
            if (i == WORDS - 1)
                n_list++;
        }
    }
    fclose(f);
}

static void compare(const char *attribute, const char *event, const char *theirs, const char *ours)
{
    const char *word[WORDS] = {attribute, event, theirs[0] ? theirs : "-", ours[0] ? ours : "-"};

    compared++;
    if (strcmp(word[2], word[3]) == 0)
        return;
    for (size_t i = 0; i < n_list; i++) {
        int same = 0;

        for (int k = 0; k < WORDS; k++)
            same += fnmatch(list[i].word[k], word[k], 0) == 0;
        if (same == WORDS) {
            list[i].used = true;
            return;
        }
    }
    unlisted++;
    printf("# not in the list: %s %s %s %s\n", word[0], word[1], word[2], word[3]);
    fflush(stdout);
}

/* How the objects differ: the values are as many as there are files. */
static const char *compare_objects(const struct verdict *t, const char *ours)
{
    size_t n = strlen(t->raw);

    if (!t->field[0])
        return ours[0] ? "ours-only" : "same";
    if (!ours[0])
        return "theirs-only";
    if (strcmp(ours, t->object) == 0 || strcmp(ours, t->raw) == 0)
        return "same";
    if (n == strlen(ours) + 2 && t->raw[0] == '"' && strncmp(ours, t->raw + 1, n - 2) == 0)
        return "same";
    if (strcmp(t->field, "saddr") == 0 && strstr(t->object, ours))
        return "same";
    return "other";
}

static void compare_event(struct parser *p, struct format *f, const struct event_source *src)
{
    struct buf text = BUF_INIT((size_t)4 * 1024 * 1024);
    struct json_object *doc = NULL;
    const struct event *ev;
    struct verdict theirs;
    char event[256], field[160];
    const char *how;

    ck_assert_int_eq(parse_event(p, src, &ev), 0);
    ck_assert_int_eq(format_write(f, ev, &text), 0);
    ck_assert_ptr_null(json_check(buf_cstr(&text), text.len, &doc));
    get_theirs(src, &theirs);
    name_event(doc, event, sizeof(event));
    compare("action", event, theirs.action, text_at(doc, "/event/action"));
    compare("outcome", event, outcome_of(theirs.outcome), text_at(doc, "/event/outcome"));
    how = compare_objects(&theirs, text_at(doc, "/auditd/summary/object/primary"));
    snprintf(field, sizeof(field), "%s", theirs.field[0] ? theirs.field : "-");
    if (strcmp(how, "same") != 0)
        compare("object", event, field, how);
    json_object_put(doc);
    buf_done(&text);
}

static bool no_names(void *ctx, uint32_t id, char *out, size_t size)
{
    (void)ctx;
    (void)id;
    (void)out;
    (void)size;
    return false;
}

static void compare_text(const char *text, size_t len)
{
    struct conf conf = {.hostname = (char *)(uintptr_t) "h", .format = CONF_FORMAT_ECS};
    struct format *f = format_new(&conf);
    struct parser *p = parser_new();
    struct event_lines e;

    format_set_names(f, no_names, NULL);
    event_lines_init(&e, text, len);
    for (size_t i = 0; i < e.n; i++)
        compare_event(p, f, &e.sources[i]);
    event_lines_done(&e);
    parser_free(p);
    format_free(f);
}

static void compare_file(const char *name)
{
    struct buf text = BUF_INIT((size_t)16 * 1024 * 1024);
    const char *srcdir = getenv("srcdir");
    char path[1024], part[65536];
    size_t n;
    FILE *f;

    snprintf(path, sizeof(path), "%s/tests/%s", srcdir ? srcdir : ".", name);
    f = fopen(path, "re");
    ck_assert_msg(f != NULL, "%s", path);
    while ((n = fread(part, 1, sizeof(part), f)) > 0)
        buf_append(&text, part, n);
    fclose(f);
    compare_text(buf_cstr(&text), text.len);
    buf_done(&text);
}

/* The list is what libauparse 3 does; later ones corrected some of it. */
static bool is_version_3(void)
{
    return audit_name_to_msg_type("LANDLOCK_ACCESS") < 0;
}

static void compare_samples(void)
{
    static const char *const files[] = {
        "data/host-raw.log",         "golden/data/anomalies.log", "golden/data/apparmor.log",
        "golden/data/avc.log",       "golden/data/daemon.log",    "golden/data/integrity.log",
        "golden/data/kernel.log",    "golden/data/machines.log",  "golden/data/selinux.log",
        "golden/data/sockets.log",   "golden/data/syscall.log",   "golden/data/user.log",
        "golden/data/userspace.log",
    };

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        compare_file(files[i]);
}

#define AT "msg=audit(1700000000.001:%d): "

static void compare_every_syscall(void)
{
    struct buf text = BUF_INIT((size_t)4 * 1024 * 1024);

    for (int n = 0; n < 1024; n++) {
        const char *name = audit_syscall_to_name(n, MACH_86_64);

        if (!name)
            continue;
        buf_printf(&text,
                   "type=SYSCALL " AT "arch=c000003e syscall=%d success=yes exit=0 a0=9 a1=1 a2=2 "
                   "a3=3 items=2 ppid=1 pid=2 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 "
                   "sgid=0 fsgid=0 tty=pts0 ses=1 comm=\"sh\" exe=\"/bin/sh\" key=\"k\"\n",
                   n, n);
        if (strncmp(name, "execve", 6) == 0)
            buf_printf(&text, "type=EXECVE " AT "argc=1 a0=\"sh\"\n", n);
        if (strstr("connect bind accept accept4 sendto recvfrom sendmsg recvmsg", name))
            buf_printf(&text, "type=SOCKADDR " AT "saddr=020000357F0000010000000000000000\n", n);
        buf_printf(&text, "type=CWD " AT "cwd=\"/root\"\n", n);
        buf_printf(&text,
                   "type=PATH " AT "item=0 name=\"/etc/\" inode=1 dev=08:01 mode=040755 ouid=0 "
                   "ogid=0 rdev=00:00 nametype=PARENT\n",
                   n);
        buf_printf(&text,
                   "type=PATH " AT "item=1 name=\"/etc/x\" inode=2 dev=08:01 mode=0100644 ouid=0 "
                   "ogid=0 rdev=00:00 nametype=CREATE\n",
                   n);
        buf_printf(&text, "type=PROCTITLE " AT "proctitle=\"sh\"\n", n);
    }
    compare_text(buf_cstr(&text), text.len);
    buf_done(&text);
}

/* Those that only come with a SYSCALL would be a lie by themselves. */
static bool is_part_of_syscall(int type)
{
    return (type > AUDIT_CONFIG_CHANGE && type <= 1322 && type != AUDIT_TTY) ||
           (type >= AUDIT_SYSCALL && type < AUDIT_CONFIG_CHANGE) || type == AUDIT_PROCTITLE ||
           type == AUDIT_EOE || type == AUDIT_AVC_PATH || type == 1337;
}

static void compare_every_record_type(void)
{
    struct buf text = BUF_INIT((size_t)4 * 1024 * 1024);

    for (int type = 1005; type < 3000; type++) {
        const char *name = audit_msg_type_to_name(type);

        if (!name || is_part_of_syscall(type))
            continue;
        if ((type >= AUDIT_FIRST_USER_MSG && type <= AUDIT_LAST_USER_MSG) ||
            type >= AUDIT_FIRST_USER_MSG2)
            buf_printf(&text,
                       "type=%s " AT "pid=2 uid=0 auid=1000 ses=1 msg='op=doit acct=\"alice\" "
                       "exe=\"/usr/sbin/x\" hostname=h addr=192.0.2.1 terminal=pts/0 "
                       "res=success'\n",
                       name, type);
        else
            buf_printf(&text,
                       "type=%s " AT "pid=2 uid=0 auid=1000 ses=1 comm=\"sh\" exe=\"/bin/sh\" "
                       "sig=11 dev=eth0 res=1\n",
                       name, type);
    }
    compare_text(buf_cstr(&text), text.len);
    buf_done(&text);
}

/* A line of the list that nothing needs would hide the next mistake. */
START_TEST(agrees_but_for_the_list)
{
    unsigned idle = 0;

    read_list();
    if (!is_version_3())
        return;
    compare_samples();
    compare_every_syscall();
    compare_every_record_type();
    for (size_t i = 0; i < n_list; i++) {
        if (list[i].used)
            continue;
        printf("# not needed: %s %s %s %s\n", list[i].word[0], list[i].word[1], list[i].word[2],
               list[i].word[3]);
        idle++;
    }
    fflush(stdout);
    ck_assert_msg(unlisted == 0, "%u differences without a reason", unlisted);
    ck_assert_msg(idle == 0, "%u lines that nothing needs", idle);
    ck_assert_uint_ge(compared, 4000);
}
END_TEST

UNIT_MAIN("ecs_normalize", agrees_but_for_the_list)
