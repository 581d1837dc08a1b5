/* SPDX-License-Identifier: Apache-2.0 */
/* Defects of audisp-json 2.2.10 that are absent here, by their names; each test fails on what that
 * program does. The others are in test_audisp_json.c (defect_*), and those of its delivery in
 * test_deliver_retry.c (defect_*). */
#include "config.h"

#include <libaudit.h>

#include "audisp_doc.h"

/* It sent {"category":"(null)","summary":"(null): (null)"} for every read. */
START_TEST(defect_read_has_no_category)
{
    static const int reads[] = {0, 2, 17, 19, 40, 257, 295}; /* read open pread64 ... */

    for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
        char text[512];
        struct json_object *o;

        snprintf(text, sizeof(text),
                 "type=SYSCALL " AT "arch=c000003e syscall=%d a1=0 a2=0 " IDS "\n"
                 "type=PATH " AT "item=0 name=\"/etc/hosts\" nametype=NORMAL",
                 reads[i]);
        o = document(text);
        is(o, "category", "read");
        is(o, "summary", "Read: /etc/hosts");
        json_object_put(o);
    }
}
END_TEST

/* It made the document and threw it away. */
START_TEST(defect_promiscuous_is_never_sent)
{
    CHECK_DOC("type=ANOM_PROMISCUOUS " AT "dev=eth0 prom=256 old_prom=0 "
              "auid=1000 uid=0 gid=0 ses=3",
              {"category", "promiscuous"},
              {"summary", "Promisc: Interface eth0 set promiscuous on"}, {"details.dev", "eth0"},
              {"details.promiscious", "256"}, {"details.old_promicious", "0"},
              {"details.originaluser", "alice"}, {"details.user", "root"});
    CHECK_DOC("type=ANOM_PROMISCUOUS " AT "dev=eth0 prom=0 old_prom=256 uid=0",
              {"summary", "Promisc: Interface eth0 set promiscuous off"});
}
END_TEST

/* It sent none of them, and no SELinux denial with a SYSCALL either: the whole event went. */
START_TEST(defect_access_denials_are_never_sent)
{
    CHECK_DOC("type=AVC " AT "apparmor=\"DENIED\" operation=\"open\" "
              "profile=\"p\" name=\"/n\" pid=1 comm=\"x\"",
              {"category", "apparmor"}, {"summary", "AppArmor: open /n"},
              {"details.processname", "x"});
    CHECK_DOC("type=AVC " AT "avc:  denied  { read } for  pid=1 comm=\"x\" tclass=file",
              {"category", "avc"}, {"details.seresult", "denied"});
}
END_TEST

/* It put what it found last in front. */
START_TEST(defect_newest_first)
{
    static const char *const order[] = {"\"auditserial\"", "\"processname\":\"sh\"",
                                        "\"auditkey\"",    "\"originaluser\"",
                                        "\"uid\"",         "\"tty\"",
                                        "\"process\"",     "\"pid\"",
                                        "\"ppid\"",        "\"session\"",
                                        "\"command\"",     "\"cwd\"",
                                        "\"path\"",        "\"syscall\"",
                                        "\"argv\"",        "\"paths\"",
                                        "\"records\"",     "\"complete\""};
    const char *p;

    json_object_put(document("type=PATH " AT "item=0 name=\"/one\" nametype=NORMAL\n"
                             "type=PATH " AT "item=1 name=\"/two\" nametype=NORMAL\n"
                             "type=CWD " AT "cwd=\"/\"\n"
                             "type=EXECVE " AT "argc=2 a0=\"a\" a1=\"b\"\n"
                             "type=SYSCALL " AT "arch=c000003e syscall=59 " IDS));
    p = buf_cstr(&doc);
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        p = strstr(p, order[i]);
        ck_assert_msg(p != NULL, "%s is not where it should be", order[i]);
    }
    p = buf_cstr(&doc);
    ck_assert_ptr_nonnull(strstr(p, "\"path\":\"/one\""));
    ck_assert(strstr(p, "\"name\":\"/one\"") < strstr(p, "\"name\":\"/two\""));
    ck_assert_ptr_nonnull(strstr(p, "\"argv\":[\"a\",\"b\"]"));
}
END_TEST

/* It asked this machine's tables: the same number is another call elsewhere. */
START_TEST(defect_syscalls_of_another_machine)
{
    static const struct {
        const char *arch, *category;
        int number;
    } calls[] = {{"c000003e", "execve", 59},  {"40000003", "execve", 11},
                 {"c00000b7", "execve", 221}, {"c0000015", "execve", 11},
                 {"80000016", "execve", 11},  {"c000003e", "munmap", 11}};

    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        char text[256];
        struct json_object *o;

        snprintf(text, sizeof(text), "type=SYSCALL " AT "arch=%s syscall=%d uid=0", calls[i].arch,
                 calls[i].number);
        o = document(text);
        is(o, "category", calls[i].category);
        json_object_put(o);
    }
}
END_TEST

UNIT_MAIN("defects", defect_read_has_no_category, defect_promiscuous_is_never_sent,
          defect_access_denials_are_never_sent, defect_newest_first,
          defect_syscalls_of_another_machine)
