/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "audisp_doc.h"

/* The value at a JSON pointer, as text; NULL: nothing is there. */
static void has(struct json_object *o, const char *path, const char *expected)
{
    struct json_object *v = NULL;
    bool there = json_pointer_get(o, path, &v) == 0;

    if (!expected) {
        ck_assert_msg(!there, "%s is there: %s", path, json_object_to_json_string(v));
        return;
    }
    ck_assert_msg(there, "no %s in %.3000s", path, buf_cstr(&doc));
    if (json_object_is_type(v, json_type_string))
        ck_assert_msg(strcmp(json_object_get_string(v), expected) == 0, "%s is %s and not %s", path,
                      json_object_get_string(v), expected);
    else
        ck_assert_msg(strcmp(json_object_to_json_string_ext(v, JSON_C_TO_STRING_NOSLASHESCAPE),
                             expected) == 0,
                      "%s is %s and not %s", path,
                      json_object_to_json_string_ext(v, JSON_C_TO_STRING_NOSLASHESCAPE), expected);
}

#define CHECK_ECS(text, ...) CHECK_WITH(has, text, __VA_ARGS__)

static void begin(void)
{
    reset();
    conf.format = CONF_FORMAT_ECS;
}

#define SYSCALL(number) "type=SYSCALL " AT "arch=c000003e syscall=" #number " success=yes exit=0 "
#define FAILED(number) "type=SYSCALL " AT "arch=c000003e syscall=" #number " success=no exit=-13 "
#define ARGS "a0=9 a1=1 a2=2 a3=3 items=0 "
#define FILE_AT(item, name, mode, type)                                                       \
    "type=PATH " AT "item=" #item " name=\"" name "\" inode=7" #item " dev=08:01 mode=" #mode \
    " ouid=1000 ogid=0 rdev=00:00 nametype=" #type "\n"

START_TEST(types_are_those_of_ecs)
{
    begin();
    CHECK_ECS(
        FAILED(257) "a0=ffffff9c a1=1 a2=0 a3=0 items=1 " IDS "\n"
                    "type=CWD " AT "cwd=\"/root\"\n" FILE_AT(0, "x", 0100600,
                                                             NORMAL) "type=PROCTITLE " AT
                                                                     "proctitle=636174002D6E0078\n",
        {"/@timestamp", "2023-11-14T22:13:20.023+00:00"}, {"/ecs/version", "8.17.0"},
        {"/message", "Read: x"}, {"/tags", "[\"k\"]"}, {"/event/kind", "event"},
        {"/event/category", "[\"file\"]"}, {"/event/type", "[\"access\"]"},
        {"/event/action", "opened-file"}, {"/event/outcome", "failure"}, {"/event/sequence", "7"},
        {"/error/code", "EACCES"}, {"/host/name", "host.example"}, {"/process/pid", "12"},
        {"/process/name", "sh"}, {"/process/executable", "/bin/sh"}, {"/process/title", "cat -n x"},
        {"/process/working_directory", "/root"}, {"/process/parent/pid", "11"},
        {"/process/tty/char_device", "{\"major\":136,\"minor\":0}"}, {"/process/exit_code", NULL},
        {"/user/id", "0"}, {"/user/name", "root"}, {"/user/group/id", "1"},
        {"/user/effective/id", "2"}, {"/user/effective/group/id", "5"}, {"/user/saved/id", "3"},
        {"/user/saved/group/id", "6"}, {"/user/filesystem/id", "4"},
        {"/user/filesystem/group/id", "7"}, {"/user/audit", "{\"id\":\"1000\",\"name\":\"alice\"}"},
        {"/file/path", "/root/x"}, {"/file/name", "x"}, {"/file/type", "file"},
        {"/file/inode", "70"}, {"/file/device", "08:01"}, {"/file/mode", "0600"},
        {"/file/uid", "1000"}, {"/file/owner", "alice"}, {"/file/gid", "0"},
        {"/related/user", "[\"root\",\"alice\"]"}, {"/auditd/message_type", "syscall"},
        {"/auditd/session", "8"}, {"/auditd/result", "fail"},
        {"/auditd/summary/actor", "{\"primary\":\"alice\",\"secondary\":\"root\"}"},
        {"/auditd/summary/object", "{\"type\":\"file\",\"primary\":\"x\",\"secondary\":\"70\"}"},
        {"/auditd/summary/how", "/bin/sh"}, {"/auditd/data/syscall", "openat"},
        {"/auditd/data/arch", "x86_64"}, {"/auditd/data/a0", "ffffff9c"},
        {"/auditd/data/exit", "-13"}, {"/auditd/fields", "{\"syscall_items\":\"1\"}"});
}
END_TEST

