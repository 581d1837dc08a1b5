/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "audisp_doc.h"

/* Category and summary of an event. */
static void check_summary(const char *text, const char *category, const char *summary)
{
    CHECK_DOC(text, {"category", category}, {"summary", summary});
}

START_TEST(envelope)
{
    static const char expected[] =
        "{\"category\":\"kill\",\"summary\":\"Kill: /bin/sh\",\"severity\":\"INFO\","
        "\"hostname\":\"host.example\",\"processid\":\"0\",\"processname\":\"audisp-json\","
        "\"timestamp\":\"2023-11-14T22:13:20.023+00:00\","
        "\"tags\":[\"audisp-json\",\"" PACKAGE_VERSION "\",\"audit\"],"
        "\"details\":{\"auditserial\":\"7\",\"processname\":\"sh\",\"auditkey\":\"k\","
        "\"originaluser\":\"alice\",\"originaluid\":\"1000\",\"user\":\"root\",\"uid\":\"0\","
        "\"tty\":\"pts0\",\"process\":\"/bin/sh\",\"pid\":\"12\",\"ppid\":\"11\",\"gid\":\"1\","
        "\"euid\":\"2\",\"suid\":\"3\",\"fsuid\":\"4\",\"egid\":\"5\",\"sgid\":\"6\","
        "\"fsgid\":\"7\",\"session\":\"8\",\"auditid\":\"host.example:1700000000.023:7:1:";

    ck_assert_int_eq(write_event("type=SYSCALL " AT "arch=c000003e syscall=62 " IDS,
                                 strlen("type=SYSCALL " AT "arch=c000003e syscall=62 " IDS), NULL),
                     0);
    ck_assert_msg(strncmp(buf_cstr(&doc), expected, sizeof(expected) - 1) == 0, "%s",
                  buf_cstr(&doc));
}
END_TEST

START_TEST(envelope_by_configuration)
{
    char *more[] = {(char *)(uintptr_t) "prod", (char *)(uintptr_t) "a\"b"};
    reset();
    conf.processname = (char *)(uintptr_t) "my-json";
    conf.tags.item = more;
    conf.tags.n = 2;
    CHECK_DOC(
        "node=n.example type=USER_LOGIN " AT "pid=1 msg='op=login res=success'",
        {"processname", "my-json"}, {"hostname", "n.example"}, {"details.node", "n.example"},
        {"summary", "user_login: login success"},
        {"tags", "[ \"audisp-json\", \"" PACKAGE_VERSION "\", \"audit\", \"prod\", \"a\\\"b\" ]"});
    reset();
}
END_TEST

START_TEST(every_value_is_a_string)
{
    struct json_object *o =
        document("type=SYSCALL " AT "arch=c000003e syscall=59 success=yes exit=0 " IDS "\n"
                 "type=EXECVE " AT "argc=1 a0=\"x\"\ntype=PATH " AT "item=0 name=\"y\" inode=1");

    json_object_object_foreach(at(o, "details"), key, value)
    {
        bool list = strcmp(key, "argv") == 0 || strcmp(key, "paths") == 0 ||
                    strcmp(key, "types") == 0 || strcmp(key, "fields") == 0;

        ck_assert_msg(list || json_object_is_type(value, json_type_string), "%s", key);
    }
    json_object_put(o);
}
END_TEST

