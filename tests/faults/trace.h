/* SPDX-License-Identifier: Apache-2.0 */
/* What shim.so writes down of a program's dealings with its state directory, for power.c: one
 * struct trace_op after another, each followed by its path, its second path and its data. Order is
 * the order of the calls. Only what succeeded is there. */
#ifndef TESTS_FAULTS_TRACE_H
#define TESTS_FAULTS_TRACE_H

#include <stdint.h>

enum trace_kind {
    TRACE_LIFE,     /* a process begins */
    TRACE_CREATE,   /* path, ino: a file was made */
    TRACE_MKDIR,    /* path */
    TRACE_RENAME,   /* path to path2 */
    TRACE_UNLINK,   /* path */
    TRACE_WRITE,    /* ino, off, data */
    TRACE_ZERO,     /* ino, off, len: a range was zeroed by the file system */
    TRACE_SIZE,     /* ino, len: the file has this size now */
    TRACE_SYNC,     /* ino: fsync or fdatasync of a file */
    TRACE_SYNC_DIR, /* path */
    TRACE_REPLY,    /* data: a write to rsyslog */
};

struct trace_op {
    uint32_t kind;
    uint32_t path_len, path2_len;
    uint32_t data_len;
    uint64_t ino;
    int64_t off;
    uint64_t len;
};

#endif