/* What is no number, no id and no address is in auditd.fields, never in a key of such a type. */
START_TEST(wrong_values_stay_out_of_typed_keys)
{
    begin();
    CHECK_ECS("type=USER_LOGIN " AT "pid=x1 uid=foo auid=1e3 ses=4294967295 msg='op=login "
              "acct=\"bob\" exe=\"/usr/sbin/sshd\" hostname=pc7 addr=pc7 terminal=ssh "
              "res=success'\n",
              {"/process/pid", NULL}, {"/process/name", "sshd"}, {"/user", "{\"name\":\"bob\"}"},
              {"/source/ip", NULL}, {"/source/address", "pc7"}, {"/source/domain", "pc7"},
              {"/related/ip", NULL}, {"/auditd/session", NULL},
              {"/auditd/fields/user_login_pid", "x1"}, {"/auditd/fields/user_login_uid", "foo"},
              {"/auditd/fields/user_login_auid", "1e3"});
    CHECK_ECS("type=USER_LOGIN " AT "pid=18446744073709551615 uid=0 auid=-1 ses=2 msg='op=login "
              "id=1000 exe=\"/usr/sbin/sshd\" hostname=? addr=? terminal=? res=failed'\n",
              {"/process/pid", NULL}, {"/source", NULL},
              {"/user", "{\"id\":\"1000\",\"name\":\"alice\"}"}, {"/event/outcome", "failure"});
}
END_TEST

START_TEST(arguments_and_exit)
{
    begin();
    CHECK_ECS(SYSCALL(59) ARGS IDS "\ntype=EXECVE " AT "argc=3 a0=\"ls\" a1=\"-l\" a2=\"a b\"\n",
              {"/event/action", "executed"}, {"/event/category", "[\"process\"]"},
              {"/event/type", "[\"start\"]"}, {"/process/args", "[\"ls\",\"-l\",\"a b\"]"},
              {"/process/args_count", "3"}, {"/process/command_line", "ls -l a b"},
              {"/auditd/summary/object/primary", "/bin/sh"});
    CHECK_ECS("type=SYSCALL " AT "arch=c000003e syscall=231 a0=1f7 a1=0 a2=0 a3=0 items=0 " IDS
              "\n",
              {"/event/action", "ended-process"}, {"/event/outcome", "unknown"},
              {"/process/exit_code", "247"});
    CHECK_ECS(SYSCALL(59) ARGS IDS "\ntype=EXECVE " AT "argc=9 a0=\"ls\"\n",
              {"/process/args_count", "9"}, {"/auditd/truncated", "[\"process.args[]=9\"]"});
}
END_TEST

START_TEST(terminals)
{
    static const struct {
        const char *tty, *major, *minor;
    } cases[] = {
        {"pts300", "136", "300"}, {"tty1", "4", "1"},   {"ttyS0", "4", "64"}, {"tty64", NULL, NULL},
        {"(none)", NULL, NULL},   {"pts", NULL, NULL},  {"ttyS", NULL, NULL}, {"pts1x", NULL, NULL},
        {"hvc0", NULL, NULL},     {"ptsx", NULL, NULL},
    };
    char text[512];

    begin();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct json_object *o;

        snprintf(text, sizeof(text), SYSCALL(39) ARGS "pid=1 tty=%s comm=\"a\"\n", cases[i].tty);
        o = document(text);
        has(o, "/process/tty/char_device/major", cases[i].major);
        has(o, "/process/tty/char_device/minor", cases[i].minor);
        json_object_put(o);
    }
}
END_TEST

/* -- lineage ----------------------------------------------------------------------------------- */

static struct event_lineage lineage;

static void with_lineage(struct event_source *src)
{
    src->lineage = &lineage;
}

static struct json_object *document_with_lineage(const char *text)
{
    ck_assert_int_eq(write_event(text, strlen(text), with_lineage), 0);
    return parsed();
}