/* One event for each row of syscalls.def: category and summary's first word are the row's. */
START_TEST(every_syscall_row)
{
    static const struct {
        int number; /* x86_64 */
        const char *category;
        const char *summary;
    } rows[] = {
        {1, "write", "Write: /p"},
        {18, "write", "Write: /p"},
        {20, "write", "Write: /p"},
        {76, "write", "Write: /p"},
        {77, "write", "Write: /p"},
        {82, "write", "Write: /p"},
        {83, "write", "Write: /p"},
        {84, "write", "Write: /p"},
        {85, "write", "Write: /p"},
        {86, "write", "Write: /p"},
        {87, "write", "Write: /p"},
        {88, "write", "Write: /p"},
        {133, "write", "Write: /p"},
        {258, "write", "Write: /p"},
        {259, "write", "Write: /p"},
        {263, "write", "Write: /p"},
        {264, "write", "Write: /p"},
        {265, "write", "Write: /p"},
        {266, "write", "Write: /p"},
        {296, "write", "Write: /p"},
        {316, "write", "Write: /p"},
        {328, "write", "Write: /p"},
        {0, "read", "Read: /p"},
        {9, "read", "Read: /p"},
        {17, "read", "Read: /p"},
        {19, "read", "Read: /p"},
        {40, "read", "Read: /p"},
        {295, "read", "Read: /p"},
        {327, "read", "Read: /p"},
        {2, "read", "Read: /p"},
        {257, "read", "Read: /p"},
        {437, "read", "Read: /p"},
        {188, "attribute", "Attribute: /p"},
        {189, "attribute", "Attribute: /p"},
        {190, "attribute", "Attribute: /p"},
        {197, "attribute", "Attribute: /p"},
        {198, "attribute", "Attribute: /p"},
        {199, "attribute", "Attribute: /p"},
        {90, "chmod", "Chmod: /p"},
        {91, "chmod", "Chmod: /p"},
        {268, "chmod", "Chmod: /p"},
        {92, "chown", "Chown: /p"},
        {93, "chown", "Chown: /p"},
        {94, "chown", "Chown: /p"},
        {260, "chown", "Chown: /p"},
        {101, "ptrace", "Ptrace"},
        {310, "ptrace", "Ptrace"},
        {311, "ptrace", "Ptrace"},
        {59, "execve", "Execve: a b"},
        {322, "execve", "Execve: a b"},
        {159, "time", "time has been modified"},
        {305, "time", "time has been modified"},
        {164, "time", "time has been modified"},
        {227, "time", "time has been modified"},
        {41, "socket", "Socket"},
        {53, "socket", "Socket"},
        {50, "listen", "Listen"},
        {42, "connect", "Connect: 192.0.2.7:80"},
        {49, "bind", "Bind: 192.0.2.7:80"},
        {43, "accept", "Accept: 192.0.2.7:80"},
        {288, "accept", "Accept: 192.0.2.7:80"},
        {89, "readlink", "Readlink: /p"},
        {21, "access", "Access: /p"},
        {9999, "syscall", "Syscall 9999: /p"},
    };
    char text[1000];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(text, sizeof(text),
                 "type=SYSCALL " AT "arch=c000003e syscall=%d a0=0 a1=0 a2=0 " IDS "\n"
                 "type=EXECVE " AT "argc=2 a0=\"a\" a1=\"b\"\n"
                 "type=SOCKADDR " AT "saddr=02000050C0000207\n"
                 "type=PATH " AT "name=\"/p\" nametype=NORMAL",
                 rows[i].number);
        check_summary(text, rows[i].category, rows[i].summary);
    }
}
END_TEST

START_TEST(an_open_for_writing_is_a_write)
{
#define OPEN(nr, a1, a2, type)                                                           \
    "type=SYSCALL " AT "arch=c000003e syscall=" nr " a0=1 a1=" a1 " a2=" a2 " " IDS "\n" \
    "type=PATH " AT "name=\"/p\" nametype=" type
    check_summary(OPEN("2", "0", "1b6", "NORMAL"), "read", "Read: /p");
    check_summary(OPEN("2", "1", "0", "NORMAL"), "write", "Write: /p");
    check_summary(OPEN("2", "80002", "0", "NORMAL"), "write", "Write: /p");
    check_summary(OPEN("257", "7ffe1", "0", "NORMAL"), "read", "Read: /p");
    check_summary(OPEN("257", "7ffe0", "441", "NORMAL"), "write", "Write: /p");
    check_summary(OPEN("257", "7ffe0", "40", "CREATE"), "write", "Write: /p");
    check_summary(OPEN("437", "1", "1", "NORMAL"), "read", "Read: /p");
    check_summary(OPEN("437", "1", "1", "CREATE"), "write", "Write: /p");
}
END_TEST

START_TEST(events_that_are_no_syscall)
{
    check_summary("type=USER_LOGIN " AT "msg='op=login acct=\"bob\" res=failed'", "user_login",
                  "user_login: login bob failed");
    check_summary("type=SERVICE_START " AT "msg='unit=ssh res=success'", "service_start",
                  "service_start: ssh success");
    check_summary("type=CRYPTO_KEY_USER " AT "msg='op=destroy res=success'", "crypto_key_user",
                  "crypto_key_user: destroy success");
    check_summary("type=ANOM_PROMISCUOUS " AT "dev=eth0 prom=256 old_prom=0", "promiscuous",
                  "Promisc: Interface eth0 set promiscuous on");
    check_summary("type=ANOM_PROMISCUOUS " AT "dev=eth0 prom=0 old_prom=256", "promiscuous",
                  "Promisc: Interface eth0 set promiscuous off");
    check_summary("type=AVC " AT "apparmor=\"DENIED\" operation=\"open\" name=\"/x\"", "apparmor",
                  "AppArmor: open /x");
    check_summary("type=AVC " AT "apparmor=\"DENIED\" info=\"a b\" name=\"/x\"", "apparmor", "a b");
    check_summary("type=AVC " AT "avc:  denied  { read } for  pid=1", "avc", "avc: read denied");
    check_summary("type=UNKNOWN[1999] " AT "a=b", "unknown[1999]", "unknown[1999]");
}
END_TEST

