/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/syscalls.h"

#include <libaudit.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "event/event.h"

#define MACHINES 32 /* more than libaudit's MACH_ numbers */
#define FIRST_YOUNGER 451
#define NUMBERS 1024 /* numbers that are remembered; those beyond (ARM's private ones) are rare */

static const struct syscall_row rows[] = {
#define SYSCALL(name, category, summary, object, scope) \
    {#name, category, summary, SYSCALL_##object, SYSCALL_##scope},
#include "format/syscalls.def"
#undef SYSCALL
};

struct known {
    bool asked;
    struct syscall_entry entry;
};

struct syscalls {
    struct known *machine[MACHINES];
    uint64_t last_arch; /* nearly all records have the same */
    int last_machine;
    char arch_text[16]; /* the field's text that was last read */
    size_t arch_len;    /* 0: none */
    struct syscalls_arch arch;
};

struct syscalls *syscalls_new(void)
{
    struct syscalls *s = mem_calloc(1, sizeof(*s));

    s->last_machine = -1;
    return s;
}

void syscalls_free(struct syscalls *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < MACHINES; i++)
        free(s->machine[i]);
    free(s);
}

const struct syscall_row *syscalls_row(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strlen(rows[i].name) == len && memcmp(rows[i].name, name, len) == 0)
            return &rows[i];
    }
    return NULL;
}

/* Younger than libaudit 3.0; since Linux 5.1 a new one has the same number on all machines but
 * Alpha and Itanium [linux, scripts/syscall.tbl]. */
static const char *younger_name(int machine, uint64_t number)
{
    static const char *const names[] = {
        "cachestat",         "fchmodat2",         "map_shadow_stack", "futex_wake",
        "futex_wait",        "futex_requeue",     "statmount",        "listmount",
        "lsm_get_self_attr", "lsm_set_self_attr", "lsm_list_modules", "mseal",
        "setxattrat",        "getxattrat",        "listxattrat",      "removexattrat",
        "open_tree_attr",    "file_getattr",      "file_setattr",
    };

    if (machine == MACH_ALPHA || machine == MACH_IA64 || number < FIRST_YOUNGER ||
        number - FIRST_YOUNGER >= sizeof(names) / sizeof(names[0]))
        return NULL;
    return names[number - FIRST_YOUNGER];
}

/* x32 is x86_64 with a bit set; some of its calls have a number of their own
 * [linux, arch/x86/entry/syscalls/syscall_64.tbl]. */
#define X32_BIT 0x40000000u
#define X32_FIRST 512

static uint64_t x32_number(uint64_t number)
{
    static const short own[] = {
        13,  15,  16,  19,  20,  45,  46,  47,  59,  101, 127, 128, 129, 131, 222, 244, 246, 247,
        273, 274, 278, 279, 295, 296, 297, 299, 307, 310, 311, 54,  55,  206, 209, 322, 327, 328,
    };

    number &= ~(uint64_t)X32_BIT;
    if (number < X32_FIRST)
        return number;
    return number - X32_FIRST < sizeof(own) / sizeof(own[0]) ? (uint64_t)own[number - X32_FIRST]
                                                             : INT_MAX;
}

static struct syscall_entry ask(int machine, uint64_t number)
{
    struct syscall_entry e = {0};

    if (machine == MACH_86_64 && number & X32_BIT)
        number = x32_number(number);

    if (number > INT_MAX)
        return e;
    e.name = audit_syscall_to_name((int)number, machine);
    if (!e.name)
        e.name = younger_name(machine, number);
    if (e.name)
        e.row = syscalls_row(e.name, strlen(e.name));
    return e;
}

/* The newer machines, which libaudit 3.0 does not know, have the kernel's generic numbers, and so
 * has aarch64 [linux, include/uapi/asm-generic/unistd.h]. */
