/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <libaudit.h>
#include <string.h>

#include "format/sockaddr.h"
#include "format/syscalls.h"
#include "unit.h"

START_TEST(names_by_the_records_own_arch)
{
    struct syscalls *s = syscalls_new();

    for (int i = 0; i < 2; i++) { /* asked and remembered */
        ck_assert_str_eq(syscalls_find(s, 0xc000003e, 59).name, "execve");
        ck_assert_str_eq(syscalls_find(s, 0x40000003, 11).name, "execve");
        ck_assert_str_eq(syscalls_find(s, 0x40000003, 59).name, "oldolduname");
        ck_assert_str_eq(syscalls_find(s, 0xc00000b7, 221).name, "execve");
        /* younger than the library */
        ck_assert_str_eq(syscalls_find(s, 0xc000003e, 452).name, "fchmodat2");
        ck_assert_str_eq(syscalls_find(s, 0xc000003e, 452).row->category, "chmod");
        ck_assert_str_eq(syscalls_find(s, 0xc00000b7, 463).name, "setxattrat");
        ck_assert_str_eq(syscalls_find(s, 0x40000003, 469).name, "file_setattr");
        ck_assert_ptr_null(syscalls_find(s, 0xc0009026, 452).name); /* Alpha has other numbers */
        ck_assert_ptr_null(syscalls_find(s, 0xc000003e, 1000).name);
        ck_assert_ptr_null(syscalls_find(s, 0xc000003e, UINT64_MAX).name);
        ck_assert_ptr_null(syscalls_find(s, 0xdeadbeef, 59).name);
        ck_assert_ptr_null(syscalls_find(s, UINT64_MAX, 59).name);
        ck_assert_ptr_null(syscalls_find(s, 0, 59).name);
    }
    ck_assert_str_eq(syscalls_arch_name(0xc000003e), "x86_64");
    ck_assert_ptr_null(syscalls_arch_name(0xdeadbeef));
    ck_assert(!syscalls_big_endian(0xc000003e));
    ck_assert(syscalls_big_endian(0x80000016));
    syscalls_free(s);
    syscalls_free(NULL);
}
END_TEST

/* A row that libaudit has no syscall for would be a slip of the pen: newer ones are listed here. */
START_TEST(every_row_is_a_syscall)
{
    static const struct {
        const char *name;
        bool newer;
    } rows[] = {
#define SYSCALL(name, category, summary, object, scope) {#name, false},
#include "format/syscalls.def"
#undef SYSCALL
    };
    static const char *const not_here[] = {"pwrite",         "pread",         "fchmodat2",
                                           "setxattrat",     "removexattrat", "clock_adjtime64",
                                           "clock_settime64"};
    static const unsigned machines[] = {MACH_X86, MACH_86_64};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct syscall_row *row = syscalls_row(rows[i].name, strlen(rows[i].name));
        bool found = false;

        ck_assert_ptr_nonnull(row);
        ck_assert_str_eq(row->name, rows[i].name);
        for (size_t k = 0; k < sizeof(machines) / sizeof(machines[0]); k++)
            found = found || audit_name_to_syscall(rows[i].name, (int)machines[k]) >= 0;
        for (size_t k = 0; k < sizeof(not_here) / sizeof(not_here[0]); k++)
            found = found || strcmp(rows[i].name, not_here[k]) == 0;
        ck_assert_msg(found, "%s", rows[i].name);
    }
    ck_assert_ptr_null(syscalls_row("readlink", 8));
    ck_assert_ptr_null(syscalls_row("writ", 4));
    ck_assert_ptr_null(syscalls_row("", 0));
}
END_TEST

static struct sockaddr_text t;

static bool decode(const char *hex, bool big)
{
    return sockaddr_decode(hex, strlen(hex), big, &t);
}

START_TEST(addresses)
{
    ck_assert(decode("02000050C00002070000000000000000", false));
    ck_assert_str_eq(t.family, "inet");
    ck_assert_str_eq(t.address, "192.0.2.7");
    ck_assert_str_eq(t.port, "80");
    ck_assert(decode("00020050C0000207", true));
    ck_assert_str_eq(t.address, "192.0.2.7");
    ck_assert(decode("0A0001BB0000000020010DB800000000000000000000000100000000", false));
    ck_assert_str_eq(t.family, "inet6");
    ck_assert_str_eq(t.address, "2001:db8::1");
    ck_assert_str_eq(t.port, "443");
    ck_assert(decode("100000000000000000000000", false));
    ck_assert_str_eq(t.family, "netlink");
    ck_assert(t.whole);
    ck_assert_str_eq(t.pid, "0");
    ck_assert(decode("100000000102000000000000", false));
    ck_assert_str_eq(t.pid, "513");
    ck_assert(decode("0010000000000201", true));
    ck_assert_str_eq(t.pid, "513");
    ck_assert(decode("28000000901F000003000000", false));
    ck_assert_str_eq(t.family, "vsock");
    ck_assert_str_eq(t.port, "8080");
    ck_assert_str_eq(t.cid, "3");
    ck_assert(decode("0A0001BB00000000FE80000000000000000000000000000102000000", false));
    ck_assert_str_eq(t.address, "fe80::1");
    ck_assert_str_eq(t.scope, "2");
    ck_assert(decode("FFFF", false));
    ck_assert_str_eq(t.family, "65535");
}
END_TEST