/* -- the defects of audisp-json, one test each ------------------------------------------------- */

START_TEST(defect_details_over_4096_bytes)
{
    struct buf text = BUF_INIT(200000);
    struct json_object *o;

    buf_printf(&text,
               "type=SYSCALL " AT "arch=c000003e syscall=59 " IDS "\ntype=EXECVE " AT
               "argc=2 a0=\"x\" a1=\"%020000d\"\ntype=CWD " AT "cwd=\"/%04000d\"",
               1, 2);
    o = document(buf_cstr(&text));
    ck_assert_int_eq(json_object_get_string_len(at(o, "details.command")), 20002);
    ck_assert_int_eq(json_object_get_string_len(at(o, "details.cwd")), 4001);
    json_object_put(o);
    buf_done(&text);
}
END_TEST

START_TEST(defect_more_than_128_records)
{
    struct buf text = BUF_INIT(2000000);
    buf_printf(&text, "type=SYSCALL " AT "arch=c000003e syscall=62 " IDS);
    for (int i = 0; i < 5000; i++)
        buf_printf(&text, "\ntype=OBJ_PID " AT "opid=%d ocomm=\"o\"", i);
    CHECK_DOC(buf_cstr(&text), {"details.records", "5001"}, {"category", "kill"});
    buf_done(&text);
}
END_TEST

START_TEST(defect_split_execve_drops_the_event)
{
    CHECK_DOC("type=SYSCALL " AT "arch=c000003e syscall=59 " IDS "\n"
              "type=EXECVE " AT "argc=3 a0=\"curl\" a1_len=10 a1[0]=\"01234\"\n"
              "type=EXECVE " AT " a1[1]=\"56789\" a2=\"x\"",
              {"category", "execve"}, {"details.command", "curl 0123456789 x"},
              {"details.argv", "[ \"curl\", \"0123456789\", \"x\" ]"}, {"details.truncated", NULL});
}
END_TEST

/* What does not fit is not skipped to keep something later: the value ends there, and says so. */
START_TEST(defect_argument_skipped_and_later_ones_kept)
{
    struct buf text = BUF_INIT(200000);
    struct json_object *o;
    const char *command;

    buf_printf(&text,
               "type=SYSCALL " AT "arch=c000003e syscall=59 " IDS "\ntype=EXECVE " AT
               "argc=3 a0=\"curl\" a1=\"%040000d\" a2=\"later\"",
               1);
    o = document(buf_cstr(&text));
    command = json_object_get_string(at(o, "details.command"));
    ck_assert_uint_eq(strlen(command), 32765);
    ck_assert(strncmp(command, "curl 000", 8) == 0);
    ck_assert_ptr_null(strstr(command, "later"));
    is(o, "details.truncated", "[ \"summary=40019\", \"command=40011\", \"argv[1]=40000\" ]");
    json_object_put(o);
    buf_done(&text);
}
END_TEST

START_TEST(defect_values_stay_hexadecimal)
{
    CHECK_DOC("type=SYSCALL " AT "arch=c000003e syscall=2 comm=6120 exe=2F6220 key=6B20 uid=0\n"
              "type=CWD " AT "cwd=2F6320\ntype=PATH " AT "name=2F6420 nametype=NORMAL",
              {"details.processname", "a "}, {"details.process", "/b "}, {"details.auditkey", "k "},
              {"details.cwd", "/c "}, {"details.path", "/d "});
}
END_TEST

START_TEST(defect_quotes_newlines_and_bad_bytes)
{
    struct json_object *o =
        document("type=SYSCALL " AT "arch=c000003e syscall=59 comm=2261225C uid=0\n"
                 "type=EXECVE " AT "argc=1 a0=0A0922FF\n"
                 "type=CWD " AT "cwd=2F610062\n"
                 "type=PROCTITLE " AT "proctitle=612062006300");

    is(o, "details.processname", "\"a\"\\");
    is(o, "details.command", "\n\t\"\xef\xbf\xbd");
    ck_assert_int_eq(json_object_get_string_len(at(o, "details.cwd")), 4);
    ck_assert_mem_eq(json_object_get_string(at(o, "details.cwd")), "/a\0b", 4);
    is(o, "details.proctitle", "a b c");
    is(o, "details.invalid_utf8", "[ \"summary\", \"command\", \"argv\" ]");
    json_object_put(o);
}
END_TEST

