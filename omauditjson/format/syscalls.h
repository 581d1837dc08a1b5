/* SPDX-License-Identifier: Apache-2.0 */
/* A syscall's name by the record's arch and number (libaudit's tables and a few additions), and its
 * row in syscalls.def. Never uses this machine's arch: the record may come from another one. */
#ifndef OMAUDITJSON_FORMAT_SYSCALLS_H
#define OMAUDITJSON_FORMAT_SYSCALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum syscall_object {
    SYSCALL_NONE,
    SYSCALL_PATH,
    SYSCALL_COMMAND,
    SYSCALL_ADDRESS,
    SYSCALL_OPEN_A1,  /* PATH; flags in a1 */
    SYSCALL_OPEN_A2,  /* PATH; flags in a2 */
    SYSCALL_OPEN_HOW, /* PATH; flags where the record does not show them */
};
enum syscall_scope { SYSCALL_AUDISP, SYSCALL_MORE };

struct syscall_row {
    const char *name;
    const char *category;
    const char *summary;
    enum syscall_object object;
    enum syscall_scope scope;
};

struct syscall_entry {
    const char *name;              /* NULL: unknown */
    const struct syscall_row *row; /* NULL: none of its own */
};

struct event_field;
struct syscalls;

struct syscalls *syscalls_new(void);
void syscalls_free(struct syscalls *s);

/* arch as the record has it (c000003e). */
struct syscall_entry syscalls_find(struct syscalls *s, uint64_t arch, uint64_t number);

/* The row of a name, or NULL. */
const struct syscall_row *syscalls_row(const char *name, size_t len);

/* Which call socketcall or ipc is by its first argument; NULL: it is neither, or nobody knows. */
const char *syscalls_call(const char *name, size_t len, uint64_t call);

/* An arch field (c000003e), remembered from record to record; false: it is no number. */
struct syscalls_arch {
    uint64_t number;
    const char *name; /* "x86_64", or NULL; static */
};
bool syscalls_arch(struct syscalls *s, const struct event_field *f, struct syscalls_arch *ret);

/* "x86_64", or NULL. Static. */
const char *syscalls_arch_name(uint64_t arch);

/* Is that arch big-endian? (The kernel's AUDIT_ARCH_ numbers carry it.) */
bool syscalls_big_endian(uint64_t arch);

#endif