START_TEST(parents_come_from_the_stream)
{
    static const char text[] = SYSCALL(39) ARGS IDS "\n";
    struct json_object *o, *again;
    char id[40];

    begin();
    lineage = (struct event_lineage){
        .process = {{.pid = 12, .start_sec = 1, .start_ms = 2, .start_serial = 3},
                    {.pid = 11,
                     .start_serial = 2,
                     .comm = "ba\xffsh",
                     .comm_len = 5,
                     .exe = "/bin/bash",
                     .exe_len = 9},
                    {.pid = 10, .start_serial = 1, .comm = "sshd", .comm_len = 4},
                    {.pid = 1}},
        .n = 4};
    o = document_with_lineage(text);
    has(o, "/process/parent/pid", "11");
    has(o, "/process/parent/name", "ba\xef\xbf\xbdsh");
    has(o, "/process/parent/executable", "/bin/bash");
    has(o, "/auditd/invalid_utf8", "[\"process.parent.name\"]");
    has(o, "/auditd/ancestors/0/pid", "10");
    has(o, "/auditd/ancestors/0/name", "sshd");
    has(o, "/auditd/ancestors/1", "{\"pid\":1}");
    snprintf(id, sizeof(id), "%s",
             json_object_get_string(
                 json_object_object_get(json_object_object_get(o, "process"), "entity_id")));
    ck_assert_uint_eq(strlen(id), 32);
    json_object_put(o);

    again = document_with_lineage(text);
    has(again, "/process/entity_id", id);
    json_object_put(again);
    lineage.process[0].start_ms = 3; /* another process that got the pid */
    o = document_with_lineage(text);
    ck_assert(!strstr(buf_cstr(&doc), id));
    json_object_put(o);
    lineage.process[0].start_ms = 2;
    o = document_with_lineage("node=other type=SYSCALL " AT "arch=c000003e syscall=39 success=yes "
                              "exit=0 " ARGS IDS "\n");
    ck_assert(!strstr(buf_cstr(&doc), id));
    json_object_put(o);

    lineage.process[0].start_serial = 0; /* its beginning was not seen */
    o = document_with_lineage(text);
    has(o, "/process/entity_id", NULL);
    has(o, "/process/parent/executable", "/bin/bash");
    json_object_put(o);
    lineage.process[1].pid = 99; /* the kernel says otherwise */
    o = document_with_lineage(text);
    has(o, "/process/parent", "{\"pid\":11}");
    has(o, "/auditd/ancestors", NULL);
    json_object_put(o);
    lineage.n = 0;
    o = document_with_lineage(text);
    has(o, "/process/parent", "{\"pid\":11}");
    json_object_put(o);
}
END_TEST

/* -- files ------------------------------------------------------------------------------------- */

START_TEST(relative_paths)
{
    static const struct {
        const char *call, *name, *path;
    } cases[] = {
        {"syscall=2 a0=1", "x", "/home/a/x"},
        {"syscall=2 a0=1", "./x", "/home/a/x"},
        {"syscall=2 a0=1", "/x", "/x"},
        {"syscall=257 a0=ffffff9c", "x", "/home/a/x"},
        {"syscall=257 a0=ffffffffffffff9c", "x", "/home/a/x"},
        {"syscall=257 a0=5", "x", "x"},
        {"syscall=4 a0=5", "x", "/home/a/x"},
        {"syscall=437 a0=5", "x", "x"},
    };
    char text[1024];

    begin();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct json_object *o;

        snprintf(text, sizeof(text),
                 "type=SYSCALL " AT "arch=c000003e %s success=yes exit=3 pid=1\ntype=CWD " AT
                 "cwd=\"/home/a\"\ntype=PATH " AT "item=0 name=\"%s\" nametype=NORMAL\n",
                 cases[i].call, cases[i].name);
        o = document(text);
        has(o, "/file/path", cases[i].path);
        json_object_put(o);
    }
}
END_TEST

START_TEST(renames_and_links)
{
    begin();
    CHECK_ECS(SYSCALL(82) ARGS IDS "\n" FILE_AT(0, "/d", 040755, PARENT)
                  FILE_AT(1, "/d", 040755, PARENT) FILE_AT(2, "/d/old", 0100644, DELETE)
                      FILE_AT(3, "/d/new", 0100644, CREATE),
              {"/event/action", "renamed"}, {"/file/path", "/d/old"},
              {"/auditd/summary/object/primary", "/d/old"},
              {"/auditd/summary/object/secondary", "/d/new"});
    CHECK_ECS(SYSCALL(88) ARGS IDS "\n" FILE_AT(0, "/d", 040755, PARENT)
                  FILE_AT(1, "to", 0, UNKNOWN) FILE_AT(2, "/d/l", 0120777, CREATE),
              {"/event/action", "symlinked"}, {"/file/path", "/d/l"}, {"/file/type", "symlink"},
              {"/file/target_path", "to"});
    CHECK_ECS(SYSCALL(86) ARGS IDS "\n" FILE_AT(0, "/d/a", 0100644, NORMAL)
                  FILE_AT(1, "/d", 040755, PARENT) FILE_AT(2, "/d/b", 0100644, CREATE),
              {"/event/action", "linked"}, {"/file/path", "/d/b"}, {"/file/target_path", "/d/a"});
    CHECK_ECS(SYSCALL(257) "a0=ffffff9c a1=1 a2=41 a3=1b6 items=2 " IDS
                           "\n" FILE_AT(0, "/d", 040755, PARENT)
                               FILE_AT(1, "/d/n", 0100644, CREATE),
              {"/event/type", "[\"creation\"]"});
    CHECK_ECS(SYSCALL(257) "a0=ffffff9c a1=1 a2=1 a3=0 items=1 " IDS
                           "\n" FILE_AT(0, "/d/n", 0100644, NORMAL),
              {"/event/type", "[\"access\",\"change\"]"});
}
END_TEST