static const struct {
    unsigned arch;
    const char *name;
} generic[] = {
    {0xc00000f3u, "riscv64"},
    {0x400000f3u, "riscv32"},
    {0xc0000102u, "loongarch64"},
    {0xc00000fcu, "csky"},
};

static const char *generic_name(uint64_t arch)
{
    for (size_t i = 0; i < sizeof(generic) / sizeof(generic[0]); i++) {
        if (generic[i].arch == arch)
            return generic[i].name;
    }
    return NULL;
}

static int machine_of(uint64_t arch)
{
    int machine = arch > UINT_MAX ? -1 : audit_elf_to_machine((unsigned)arch);

    return machine < 0 && generic_name(arch) ? MACH_AARCH64 : machine;
}

struct syscall_entry syscalls_find(struct syscalls *s, uint64_t arch, uint64_t number)
{
    struct known *k;

    if (arch != s->last_arch || s->last_machine < 0) {
        s->last_machine = machine_of(arch);
        s->last_arch = arch;
    }
    if (s->last_machine < 0)
        return (struct syscall_entry){0};
    if (s->last_machine >= MACHINES || number >= NUMBERS)
        return ask(s->last_machine, number);
    if (!s->machine[s->last_machine])
        s->machine[s->last_machine] = mem_calloc(NUMBERS, sizeof(struct known));
    k = &s->machine[s->last_machine][number];
    if (!k->asked) {
        k->entry = ask(s->last_machine, number);
        k->asked = true;
    }
    return k->entry;
}

const char *syscalls_call(const char *name, size_t len, uint64_t call)
{
    /* [linux, include/uapi/linux/net.h; include/uapi/linux/ipc.h] */
    static const char *const socket[] = {
        NULL,          "socket",     "bind",    "connect", "listen",  "accept",   "getsockname",
        "getpeername", "socketpair", "send",    "recv",    "sendto",  "recvfrom", "shutdown",
        "setsockopt",  "getsockopt", "sendmsg", "recvmsg", "accept4", "recvmmsg", "sendmmsg",
    };
    static const char *const ipc[] = {
        NULL, "semop", "semget", "semctl", "semtimedop", NULL,     NULL,     NULL, NULL,
        NULL, NULL,    "msgsnd", "msgrcv", "msgget",     "msgctl", NULL,     NULL, NULL,
        NULL, NULL,    NULL,     "shmat",  "shmdt",      "shmget", "shmctl",
    };

    if (len == 10 && memcmp(name, "socketcall", len) == 0)
        return call < sizeof(socket) / sizeof(socket[0]) ? socket[call] : NULL;
    if (len == 3 && memcmp(name, "ipc", len) == 0) {
        call &= 0xffff; /* above it is a version */
        return call < sizeof(ipc) / sizeof(ipc[0]) ? ipc[call] : NULL;
    }
    return NULL;
}

bool syscalls_arch(struct syscalls *s, const struct event_field *f, struct syscalls_arch *ret)
{
    if (!f)
        return false;
    if (s->arch_len == 0 || s->arch_len != f->value_len ||
        memcmp(s->arch_text, f->value, f->value_len) != 0) {
        if (!event_field_number(f, 16, &ret->number))
            return false;
        ret->name = syscalls_arch_name(ret->number);
        if (f->value_len <= sizeof(s->arch_text)) {
            memcpy(s->arch_text, f->value, f->value_len);
            s->arch_len = f->value_len;
            s->arch = *ret;
        }
        return true;
    }
    *ret = s->arch;
    return true;
}

const char *syscalls_arch_name(uint64_t arch)
{
    int machine = machine_of(arch);

    if (generic_name(arch))
        return generic_name(arch);
    if (machine < 0)
        return NULL;
    /* libaudit has several names for that machine and gives the one of big-endian ones */
    return arch == AUDIT_ARCH_ARM ? "arm" : audit_machine_to_name(machine);
}

bool syscalls_big_endian(uint64_t arch)
{
    return !(arch & __AUDIT_ARCH_LE);
}
