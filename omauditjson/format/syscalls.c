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

static struct syscall_entry ask(int machine, uint64_t number)
{
    struct syscall_entry e = {0};

    if (number > INT_MAX)
        return e;
    e.name = audit_syscall_to_name((int)number, machine);
    if (!e.name)
        e.name = younger_name(machine, number);
    if (e.name)
        e.row = syscalls_row(e.name, strlen(e.name));
    return e;
}

static int machine_of(uint64_t arch)
{
    return arch > UINT_MAX ? -1 : audit_elf_to_machine((unsigned)arch);
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

    if (machine < 0)
        return NULL;
    /* libaudit has several names for that machine and gives the one of big-endian ones */
    return arch == AUDIT_ARCH_ARM ? "arm" : audit_machine_to_name(machine);
}

bool syscalls_big_endian(uint64_t arch)
{
    return !(arch & __AUDIT_ARCH_LE);
}