/* -- network ----------------------------------------------------------------------------------- */

#define SADDR(hex) "type=SOCKADDR " AT "saddr=" hex "\n"
#define INET "0200005DC00002010000000000000000"

START_TEST(addresses)
{
    begin();
    CHECK_ECS(SYSCALL(42) ARGS IDS "\n" SADDR(INET),
              {"/destination", "{\"ip\":\"192.0.2.1\",\"port\":93,\"address\":\"192.0.2.1\"}"},
              {"/network", "{\"direction\":\"egress\",\"type\":\"ipv4\"}"},
              {"/related/ip", "[\"192.0.2.1\"]"}, {"/event/type", "[\"connection\",\"start\"]"});
    CHECK_ECS(SYSCALL(288) ARGS IDS "\n" SADDR(INET), {"/source/port", "93"},
              {"/network/direction", "ingress"});
    CHECK_ECS(SYSCALL(49) ARGS IDS "\n" SADDR(INET), {"/server/ip", "192.0.2.1"}, {"/source", NULL},
              {"/network/direction", NULL});
    CHECK_ECS(SYSCALL(42) ARGS IDS "\n" SADDR("01002F72756E2F6100"),
              {"/destination", "{\"address\":\"/run/a\",\"path\":\"/run/a\"}"},
              {"/network", "{\"direction\":\"egress\"}"}, {"/auditd/data/socket/family", "local"});
    /* of a call that is neither, the address itself stays */
    CHECK_ECS(SYSCALL(51) ARGS IDS "\n" SADDR(INET), {"/destination", NULL},
              {"/auditd/fields/sockaddr_saddr", INET});
    CHECK_ECS("type=NETFILTER_PKT " AT "mark=0x0 saddr=192.0.2.7 daddr=2001:db8::9 proto=6 "
              "sport=1 dport=70000\n",
              {"/source/ip", "192.0.2.7"}, {"/source/port", "1"},
              {"/destination/ip", "2001:db8::9"}, {"/destination/port", NULL},
              {"/network/transport", "tcp"}, {"/network/iana_number", "6"});
}
END_TEST

/* -- users ------------------------------------------------------------------------------------- */

#define USER_MSG(type, text)                                      \
    "type=" #type " " AT "pid=9 uid=0 auid=1000 ses=3 msg='" text \
    " exe=\"/usr/sbin/x\" hostname=? addr=192.0.2.1 terminal=ssh res=success'"

START_TEST(logins_are_about_who_logs_in)
{
    begin();
    CHECK_ECS(
        USER_MSG(USER_AUTH, "op=PAM:authentication acct=\"bob\"") "\x1d"
                                                                  "UID=\"root\" AUID=\"al\"\n",
        {"/event/category", "[\"authentication\"]"}, {"/event/action", "authenticated"},
        {"/event/outcome", "success"},
        {"/user", "{\"name\":\"bob\",\"audit\":{\"id\":\"1000\",\"name\":\"al\"}}"},
        {"/process/real_user", "{\"id\":\"0\",\"name\":\"root\"}"},
        {"/source", "{\"ip\":\"192.0.2.1\",\"address\":\"192.0.2.1\"}"},
        {"/related/user", "[\"root\",\"bob\",\"al\"]"}, {"/auditd/data/acct", "bob"});
    CHECK_ECS("type=LOGIN " AT "pid=1 uid=0 old-auid=4294967295 auid=1000 tty=(none) "
              "old-ses=4294967295 ses=55 res=1\n",
              {"/event/type", "[\"start\"]"}, {"/user/id", "1000"}, {"/user/name", "alice"},
              {"/process/real_user/id", "0"});
}
END_TEST

START_TEST(accounts_are_targets)
{
    begin();
    CHECK_ECS(USER_MSG(ADD_USER, "op=adding user id=1000") "\n", {"/event/category", "[\"iam\"]"},
              {"/event/type", "[\"creation\",\"user\"]"}, {"/user/id", "0"},
              {"/user/target", "{\"id\":\"1000\",\"name\":\"alice\"}"}, {"/group", NULL});
    CHECK_ECS(USER_MSG(DEL_GROUP, "op=deleting group acct=\"staff\" id=50") "\n",
              {"/event/type", "[\"deletion\",\"group\"]"},
              {"/group", "{\"id\":\"50\",\"name\":\"staff\"}"}, {"/user/target", NULL});
}
END_TEST

/* -- what happened ----------------------------------------------------------------------------- */

