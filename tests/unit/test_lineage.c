/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "event/lineage.h"
#include "event/parse.h"
#include "event_lines.h"
#include "unit.h"

#define X86_64 "arch=c000003e "
#define EXECVE "syscall=59 success=yes exit=0 "
#define CLONE "syscall=56 success=yes "
#define OPENAT "syscall=257 success=yes exit=3 "
#define EXIT_GROUP "syscall=231 "

static struct lineage *memory;
static struct parser *parser;
static struct event_lines lines;
static struct event_lineage got;
static unsigned serial;

/* Learn from one SYSCALL record; what is known of its process as "pid comm exe@serial ...". */
static const char *record(const char *node, const char *fields)
{
    static char text[4096];
    char line[8192];
    const struct event *ev;
    size_t n = 0;

    snprintf(line, sizeof(line), "%s%s%stype=SYSCALL msg=audit(1700000000.001:%u): %s\n",
             node ? "node=" : "", node ? node : "", node ? " " : "", ++serial, fields);
    event_lines_done(&lines);
    event_lines_init(&lines, line, strlen(line));
    ck_assert_uint_eq(lines.n, 1);
    lines.sources[0].lineage = &got;
    ck_assert_int_eq(parse_event(parser, &lines.sources[0], &ev), 0);
    lineage_take(memory, ev, &got);
    ck_assert_ptr_eq(ev->lineage, &got);
    text[0] = '\0';
    for (size_t i = 0; i < got.n; i++) {
        const struct event_process *p = &got.process[i];

        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%u %.*s %.*s@%u", i ? ", " : "",
                              p->pid, (int)p->comm_len, p->comm ? p->comm : "", (int)p->exe_len,
                              p->exe ? p->exe : "", (unsigned)p->start_serial);
    }
    return text;
}

static void setup(size_t processes)
{
    memory = lineage_new(processes);
    parser = parser_new();
    serial = 0;
}

static void teardown(void)
{
    lineage_free(memory);
    parser_free(parser);
    event_lines_done(&lines);
}

#define SH(pid, ppid) "ppid=" #ppid " pid=" #pid " comm=\"sh\" exe=\"/bin/sh\""
#define LS(pid, ppid) "ppid=" #ppid " pid=" #pid " comm=\"ls\" exe=\"/bin/ls\""
#define SSHD(pid, ppid) "ppid=" #ppid " pid=" #pid " comm=\"sshd\" exe=\"/usr/sbin/sshd\""

START_TEST(a_parent_is_known_by_what_it_did)
{
    setup(16);
    ck_assert_str_eq(record(NULL, X86_64 OPENAT SSHD(10, 1)), "10 sshd /usr/sbin/sshd@1");
    ck_assert_str_eq(record(NULL, X86_64 EXECVE SH(20, 10)),
                     "20 sh /bin/sh@2, 10 sshd /usr/sbin/sshd@1");
    ck_assert_str_eq(record(NULL, X86_64 EXECVE LS(30, 20)),
                     "30 ls /bin/ls@3, 20 sh /bin/sh@2, 10 sshd /usr/sbin/sshd@1");
    /* An exec keeps its process, under another name. */
    ck_assert_str_eq(record(NULL, X86_64 EXECVE LS(20, 10)),
                     "20 ls /bin/ls@2, 10 sshd /usr/sbin/sshd@1");
    ck_assert_str_eq(record(NULL, X86_64 OPENAT LS(30, 20)),
                     "30 ls /bin/ls@3, 20 ls /bin/ls@2, 10 sshd /usr/sbin/sshd@1");
    teardown();
}
END_TEST

START_TEST(a_parent_that_nothing_was_heard_of_is_not_named)
{
    setup(16);
    ck_assert_str_eq(record(NULL, X86_64 OPENAT LS(30, 20)), "30 ls /bin/ls@1");
    /* Its clone was seen: still nobody knows what it runs. */
    ck_assert_str_eq(record(NULL, X86_64 CLONE "exit=20 " SSHD(10, 1)), "10 sshd /usr/sbin/sshd@2");
    ck_assert_str_eq(record(NULL, X86_64 OPENAT LS(30, 20)), "30 ls /bin/ls@1");
    teardown();
}
END_TEST

