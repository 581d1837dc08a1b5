/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock: which files may be opened and to which TCP ports may be connected, from now on, by this
 * process and its children [landlock(7)]. By system call: the C library has no wrappers, and the
 * headers of Debian 12 end at version 2. Knows no paths of its own. */
#ifndef OMAUDITJSON_BASE_LANDLOCK_H
#define OMAUDITJSON_BASE_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum landlock_access {
    LANDLOCK_READ,    /* the file, or all files and folders below */
    LANDLOCK_WRITE,   /* and write into what is there (/dev/null) */
    LANDLOCK_APPEND,  /* and make files (a log) */
    LANDLOCK_REPLACE, /* and remove them, and make and remove folders (the state) */
};

struct landlock {
    int fd;
    int abi;
};

/* The kernel's version of the interface; 0: none, or switched off. */
int landlock_abi(void);

/* A rule set of that version: all that it knows is forbidden. 0 or -errno. */
int landlock_begin(struct landlock *l, int abi);
/* Allow access to what the path leads to now. 0 or -errno; -ENOENT: nothing is there. */
int landlock_path(struct landlock *l, const char *path, enum landlock_access access);
/* Allow connections to the port, where the version knows ports. 0 or -errno. */
int landlock_port(struct landlock *l, uint16_t port);
/* Put it in force (after privileges_no_new()) and forget the rule set. 0 or -errno. */
int landlock_enforce(struct landlock *l);
/* Forget the rule set. */
void landlock_drop(struct landlock *l);

/* Does the version know TCP ports? */
bool landlock_knows_ports(int abi);

/* What goes to the kernel, for the tests: what is handled in a version, its size there, and the
 * rights of a rule. */
struct landlock_handled {
    uint64_t files, ports, scopes;
};
size_t landlock_handled(int abi, struct landlock_handled *ret);
uint64_t landlock_rights(int abi, enum landlock_access access, bool folder);

#endif