START_TEST(signals)
{
    begin();
    CHECK_ECS(SYSCALL(62) "a0=ff a1=9 a2=0 a3=0 items=0 " IDS "\ntype=OBJ_PID " AT
                          "opid=255 oauid=-1 ouid=0 oses=-1 ocomm=\"victim\"\n",
              {"/event/action", "killed-pid"}, {"/event/type", "[\"end\"]"},
              {"/auditd/summary/object",
               "{\"type\":\"process\",\"primary\":\"victim\",\"secondary\":\"255\"}"});
    CHECK_ECS(SYSCALL(62) "a0=ff a1=0 a2=0 a3=0 items=0 " IDS "\n", {"/event/type", "[\"info\"]"},
              {"/auditd/summary/object/primary", "255"});
    CHECK_ECS(SYSCALL(62) "a0=ffffffff a1=f a2=0 a3=0 items=0 " IDS "\ntype=OBJ_PID " AT
                          "opid=1 ocomm=\"a\"\ntype=OBJ_PID " AT "opid=2 ocomm=\"b\"\n",
              {"/event/action", "killed-list-of-pids"});
    CHECK_ECS(SYSCALL(62) "a0=fffffffe a1=f a2=0 a3=0 items=0 " IDS "\n",
              {"/auditd/summary/object/primary", NULL});
}
END_TEST

START_TEST(decisions)
{
    begin();
    CHECK_ECS("type=AVC " AT "avc:  denied  { read } for  pid=12 comm=\"sh\" name=\"shadow\" "
              "scontext=a:b:c tcontext=d:e:f tclass=file permissive=0\n" FAILED(
                  257) "a0=ffffff9c a1=1 a2=0 a3=0 items=1 " IDS
                       "\n" FILE_AT(0, "/etc/shadow", 0100000, NORMAL),
              {"/event/category", "[\"file\",\"intrusion_detection\"]"},
              {"/event/type", "[\"access\",\"denied\"]"},
              {"/event/action", "accessed-mac-policy-controlled-object"},
              {"/event/outcome", "failure"}, {"/file/path", "/etc/shadow"},
              {"/auditd/message_type", "avc"}, {"/auditd/data/scontext", "a:b:c"});
    CHECK_ECS("type=AVC " AT "avc:  denied  { read } for  pid=12 comm=\"sh\" path=\"/x\" "
              "scontext=a tcontext=d tclass=file permissive=1\n",
              {"/event/type", "[\"allowed\"]"}, {"/event/outcome", "success"}, {"/file/path", "/x"},
              {"/auditd/summary/object",
               "{\"type\":\"unknown\",\"primary\":\"/x\",\"secondary\":\"d\"}"});
    CHECK_ECS("type=AVC " AT "apparmor=\"DENIED\" operation=\"open\" profile=\"p\" name=\"/y\" "
              "pid=5 comm=\"c\" requested_mask=\"r\" denied_mask=\"r\" fsuid=0 ouid=0\n",
              {"/event/type", "[\"denied\"]"}, {"/event/outcome", "failure"}, {"/file/path", "/y"},
              {"/auditd/data/profile", "p"});
    CHECK_ECS(
        "type=AVC " AT "avc:  denied  { recv } for  saddr=192.0.2.7 src=53 "
        "daddr=198.51.100.9 dest=5353 netif=eth0 scontext=a tcontext=d tclass=peer\n",
        {"/source", "{\"ip\":\"192.0.2.7\",\"port\":53,\"address\":\"192.0.2.7\"}"},
        {"/destination", "{\"ip\":\"198.51.100.9\",\"port\":5353,\"address\":\"198.51.100.9\"}"},
        {"/network/type", "ipv4"});
    CHECK_ECS("type=AVC " AT "apparmor=\"DENIED\" operation=\"connect\" class=\"net\" "
              "profile=\"p\" pid=5 comm=\"c\" family=\"unix\" addr=\"@/tmp/.X11-unix/X0\"\n",
              {"/source", NULL}, {"/related", "{\"hosts\":[\"host.example\"]}"});
    CHECK_ECS("type=AVC " AT "lsm=SMACK fn=smack_inode_getattr action=denied subject=\"a\" "
              "object=\"b\" requested=r pid=901 comm=\"ls\" path=\"/x\"\n",
              {"/event/type", "[\"denied\"]"}, {"/event/outcome", "failure"});
    CHECK_ECS("type=UNKNOWN[1420] " AT "ipe_op=EXECUTE ipe_hook=BPRM_CHECK enforcing=1 pid=9 "
              "comm=\"sh\" path=\"/x\" dev=\"tmpfs\" ino=9 rule=\"DEFAULT action=DENY\"\n",
              {"/event/category", "[\"intrusion_detection\"]"}, {"/event/type", "[\"denied\"]"},
              {"/file/path", "/x"});
    CHECK_ECS("type=IPE_ACCESS " AT "ipe_op=EXECUTE ipe_hook=BPRM_CHECK enforcing=1 pid=9 "
              "comm=\"sh\" path=\"/x\" rule=\"op=EXECUTE boot_verified=TRUE action=ALLOW\"\n",
              {"/event/type", "[\"allowed\"]"});
    CHECK_ECS("type=USER_AVC " AT "pid=1 uid=103 auid=4294967295 ses=4294967295 "
              "msg='apparmor=\"DENIED\" operation=\"dbus_method_call\"  bus=\"system\" "
              "path=\"/org/x\" mask=\"send\" pid=77 label=\"snap.x\" "
              "exe=\"/usr/bin/dbus-daemon\" sauid=103 hostname=? addr=? terminal=?'\n",
              {"/event/type", "[\"denied\"]"}, {"/event/outcome", "failure"}, {"/file", NULL},
              {"/auditd/fields/user_avc_path", "/org/x"});
    CHECK_ECS("type=SECCOMP " AT "auid=1 uid=1 gid=1 ses=1 pid=2 comm=\"a\" exe=\"/a\" sig=31 "
              "arch=c000003e syscall=39 compat=0 ip=0x7f code=0x80000000\n",
              {"/event/type", "[\"denied\"]"}, {"/event/outcome", "failure"},
              {"/auditd/summary/object/primary", "getpid"});
    CHECK_ECS("type=SECCOMP " AT "pid=2 comm=\"a\" sig=0 arch=c000003e syscall=39 "
              "code=0x7ffc0000\n",
              {"/event/type", "[\"allowed\"]"});
}
END_TEST