START_TEST(another_node_has_other_processes)
{
    setup(16);
    record("a", X86_64 EXECVE SH(20, 10));
    ck_assert_str_eq(record("b", X86_64 EXECVE LS(30, 20)), "30 ls /bin/ls@2");
    ck_assert_str_eq(record(NULL, X86_64 EXECVE LS(30, 20)), "30 ls /bin/ls@3");
    ck_assert_str_eq(record("a", X86_64 EXECVE LS(30, 20)), "30 ls /bin/ls@4, 20 sh /bin/sh@1");
    teardown();
}
END_TEST

START_TEST(a_clone_gives_a_pid_to_a_new_process)
{
    setup(16);
    record(NULL, X86_64 EXECVE SH(20, 10)); /* an old 20, whose end nobody saw */
    record(NULL, X86_64 CLONE "exit=20 " SSHD(11, 1));
    /* Who is 20 now? */
    ck_assert_str_eq(record(NULL, X86_64 OPENAT LS(30, 20)), "30 ls /bin/ls@3");
    /* The sshd's child; it began with the clone. */
    ck_assert_str_eq(record(NULL, X86_64 OPENAT SSHD(20, 11)),
                     "20 sshd /usr/sbin/sshd@2, 11 sshd /usr/sbin/sshd@2");
    ck_assert_str_eq(record(NULL, X86_64 OPENAT LS(30, 20)),
                     "30 ls /bin/ls@3, 20 sshd /usr/sbin/sshd@2, 11 sshd /usr/sbin/sshd@2");
    teardown();
}
END_TEST

/* In a pid namespace a clone returns the number that counts there. */
START_TEST(a_clone_in_a_namespace_takes_nobodys_place)
{
    setup(16);
    record(NULL, X86_64 EXECVE SH(20, 10));
    record(NULL, X86_64 CLONE "exit=20 " SSHD(11, 1));
    ck_assert_str_eq(record(NULL, X86_64 OPENAT SH(20, 10)), "20 sh /bin/sh@1");
    ck_assert_str_eq(record(NULL, X86_64 OPENAT LS(30, 20)), "30 ls /bin/ls@4, 20 sh /bin/sh@1");
    teardown();
}
END_TEST

START_TEST(a_clone_that_failed_made_nobody)
{
    setup(16);
    record(NULL, X86_64 EXECVE SH(20, 10));
    record(NULL, X86_64 "syscall=56 success=no exit=20 " SSHD(11, 1));
    record(NULL, X86_64 "syscall=56 success=yes exit=0 " SSHD(11, 1));
    ck_assert_str_eq(record(NULL, X86_64 OPENAT LS(30, 20)), "30 ls /bin/ls@4, 20 sh /bin/sh@1");
    teardown();
}
END_TEST

START_TEST(who_has_gone_is_nobodys_parent)
{
    setup(16);
    record(NULL, X86_64 EXECVE SH(20, 10));
    ck_assert_str_eq(record(NULL, X86_64 EXIT_GROUP SH(20, 10)), "20 sh /bin/sh@1");
    ck_assert_str_eq(record(NULL, X86_64 OPENAT LS(30, 20)), "30 ls /bin/ls@3");
    ck_assert_str_eq(record(NULL, X86_64 OPENAT LS(20, 9)), "20 ls /bin/ls@4");
    teardown();
}
END_TEST

START_TEST(another_program_of_another_parent_is_another_process)
{
    setup(16);
    record(NULL, X86_64 EXECVE SH(20, 10));
    ck_assert_str_eq(record(NULL, X86_64 OPENAT LS(20, 9)), "20 ls /bin/ls@2");
    /* An orphan keeps its start. */
    ck_assert_str_eq(record(NULL, X86_64 OPENAT LS(20, 1)), "20 ls /bin/ls@2");
    teardown();
}
END_TEST

START_TEST(the_calls_numbers_are_those_of_the_arch)
{
    setup(16);
    /* 120 is clone on i386, 252 exit_group; on x86_64 they are others. */
    record(NULL, "arch=40000003 syscall=120 success=yes exit=20 " SSHD(10, 1));
    ck_assert_str_eq(record(NULL, "arch=40000003 syscall=5 success=yes exit=3 " SSHD(20, 10)),
                     "20 sshd /usr/sbin/sshd@1, 10 sshd /usr/sbin/sshd@1");
    record(NULL, X86_64 "syscall=252 success=yes exit=0 " SSHD(10, 1));
    ck_assert_str_eq(record(NULL, "arch=40000003 syscall=252 " SSHD(20, 10)),
                     "20 sshd /usr/sbin/sshd@1, 10 sshd /usr/sbin/sshd@1");
    ck_assert_str_eq(record(NULL, X86_64 OPENAT LS(30, 20)), "30 ls /bin/ls@5");
    teardown();
}
END_TEST

