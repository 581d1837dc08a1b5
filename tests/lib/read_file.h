/* SPDX-License-Identifier: Apache-2.0 */
/* For test programs: a whole file, or the end of the program with a message. */
#ifndef TESTS_LIB_READ_FILE_H
#define TESTS_LIB_READ_FILE_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* Append the file to b. */
static inline void read_file(const char *path, struct buf *b)
{
    FILE *f = fopen(path, "rbe");
    char part[65536];
    size_t n;

    if (!f) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(99);
    }
    while ((n = fread(part, 1, sizeof(part), f)) > 0)
        buf_append(b, part, n);
    fclose(f);
}

#endif