START_TEST(unix_paths_end_where_they_should)
{
    ck_assert(decode("01002F61006262620000", false)); /* what lies behind the NUL is rubbish */
    ck_assert_str_eq(t.family, "local");
    ck_assert_uint_eq(t.path_len, 2);
    ck_assert_mem_eq(t.path, "/a", 2);
    ck_assert(decode("01002F61", false)); /* no NUL at all */
    ck_assert_uint_eq(t.path_len, 2);
    ck_assert(decode("010000616200630000", false)); /* abstract: NUL first, NULs within */
    ck_assert_uint_eq(t.path_len, 5);
    ck_assert_mem_eq(t.path, "@ab\0c", 5);
    ck_assert(decode("0100", false)); /* unnamed */
    ck_assert_ptr_null(t.path);
    ck_assert(decode("010000000000", false));
    ck_assert_ptr_null(t.path);
}
END_TEST

/* Calls that share a number, and machines that libaudit does not know. */
START_TEST(calls_by_their_argument_and_generic_machines)
{
    struct syscalls *s = syscalls_new();

    ck_assert_str_eq(syscalls_call("socketcall", 10, 3), "connect");
    ck_assert_str_eq(syscalls_call("socketcall", 10, 20), "sendmmsg");
    ck_assert_ptr_null(syscalls_call("socketcall", 10, 0));
    ck_assert_ptr_null(syscalls_call("socketcall", 10, 21));
    ck_assert_str_eq(syscalls_call("ipc", 3, 0x10015), "shmat");
    ck_assert_ptr_null(syscalls_call("ipc", 3, 5));
    ck_assert_ptr_null(syscalls_call("connect", 7, 3));
    ck_assert_str_eq(syscalls_find(s, 0xc00000f3u, 203).name, "connect");
    ck_assert_str_eq(syscalls_find(s, 0xc0000102u, 221).name, "execve");
    ck_assert_str_eq(syscalls_arch_name(0xc00000f3u), "riscv64");
    ck_assert_str_eq(syscalls_find(s, 0xc000003eu, 0x40000000u + 42).name, "connect");
    ck_assert_str_eq(syscalls_find(s, 0xc000003eu, 0x40000000u + 520).name, "execve");
    ck_assert_str_eq(syscalls_find(s, 0xc000003eu, 0x40000000u + 545).name, "execveat");
    ck_assert_str_eq(syscalls_find(s, 0xc000003eu, 0x40000000u + 523).name, "rt_sigtimedwait");
    ck_assert_str_eq(syscalls_find(s, 0xc000003eu, 0x40000000u + 547).name, "pwritev2");
    ck_assert_ptr_null(syscalls_find(s, 0xc000003eu, 0x40000000u + 600).name);
    syscalls_free(s);
}
END_TEST

/* Short, long, odd: nothing is read beyond it (the sanitizers watch). */
START_TEST(hostile_addresses)
{
    char hex[2 * SOCKADDR_BYTES + 5];
    static const char *const families[] = {"0000", "0100", "0200", "0300", "0A00", "1000", "1100"};

    for (size_t f = 0; f < sizeof(families) / sizeof(families[0]); f++) {
        for (size_t n = 0; n < sizeof(hex) - 1; n++) {
            char *exact = malloc(n + 1);

            memset(hex, 'A', sizeof(hex));
            memcpy(hex, families[f], 4);
            memcpy(exact, hex, n);
            ck_assert_int_eq(sockaddr_decode(exact, n, false, &t),
                             n % 2 == 0 && n >= 4 && n <= 2 * SOCKADDR_BYTES);
            free(exact);
        }
    }
    ck_assert(!decode("02000z50C0000207", false));
    ck_assert(decode("02000050C00002", false)); /* too short for an address */
    ck_assert_str_eq(t.family, "inet");
    ck_assert_str_eq(t.address, "");
    ck_assert(!t.whole);
}
END_TEST

UNIT_MAIN("syscalls", names_by_the_records_own_arch, every_row_is_a_syscall, addresses,
          unix_paths_end_where_they_should, hostile_addresses,
          calls_by_their_argument_and_generic_machines)