START_TEST(the_one_that_was_silent_longest_makes_room)
{
    setup(3);
    record(NULL, X86_64 EXECVE SH(20, 10));
    record(NULL, X86_64 EXECVE SH(21, 10));
    record(NULL, X86_64 EXECVE SH(22, 10));
    record(NULL, X86_64 OPENAT SH(20, 10));
    record(NULL, X86_64 EXECVE LS(30, 20)); /* for 21 */
    ck_assert_str_eq(record(NULL, X86_64 OPENAT LS(30, 20)), "30 ls /bin/ls@5, 20 sh /bin/sh@1");
    ck_assert_str_eq(record(NULL, X86_64 OPENAT LS(30, 21)), "30 ls /bin/ls@5");
    teardown();
}
END_TEST

/* Any number of processes and clones in a memory of any size. */
START_TEST(the_memory_stays_whole)
{
    static const size_t sizes[] = {0, 1, 2, 7, 64};
    char fields[256];
    unsigned x = 12345;

    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        setup(sizes[s]);
        ck_assert_uint_eq(lineage_size(memory), sizes[s]);
        for (int i = 0; i < 3000; i++) {
            unsigned pid, ppid;

            x = x * 1103515245u + 12345u;
            pid = (x >> 8) % 97 + 1;
            ppid = (x >> 18) % 97 + 1;
            snprintf(fields, sizeof(fields),
                     X86_64
                     "syscall=%d success=yes exit=%u ppid=%u pid=%u comm=\"c%u\" exe=\"/%u\"",
                     (x >> 4) % 3 == 0   ? 56
                     : (x >> 4) % 7 == 1 ? 231
                                         : 257,
                     (x >> 12) % 97, ppid, pid, pid, pid);
            record((x >> 24) % 2 ? "n" : NULL, fields);
            ck_assert_uint_eq(got.n > 0, sizes[s] > 0);
            for (size_t k = 0; k < got.n; k++) {
                char comm[32];

                /* Everybody is always called after his pid here. */
                snprintf(comm, sizeof(comm), "c%u", got.process[k].pid);
                ck_assert_uint_eq(got.process[k].comm_len, strlen(comm));
                ck_assert_mem_eq(got.process[k].comm, comm, strlen(comm));
            }
        }
        teardown();
    }
}
END_TEST

START_TEST(what_is_too_long_or_odd_is_not_remembered)
{
    char fields[4096], path[LINEAGE_EXE_MAX + 2];

    setup(16);
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    snprintf(fields, sizeof(fields), X86_64 OPENAT "ppid=1 pid=20 comm=\"%.40s\" exe=\"%s\"", path,
             path);
    ck_assert_str_eq(record(NULL, fields), "20  @1");
    ck_assert_str_eq(record(NULL, X86_64 OPENAT "ppid=1 pid=-1 comm=\"a\""), "");
    ck_assert_str_eq(record(NULL, X86_64 OPENAT "ppid=1 pid=99999999999 comm=\"a\""), "");
    ck_assert_str_eq(record(NULL, X86_64 OPENAT "comm=\"a\""), "");
    ck_assert_str_eq(record(NULL, X86_64 OPENAT "ppid=7 pid=7 comm=\"a\""), "7 a @5");
    teardown();
}
END_TEST

UNIT_MAIN("lineage", a_parent_is_known_by_what_it_did,
          a_parent_that_nothing_was_heard_of_is_not_named, another_node_has_other_processes,
          a_clone_gives_a_pid_to_a_new_process, a_clone_in_a_namespace_takes_nobodys_place,
          a_clone_that_failed_made_nobody, who_has_gone_is_nobodys_parent,
          another_program_of_another_parent_is_another_process,
          the_calls_numbers_are_those_of_the_arch, the_one_that_was_silent_longest_makes_room,
          the_memory_stays_whole, what_is_too_long_or_odd_is_not_remembered)
