/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <libaudit.h>

#include "audisp_doc.h"
#include "format/outcome.h"

static struct view_outcome outcome(const char *text)
{
    struct syscalls *s = syscalls_new();
    struct parser *p = parser_new();
    struct view_outcome o;
    const struct event *ev;
    struct event_lines e;
    struct view v;

    event_lines_init(&e, text, strlen(text));
    ck_assert_uint_eq(e.n, 1);
    ck_assert_uint_eq(e.n_bad, 0);
    ck_assert_int_eq(parse_event(p, &e.sources[0], &ev), 0);
    view_init(&v, s, ev);
    o = view_outcome(&v);
    event_lines_done(&e);
    parser_free(p);
    syscalls_free(s);
    return o;
}

#define CHECK(text, what, forbidden)                                               \
    do {                                                                           \
        struct view_outcome o = outcome(text);                                     \
        ck_assert_msg(o.result == VIEW_RESULT_##what, "%s: %d", (text), o.result); \
        ck_assert_msg(o.denied == (forbidden), "%s: denied %d", (text), o.denied); \
    } while (0)

#define OPEN(success) "type=SYSCALL " AT "arch=c000003e syscall=2 success=" success " exit=0 uid=0"
#define USER(res) "type=USER_AUTH " AT "pid=1 uid=0 msg='op=x acct=\"a\" exe=\"/x\" res=" res "'"
#define SECCOMP(rest) "type=SECCOMP " AT "auid=1000 pid=1 comm=\"x\" " rest

START_TEST(results)
{
    CHECK(OPEN("yes"), SUCCESS, false);
    CHECK(OPEN("no"), FAILURE, false);
    CHECK("type=SYSCALL " AT "arch=c000003e syscall=60 a0=0", UNKNOWN, false);
    CHECK(USER("success"), SUCCESS, false);
    CHECK(USER("failed"), FAILURE, false);
    CHECK(USER("1"), SUCCESS, false);
    CHECK(USER("0"), FAILURE, false);
    CHECK(USER("maybe"), UNKNOWN, false);
    /* what libaudit wrote behind it counts, not what the program wrote */
    CHECK(USER("success res=failed"), FAILURE, false);
    CHECK("type=CONFIG_CHANGE " AT "op=add_rule list=4 res=0", FAILURE, false);
    CHECK("type=DAEMON_ACCEPT " AT "addr=192.0.2.1 port=60 res=no", FAILURE, false);
    CHECK("type=URINGOP " AT "uring_op=18 success=no exit=-13 uid=0", FAILURE, false);
    CHECK(OPEN("yes") "\ntype=CONFIG_CHANGE " AT "op=x res=0", SUCCESS, false);
    CHECK("type=CWD " AT "cwd=\"/\"", UNKNOWN, false);
}
END_TEST

#define SELINUX "avc:  denied  { read } for  pid=1 comm=\"x\" tclass=file"

START_TEST(security_modules)
{
    CHECK("type=AVC " AT SELINUX " permissive=0", UNKNOWN, true);
    CHECK("type=AVC " AT SELINUX " permissive=1", UNKNOWN, false);
    CHECK("type=AVC " AT SELINUX, UNKNOWN, true);
    CHECK("type=AVC " AT SELINUX " permissive=0\n" OPEN("no"), FAILURE, true);
    CHECK("type=AVC " AT "avc:  granted  { read } for  pid=1 tclass=file", UNKNOWN, false);
    CHECK("type=USER_AVC " AT "pid=1 msg='" SELINUX " permissive=0 exe=\"/x\"'", UNKNOWN, true);
    CHECK("type=USER_AVC " AT "pid=1 msg='" SELINUX " permissive=1 exe=\"/x\"'", UNKNOWN, false);
    CHECK("type=SELINUX_ERR " AT "op=x seresult=denied", UNKNOWN, true);
    CHECK("type=AVC " AT "apparmor=\"DENIED\" operation=\"open\"", UNKNOWN, true);
    CHECK("type=AVC " AT "apparmor=\"ALLOWED\" operation=\"open\"", UNKNOWN, false);
    CHECK("type=AVC " AT "apparmor=\"STATUS\" operation=\"open\"", UNKNOWN, false);
    CHECK("type=APPARMOR_DENIED " AT "apparmor=\"DENIED\" operation=\"open\"", UNKNOWN, true);
    CHECK("type=USER_AVC " AT "msg='apparmor=\"DENIED\" exe=\"/x\"'", UNKNOWN, true);
    CHECK("type=AVC " AT "lsm=SMACK fn=x action=denied pid=1", UNKNOWN, true);
    CHECK("type=AVC " AT "lsm=SMACK fn=x action=granted pid=1", UNKNOWN, false);
    CHECK("type=LANDLOCK_ACCESS " AT "domain=1 blockers=fs.x", UNKNOWN, true);
    CHECK("type=UNKNOWN[1423] " AT "domain=1 blockers=fs.x", UNKNOWN, true);
    CHECK("type=UNKNOWN[1420] " AT "ipe_op=EXECUTE enforcing=1", UNKNOWN, true);
    CHECK("type=IPE_ACCESS " AT "ipe_op=EXECUTE enforcing=0", UNKNOWN, false);
    CHECK("type=IPE_ACCESS " AT "enforcing=1 rule=\"DEFAULT action=DENY\"", UNKNOWN, true);
    CHECK("type=IPE_ACCESS " AT "enforcing=1 rule=\"op=EXECUTE action=ALLOW\"", UNKNOWN, false);
    /* no program can feign it for the kernel */
    CHECK(OPEN("yes") " seresult=denied apparmor=\"DENIED\"", SUCCESS, false);
}
END_TEST

START_TEST(the_kernel)
{
    CHECK(SECCOMP("sig=31 code=0x80000000"), UNKNOWN, true);
    CHECK(SECCOMP("sig=31 code=0x0"), UNKNOWN, true);
    CHECK(SECCOMP("sig=0 code=0x50001"), UNKNOWN, true);
    CHECK(SECCOMP("sig=31 code=0x30000"), UNKNOWN, true);
    CHECK(SECCOMP("sig=0 code=0x7ffc0000"), UNKNOWN, false);
    CHECK(SECCOMP("sig=0 code=0x7fff0000"), UNKNOWN, false);
    CHECK(SECCOMP("sig=9"), UNKNOWN, true);
    CHECK("type=INTEGRITY_DATA " AT "op=appraise_data cause=invalid-hash res=0", FAILURE, true);
    CHECK("type=INTEGRITY_DATA " AT "op=appraise_data res=1", SUCCESS, false);
    CHECK("type=INTEGRITY_STATUS " AT "op=policy_update res=0", FAILURE, false);
    CHECK("type=FANOTIFY " AT "resp=2", UNKNOWN, true);
    CHECK("type=FANOTIFY " AT "resp=1", UNKNOWN, false);
    CHECK("type=ANOM_LINK " AT "op=follow_link res=0\n" OPEN("no"), FAILURE, true);
}
END_TEST

START_TEST(severity_is_configured)
{
    static const struct {
        int failed, denied;
        const char *text, *word;
    } rows[] = {
        {0, 0, OPEN("no"), "INFO"},
        {0, 0, "type=AVC " AT SELINUX, "INFO"},
        {CONF_SEVERITY_WARNING, 0, OPEN("no"), "WARNING"},
        {CONF_SEVERITY_WARNING, 0, OPEN("yes"), "INFO"},
        {CONF_SEVERITY_WARNING, 0, "type=AVC " AT SELINUX, "INFO"},
        {CONF_SEVERITY_NOTICE, CONF_SEVERITY_CRITICAL, "type=AVC " AT SELINUX "\n" OPEN("no"),
         "CRITICAL"},
        {CONF_SEVERITY_ERROR, CONF_SEVERITY_NOTICE, "type=AVC " AT SELINUX "\n" OPEN("no"),
         "ERROR"},
        {0, CONF_SEVERITY_NOTICE, "type=AVC " AT SELINUX, "NOTICE"},
        {CONF_SEVERITY_WARNING, 0, USER("failed"), "WARNING"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct json_object *o;

        conf.severity_failed = rows[i].failed;
        conf.severity_denied = rows[i].denied;
        o = document(rows[i].text);
        is(o, "severity", rows[i].word);
        json_object_put(o);
    }
    reset();
}
END_TEST

UNIT_MAIN("outcome", results, security_modules, the_kernel, severity_is_configured)
