/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing at a place of a file, whole. */
#ifndef OMAUDITJSON_JOURNAL_SEGMENT_IO_H
#define OMAUDITJSON_JOURNAL_SEGMENT_IO_H

#include <stddef.h>
#include <sys/types.h>

/* 0 or -errno. */
int segment_write_all(int fd, const void *data, size_t len, off_t offset);

/* Bytes read (short only at the end of the file) or -errno. */
ssize_t segment_read_all(int fd, void *data, size_t len, off_t offset);

/* Zeros there, in blocks that are allocated: an append into them finds no full disk. 0 or -errno.
 */
int segment_zero(int fd, size_t from, size_t to);

#endif