/* The record that is not there for every such syscall says what happened. */
START_TEST(which_record_leads)
{
    begin();
    CHECK_ECS("type=CONFIG_CHANGE " AT
              "auid=0 ses=1 op=add_rule key=\"k\" list=4 res=1\n" SYSCALL(44) ARGS IDS "\n",
              {"/event/action", "added-audit-rule"}, {"/event/category", "[\"configuration\"]"},
              {"/event/type", "[\"change\"]"}, {"/auditd/summary/object/primary", "k"});
    CHECK_ECS(SYSCALL(176) ARGS IDS "\ntype=KERN_MODULE " AT "name=\"nf\"\n",
              {"/event/action", "unloaded-kernel-module"},
              {"/auditd/summary/object/primary", "nf"});
    CHECK_ECS("type=KERN_MODULE " AT "name=\"nf\"\n", {"/event/action", "loaded-kernel-module"});
    CHECK_ECS(SYSCALL(9999) ARGS IDS "\n", {"/event/action", "triggered-audit-rule"},
              {"/auditd/summary/object", "{\"type\":\"admin-defined-rule\",\"primary\":\"k\"}"});
    CHECK_ECS("type=UNKNOWN[1999] " AT "a=b\n", {"/event/action", "unknown-1999"},
              {"/event/category", "[\"process\"]"}, {"/auditd/message_type", "unknown_1999"});
    CHECK_ECS("type=MAC_CIPSOV4_ADD " AT "netlabel: auid=1 res=1\n",
              {"/event/action", "mac-cipsov4-add"}, {"/event/outcome", "success"});
}
END_TEST

/* -- bounds ------------------------------------------------------------------------------------ */

START_TEST(long_values_are_cut_and_named)
{
    struct buf text = BUF_INIT((size_t)1024 * 1024);
    struct json_object *o;

    begin();
    conf.max_event = 1024 * 1024;
    buf_append_str(&text, SYSCALL(59) ARGS IDS "\ntype=EXECVE " AT "argc=1 a0=\"");
    for (int i = 0; i < 40000; i++)
        buf_append_char(&text, 'x');
    buf_append_str(&text, "\"\n");
    ck_assert_int_eq(write_event(text.data, text.len, NULL), 0);
    o = parsed();
    has(o, "/auditd/truncated",
        "[\"message=40008\",\"process.args[0]=40000\",\"process.command_line=40000\"]");
    json_object_put(o);
    conf.max_event = 3000;
    ck_assert_int_eq(write_event(text.data, text.len, NULL), 0);
    ck_assert_uint_le(doc.len, 3000);
    o = parsed();
    has(o, "/process/args_count", "1");
    json_object_put(o);
    buf_done(&text);
}
END_TEST

