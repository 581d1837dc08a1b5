/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "base/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The numbers are the same on every architecture. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

enum { GET_VERSION = 1, RULE_PATH = 1, RULE_PORT = 2 };

#define EXECUTE (UINT64_C(1) << 0)
#define WRITE_FILE (UINT64_C(1) << 1)
#define READ_FILE (UINT64_C(1) << 2)
#define READ_DIR (UINT64_C(1) << 3)
#define REMOVE_DIR (UINT64_C(1) << 4)
#define REMOVE_FILE (UINT64_C(1) << 5)
#define MAKE_DIR (UINT64_C(1) << 7)
#define MAKE_REG (UINT64_C(1) << 8)
#define ALL_V1 ((UINT64_C(1) << 13) - 1)
#define REFER (UINT64_C(1) << 13)     /* 2: into another folder */
#define TRUNCATE (UINT64_C(1) << 14)  /* 3 */
#define IOCTL_DEV (UINT64_C(1) << 15) /* 5 */
#define BIND_TCP (UINT64_C(1) << 0)   /* 4 */
#define CONNECT_TCP (UINT64_C(1) << 1)
#define SCOPE_ABSTRACT_UNIX (UINT64_C(1) << 0) /* 6: sockets of processes outside */
#define SCOPE_SIGNAL (UINT64_C(1) << 1)        /* signals to processes outside */

#define OF_FILES (EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV)

struct path_rule {
    uint64_t allowed;
    int32_t fd;
} __attribute__((packed));

struct port_rule {
    uint64_t allowed, port;
};

int landlock_abi(void)
{
    long r = syscall(SYS_landlock_create_ruleset, NULL, 0, GET_VERSION);

    return r < 0 ? 0 : (int)r;
}

bool landlock_knows_ports(int abi)
{
    return abi >= 4;
}

size_t landlock_handled(int abi, struct landlock_handled *ret)
{
    *ret = (struct landlock_handled){.files = ALL_V1};
    if (abi >= 2)
        ret->files |= REFER;
    if (abi >= 3)
        ret->files |= TRUNCATE;
    if (abi >= 5)
        ret->files |= IOCTL_DEV;
    if (landlock_knows_ports(abi))
        ret->ports = BIND_TCP | CONNECT_TCP;
    if (abi >= 6)
        ret->scopes = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
    /* An older kernel refuses a longer structure unless its rest is zero. */
    return abi >= 6                    ? sizeof(*ret)
           : landlock_knows_ports(abi) ? offsetof(struct landlock_handled, scopes)
                                       : offsetof(struct landlock_handled, ports);
}

uint64_t landlock_rights(int abi, enum landlock_access access, bool folder)
{
    uint64_t rights = READ_FILE | READ_DIR;
    struct landlock_handled handled;

    if (access >= LANDLOCK_WRITE)
        rights |= WRITE_FILE | TRUNCATE;
    if (access >= LANDLOCK_APPEND)
        rights |= MAKE_REG;
    if (access >= LANDLOCK_REPLACE)
        rights |= REMOVE_FILE | REMOVE_DIR | MAKE_DIR;
    (void)landlock_handled(abi, &handled);
    return rights & handled.files & (folder ? UINT64_MAX : OF_FILES);
}

int landlock_begin(struct landlock *l, int abi)
{
    struct landlock_handled handled;
    size_t size = landlock_handled(abi, &handled);
    long fd = syscall(SYS_landlock_create_ruleset, &handled, size, 0);

    *l = (struct landlock){.fd = (int)fd, .abi = abi};
    return fd < 0 ? -errno : 0;
}

int landlock_path(struct landlock *l, const char *path, enum landlock_access access)
{
    struct path_rule rule = {.fd = open(path, O_PATH | O_CLOEXEC)};
    struct stat st;
    int r = 0;

    if (rule.fd < 0)
        return -errno;
    if (fstat(rule.fd, &st) < 0)
        r = -errno;
    rule.allowed = landlock_rights(l->abi, access, r == 0 && S_ISDIR(st.st_mode));
    if (r == 0 && syscall(SYS_landlock_add_rule, l->fd, RULE_PATH, &rule, 0) < 0)
        r = -errno;
    close(rule.fd);
    return r;
}

int landlock_port(struct landlock *l, uint16_t port)
{
    const struct port_rule rule = {.allowed = CONNECT_TCP, .port = port};

    if (!landlock_knows_ports(l->abi))
        return 0;
    return syscall(SYS_landlock_add_rule, l->fd, RULE_PORT, &rule, 0) < 0 ? -errno : 0;
}

int landlock_enforce(struct landlock *l)
{
    int r = syscall(SYS_landlock_restrict_self, l->fd, 0) < 0 ? -errno : 0;

    landlock_drop(l);
    return r;
}

void landlock_drop(struct landlock *l)
{
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
}
