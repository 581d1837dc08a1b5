/* SPDX-License-Identifier: Apache-2.0 */
/* Damaged files are kept beside the others as NAME.bad for an operator. The program never removes
 * them, because they can hold acknowledged records. The caller counts them and applies
 * back-pressure when there are too many, so that damage cannot fill the disk. Considers only names
 * that the caller accepts as its own. Never logs. */
#ifndef OMAUDITJSON_BASE_ASIDE_H
#define OMAUDITJSON_BASE_ASIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aside {
    int dir_fd;
    bool (*ours)(const char *name, size_t len); /* is NAME (of NAME.bad) one of the caller's? */
    size_t files;                               /* filled by aside_count(): so many, */
    uint64_t bytes;                             /* which take so many on the disk */
};

/* Rename a file to NAME.bad, or NAME.bad.N where there is one. 0 or -errno. */
int aside_put(int dir_fd, const char *name);

/* Is it the name of such a file? Its NAME's length, or 0. */
size_t aside_is_one(const char *name, bool (*ours)(const char *name, size_t len));

void aside_count(struct aside *a);

#endif
