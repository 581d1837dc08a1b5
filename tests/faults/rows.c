/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "child.h"
#include "faults.h"

#define HALF 0

const struct faults_row faults_table[] = {
    {.call = "malloc", .how = ENOMEM, .times = 1, .stride = 97},
    {.call = "malloc", .how = ENOMEM, .times = 1000000, .stride = 97},
    {.call = "pwritev", .how = EIO, .times = 1},
    {.call = "pwritev", .how = ENOSPC, .times = 3, .stride = 5},
    {.call = "pwritev", .how = EINTR, .times = 2, .stride = 5},
    {.call = "pwritev", .how = HALF, .times = 1, .stride = 5},
    {.call = "pwrite", .how = EIO, .times = 1},
    {.call = "pwrite", .how = ENOSPC, .times = 3, .stride = 5},
    {.call = "pwrite", .how = EINTR, .times = 1, .stride = 5},
    {.call = "pwrite", .how = HALF, .times = 1, .stride = 5},
    {.call = "write", .how = EIO, .times = 1, .lost_wire = true},
    {.call = "write", .how = ENOSPC, .times = 2, .lost_wire = true, .stride = 5},
    {.call = "write", .how = EINTR, .times = 1, .stride = 5},
    {.call = "write", .how = HALF, .times = 1, .stride = 5},
    {.call = "sync", .how = EIO, .times = 1},
    {.call = "sync", .how = ENOSPC, .times = 3, .stride = 5},
    {.call = "sync", .how = EINTR, .times = 1, .stride = 5},
    {.call = "fallocate", .how = ENOSPC, .times = 1},
    {.call = "fallocate", .how = EIO, .times = 3, .stride = 5},
    {.call = "fallocate", .how = EINTR, .times = 1, .stride = 5},
    {.call = "fallocate", .how = EOPNOTSUPP, .times = 1, .stride = 5},
    {.call = "read", .how = EIO, .times = 1},
    {.call = "read", .how = EINTR, .times = 1, .stride = 5},
    {.call = "read", .how = EAGAIN, .times = 1, .stride = 5},
    {.call = "pread", .how = EIO, .times = 1},
    {.call = "pread", .how = EINTR, .times = 1, .stride = 5},
    {.call = "pread", .how = HALF, .times = 1, .stride = 5},
    {.call = "open", .how = EMFILE, .times = 1},
    {.call = "open", .how = EIO, .times = 1, .stride = 5},
    {.call = "open", .how = ENOSPC, .times = 3, .stride = 5},
    {.call = "close", .how = EIO, .times = 1},
    {.call = "fstat", .how = EIO, .times = 1},
    {.call = "access", .how = EIO, .times = 1, .may_be_none = true},
    {.call = "mkdir", .how = ENOSPC, .times = 1},
    {.call = "rename", .how = EIO, .times = 1},
    {.call = "rename", .how = ENOSPC, .times = 1, .stride = 5},
    {.call = "unlink", .how = EIO, .times = 1},
    {.call = "truncate", .how = EIO, .times = 1, .may_be_none = true},
    {.call = "flock", .how = EINTR, .times = 1},
    {.call = "flock", .how = ENOLCK, .times = 1, .stride = 5},
    {.call = "fcntl", .how = EMFILE, .times = 1},
    {.call = "dup", .how = EBUSY, .times = 1},
    {.call = "signalfd", .how = EMFILE, .times = 1},
    {.call = "getrandom", .how = EINTR, .times = 1},
    {.call = "getrandom", .how = ENOSYS, .times = 100, .stride = 5},
    {.call = "poll", .how = EINTR, .times = 1},
    {.call = "poll", .how = ENOMEM, .times = 1, .stride = 5},
    {.call = "socket", .how = EMFILE, .times = 1},
    {.call = "connect", .how = EADDRNOTAVAIL, .times = 1},
    {.call = "connect", .how = ECONNREFUSED, .times = 2, .stride = 5},
    {.call = "send", .how = EPIPE, .times = 1},
    {.call = "send", .how = EAGAIN, .times = 1, .stride = 5},
    {.call = "send", .how = EINTR, .times = 1, .stride = 5},
    {.call = "send", .how = HALF, .times = 1, .stride = 5},
    {.call = "recv", .how = ECONNRESET, .times = 1},
    {.call = "recv", .how = EAGAIN, .times = 1, .stride = 5},
    {.call = "recv", .how = EINTR, .times = 1, .stride = 5},
};
const size_t faults_rows = sizeof(faults_table) / sizeof(faults_table[0]);
_Static_assert(sizeof(faults_table) / sizeof(faults_table[0]) <= FAULTS_ROWS, "the board is small");

const char *faults_row_text(const struct faults_row *row)
{
    static char text[128];

    if (row->how == HALF)
        return "half of it";
    snprintf(text, sizeof(text), "%s%s", strerrorname_np(row->how),
             row->times > 1000 ? " from then on"
             : row->times > 1  ? " several times"
                               : "");
    return text;
}

bool runner_wants(const struct faults_options *o, const struct faults_row *row)
{
    /* A sanitizer has an allocator of its own, before shim.so's. */
    if (!CHILD_MEMORY_IS_MEASURED && strcmp(row->call, "malloc") == 0)
        return false;
    return !o->call || strcmp(o->call, row->call) == 0;
}