/* Control characters take six bytes each: even so, what is left when all is cut must fit. */
START_TEST(hostile_event_fits_the_smallest_maximum)
{
    struct buf text = BUF_INIT((size_t)8 * 1024 * 1024), hex = BUF_INIT(4096);
    struct json_object *o;

    begin();
    conf.max_event = 16384; /* the least that the option takes */
    for (int i = 0; i < 600; i++)
        buf_append_str(&hex, i % 3 ? "01" : "FF");
    buf_cstr(&hex);
    buf_printf(&text,
               SYSCALL(82) "a0=1 a1=2 a2=3 a3=4 items=9 ppid=1 pid=2 auid=1 uid=2 gid=3 euid=4 "
                           "suid=5 fsuid=6 egid=7 sgid=8 fsgid=9 tty=pts1 ses=1 comm=%s exe=%s "
                           "key=%s\x1d"
                           "AUID=\"%s\" UID=\"%s\" EUID=\"%s\"\n",
               hex.data, hex.data, hex.data, hex.data, hex.data + 2, hex.data + 4);
    buf_printf(&text, "type=CWD " AT "cwd=2F%s\n", hex.data);
    for (int i = 0; i < 40; i++)
        buf_printf(&text,
                   "type=PATH " AT "item=%d name=%s inode=%d mode=0100644 ouid=1 ogid=1 "
                   "nametype=%s\n",
                   i, hex.data, i, i % 2 ? "CREATE" : "DELETE");
    buf_append_str(&text, "type=EXECVE " AT "argc=100");
    for (int i = 0; i < 100; i++)
        buf_printf(&text, " a%d=%s", i, hex.data);
    buf_printf(&text, "\ntype=PROCTITLE " AT "proctitle=%s\n", hex.data);
    for (int i = 0; i < 300; i++)
        buf_printf(&text, "type=USER_AVC " AT "pid=1 f%d=%s msg='op=%s acct=%s'\n", i, hex.data,
                   hex.data, hex.data);
    ck_assert_int_eq(write_event(text.data, text.len, NULL), 0);
    ck_assert_uint_le(doc.len, conf.max_event);
    o = parsed();
    has(o, "/process/args_count", "100");
    has(o, "/auditd/records", "344");
    json_object_put(o);
    buf_done(&text);
    buf_done(&hex);
}
END_TEST

START_TEST(bytes_that_are_no_utf8)
{
    begin();
    CHECK_ECS(SYSCALL(2) ARGS "pid=1 comm=FF exe=\"/a\"\ntype=PATH " AT
                              "item=0 name=2FFE nametype=NORMAL\n",
              {"/process/name", "\xef\xbf\xbd"}, {"/file/path", "/\xef\xbf\xbd"},
              {"/auditd/invalid_utf8", "[\"message\",\"process.name\",\"file.path\",\"file.name\","
                                       "\"auditd.summary.object.primary\",\"paths\"]"});
}
END_TEST

START_TEST(several_keys_and_tags)
{
    static char *words[] = {(char *)(uintptr_t) "mine"};
    begin();
    conf.tags.item = words;
    conf.tags.n = 1;
    CHECK_ECS(SYSCALL(39) ARGS "pid=1 key=6E657401726F6F74\n",
              {"/tags", "[\"net\",\"root\",\"mine\"]"}, {"/auditd/summary/object/primary", "net"});
}
END_TEST

START_TEST(constants_of_the_configuration)
{
    static char *words[] = {(char *)(uintptr_t) "data_stream.namespace = prod",
                            (char *)(uintptr_t) "host.id=4c21",
                            (char *)(uintptr_t) "host.ip = 192.0.2.1",
                            (char *)(uintptr_t) "host.ip = 2001:db8::1",
                            (char *)(uintptr_t) "host.os.name = A \"B\"",
                            (char *)(uintptr_t) "cloud.account.id = 7",
                            (char *)(uintptr_t) "cloud.region = r",
                            (char *)(uintptr_t) "labels.a = 1",
                            (char *)(uintptr_t) "labels.b-c = \xff"};

    begin();
    CHECK_ECS(SYSCALL(39) ARGS "pid=1\n",
              {"/data_stream", "{\"type\":\"logs\",\"dataset\":\"auditd_manager.auditd\","
                               "\"namespace\":\"default\"}"},
              {"/event/dataset", "auditd_manager.auditd"}, {"/event/module", "auditd"},
              {"/host", "{\"name\":\"host.example\",\"hostname\":\"host.example\","
                        "\"os\":{\"type\":\"linux\"}}"},
              {"/service", "{\"type\":\"auditd\"}"}, {"/labels", NULL});
    conf.add.item = words;
    conf.add.n = sizeof(words) / sizeof(words[0]);
    CHECK_ECS(SYSCALL(39) ARGS "pid=1\n", {"/data_stream/namespace", "prod"},
              {"/data_stream/dataset", "auditd_manager.auditd"},
              {"/host", "{\"name\":\"host.example\",\"hostname\":\"host.example\","
                        "\"id\":\"4c21\",\"ip\":[\"192.0.2.1\",\"2001:db8::1\"],"
                        "\"os\":{\"name\":\"A \\\"B\\\"\",\"type\":\"linux\"}}"},
              {"/cloud", "{\"account\":{\"id\":\"7\"},\"region\":\"r\"}"},
              {"/labels", "{\"a\":\"1\",\"b-c\":\"\xef\xbf\xbd\"}"},
              {"/auditd/invalid_utf8", "[\"labels\"]"});
    words[0] = (char *)(uintptr_t) "data_stream.dataset = x.y";
    CHECK_ECS(SYSCALL(39) ARGS "pid=1\n", {"/event/dataset", "x.y"});
    words[1] = (char *)(uintptr_t) "event.dataset = z";
    CHECK_ECS(SYSCALL(39) ARGS "pid=1\n", {"/event/dataset", "z"}, {"/data_stream/dataset", "x.y"});
}
END_TEST