/* json_check() finds a key twice; this is the event that has most to repeat. */
START_TEST(defect_keys_repeat)
{
    struct json_object *o =
        document("type=SYSCALL " AT "arch=c000003e syscall=82 " IDS "\n"
                 "type=PATH " AT "item=0 name=\"/d/\" inode=1 nametype=PARENT\n"
                 "type=PATH " AT "item=1 name=\"/d/a\" nametype=DELETE\n"
                 "type=PATH " AT "item=2 name=\"/d/b\" inode=3 nametype=CREATE\n"
                 "type=CWD " AT "cwd=\"/\" cwd=\"/x\"");

    is(o, "details.path", "/d/a");
    is(o, "details.inode", NULL); /* and not the neighbour's */
    ck_assert_uint_eq(json_object_array_length(at(o, "details.paths")), 3);
    json_object_put(o);
    CHECK_DOC("type=PATH " AT "name=\"/u\" nametype=UNKNOWN\ntype=PATH " AT
              "name=\"/p\" nametype=PARENT",
              {"details.path", "/u"});
}
END_TEST

START_TEST(defect_apparmor_and_selinux)
{
    CHECK_DOC(
        "type=AVC " AT "apparmor=\"ALLOWED\" operation=\"rename\" profile=\"/p q\" name=\"/n\" "
        "srcname=\"/s\" error=-13 flags=\"rw\" comm=\"mv\" pid=5\n"
        "type=SYSCALL " AT "arch=c000003e syscall=82 " IDS,
        {"category", "apparmor"}, {"details.aaresult", "ALLOWED"},
        {"details.aacoperation", "rename"}, {"details.aaprofile", "/p q"},
        {"details.aacommand", "mv"}, {"details.aaerror", "-13"}, {"details.aaname", "/n"},
        {"details.aasrcname", "/s"}, {"details.aaflags", "rw"}, {"details.processname", "sh"});
    CHECK_DOC("type=AVC " AT "avc:  denied  { read } for  pid=1 comm=\"x\" scontext=a:b:c:s0 "
              "tcontext=d:e:f:s0 tclass=file permissive=0\n"
              "type=SYSCALL " AT "arch=c000003e syscall=2 a1=0 success=no exit=-13 " IDS,
              {"category", "read"}, {"details.seresult", "denied"}, {"details.seperms", "read"},
              {"details.scontext", "a:b:c:s0"}, {"details.tcontext", "d:e:f:s0"},
              {"details.tclass", "file"}, {"details.processname", "sh"});
}
END_TEST

START_TEST(defect_missing_field_from_the_next_record)
{
    CHECK_DOC("type=SYSCALL " AT "arch=c000003e syscall=62 pid=1\n"
              "type=OBJ_PID " AT "opid=2 ouid=3 comm=\"other\" uid=9 ses=4",
              {"details.processname", NULL}, {"details.uid", NULL}, {"details.user", NULL},
              {"details.session", NULL}, {"details.ouid", NULL});
}
END_TEST

START_TEST(defect_syscall_names_of_the_local_machine)
{
    CHECK_DOC("type=SYSCALL " AT "arch=40000003 syscall=11 " IDS "\n"
              "type=EXECVE " AT "argc=1 a0=\"ls\"",
              {"details.syscall", "execve"}, {"details.arch", "i386"}, {"summary", "Execve: ls"});
    check_summary("type=SYSCALL " AT "arch=c00000b7 syscall=101 uid=0", "nanosleep", "Nanosleep");
}
END_TEST

UNIT_MAIN("audisp_json", envelope, envelope_by_configuration, every_value_is_a_string,
          every_syscall_row, an_open_for_writing_is_a_write, events_that_are_no_syscall,
          defect_details_over_4096_bytes, defect_more_than_128_records,
          defect_split_execve_drops_the_event, defect_argument_skipped_and_later_ones_kept,
          defect_values_stay_hexadecimal, defect_quotes_newlines_and_bad_bytes, defect_keys_repeat,
          defect_apparmor_and_selinux, defect_missing_field_from_the_next_record,
          defect_syscall_names_of_the_local_machine)
