/* SPDX-License-Identifier: Apache-2.0 */
/* Files that could not be read are kept beside the others, as NAME.bad, for somebody to look at:
 * but only so many of them and so many bytes, else damage could fill the disk. What was set aside
 * first goes first; the last one stays whatever its size. Touches no name that its caller does not
 * call its own. Never logs: whoever has it done is told of each file that goes. */
#ifndef OMAUDITJSON_BASE_ASIDE_H
#define OMAUDITJSON_BASE_ASIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ASIDE_FILES 16

struct aside {
    int dir_fd;
    bool (*ours)(const char *name, size_t len); /* is NAME (of NAME.bad) one of the caller's? */
    uint64_t bytes;                             /* on the disk, of all of them */
    /* A file has gone; error < 0: it should have, but -errno. NULL: nobody wants to know. */
    void (*dropped)(void *ctx, const char *name, uint64_t bytes, int error);
    void *ctx;
};

/* Rename a file to NAME.bad, or NAME.bad.N where there is one. 0 or -errno. */
int aside_put(int dir_fd, const char *name);

/* Remove the oldest ones until at most ASIDE_FILES and a->bytes are left. */
void aside_bound(const struct aside *a);

#endif