START_TEST(types_of_all_records)
{
    char text[64 * 64];
    size_t n = 0;

    begin();
    CHECK_ECS(SYSCALL(2) ARGS "pid=1\ntype=CWD " AT "cwd=\"/\"\n" FILE_AT(0, "/a", 040755, PARENT)
                  FILE_AT(1, "/a/b", 0100600, NORMAL) "type=EOE " AT "\n",
              {"/auditd/types", "[\"SYSCALL\",\"CWD\",\"PATH\"]"});
    for (int i = 0; i < 40; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "type=UNKNOWN[%d] " AT "a=%d\n", 2600 + i,
                              i);
    CHECK_ECS(text, {"/auditd/truncated", "[\"auditd.types[]=33\"]"},
              {"/auditd/types/31", "UNKNOWN[2631]"}, {"/auditd/types/32", NULL});
}
END_TEST

#define NAMED(cwd, name) \
    SYSCALL(2) ARGS "pid=1\ntype=CWD " AT "cwd=\"" cwd "\"\n" FILE_AT(0, name, 0100600, NORMAL)

START_TEST(extensions_and_directories)
{
    begin();
    CHECK_ECS(NAMED("/root", "/etc/a.b/x.tar.gz"), {"/file/extension", "gz"},
              {"/file/directory", "/etc/a.b"});
    CHECK_ECS(NAMED("/root", "/x"), {"/file/extension", NULL}, {"/file/directory", "/"});
    CHECK_ECS(NAMED("/root", "/"), {"/file/extension", NULL}, {"/file/directory", NULL});
    CHECK_ECS(NAMED("/root", "/a.d/.bashrc"), {"/file/extension", NULL},
              {"/file/directory", "/a.d"});
    CHECK_ECS(NAMED("/root", "/a/b."), {"/file/extension", NULL});
    CHECK_ECS(NAMED("/root", "/a/b.d/"), {"/file/extension", "d"}, {"/file/directory", "/a"});
    CHECK_ECS(NAMED("/root", "x.c"), {"/file/path", "/root/x.c"}, {"/file/extension", "c"},
              {"/file/directory", "/root"});
    CHECK_ECS(NAMED("/root", "./x"), {"/file/path", "/root/x"}, {"/file/directory", "/root"});
    CHECK_ECS(NAMED("/", "a/x"), {"/file/path", "/a/x"}, {"/file/directory", "/a"});
    CHECK_ECS(NAMED("/", "x"), {"/file/path", "/x"}, {"/file/directory", "/"});
    CHECK_ECS(SYSCALL(257) "a0=5 a1=1 a2=2 a3=3 items=1 pid=1\ntype=CWD " AT
                           "cwd=\"/root\"\n" FILE_AT(0, "d/x", 0100600, NORMAL),
              {"/file/path", "d/x"}, {"/file/directory", "d"});
    CHECK_ECS(SYSCALL(257) "a0=5 a1=1 a2=2 a3=3 items=1 pid=1\ntype=CWD " AT
                           "cwd=\"/root\"\n" FILE_AT(0, "x", 0100600, NORMAL),
              {"/file/path", "x"}, {"/file/directory", NULL});
}
END_TEST

UNIT_MAIN("ecs", types_are_those_of_ecs, wrong_values_stay_out_of_typed_keys, arguments_and_exit,
          terminals, parents_come_from_the_stream, relative_paths, renames_and_links, addresses,
          logins_are_about_who_logs_in, accounts_are_targets, signals, decisions,
          which_record_leads, long_values_are_cut_and_named,
          hostile_event_fits_the_smallest_maximum, bytes_that_are_no_utf8, several_keys_and_tags,
          constants_of_the_configuration, types_of_all_records, extensions_and_directories)
