/* SPDX-License-Identifier: Apache-2.0 */
/* What the shim's sources share: shim.c (page, triggers, what is said to rsyslog), shim_calls.c
 * (calls on descriptors), shim_names.c (calls on names, sockets, the clock). Nobody else's. */
#ifndef TESTS_CRASH_SHIM_H
#define TESTS_CRASH_SHIM_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/types.h>

#include "crash.h"

/* The next in line of a function: the C library's. ISO C has no cast for it. */
#define NEXT(name)                            \
    static __typeof__(&name) next_;           \
    if (next_ == NULL) {                      \
        void *sym_ = dlsym(RTLD_NEXT, #name); \
        memcpy(&next_, &sym_, sizeof(next_)); \
    }

enum kind {
    KIND_OTHER,
    KIND_STDIN,
    KIND_WIRE,
    KIND_SOCKET,
    KIND_SEGMENT,
    KIND_SPARE,   /* a segment that holds nothing yet: it need not be synced */
    KIND_JOURNAL, /* the folder */
    KIND_RECENT,
    KIND_DEAD,
    KIND_DEAD_DIR,
    KIND_LOCK
};

extern struct crash_page *shim_page; /* NULL: do nothing */

enum kind shim_kind(int fd);

/* A name in a folder; KIND_OTHER when it is none of ours. */
enum kind shim_kind_at(int dir_fd, const char *name);

/* Have happen what is to happen here. 0; an errno that the call is to fail with; SHIM_SHORT: half
 * of it is to be written; SHIM_TEAR: and then shim_die(). errno is kept. */
#define SHIM_SHORT (-1)
#define SHIM_TEAR (-2)
int shim_hit(enum crash_point point, bool after);

/* The verdict of shim_hit() that the call fails: errno is set, -1 returned. */
ssize_t shim_failed(int verdict);

void shim_die(void);
void shim_violation(const char *text);
void shim_set_dirty(int fd, unsigned dirty); /* see struct crash_file */
void shim_forget_name(int dir_fd, const char *name);
bool shim_any_dirty(unsigned kind);

/* Before a life does anything: what page->damage asks for. former is the pid of the life before. */
void shim_damage(struct crash_page *page, const char *journal, int32_t former, uint32_t life);

/* rsyslog's words; and ours, which are written. */
void shim_heard(const char *data, size_t len);
ssize_t shim_reply(int fd, const void *data, size_t len);

#endif
