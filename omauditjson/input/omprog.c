/* SPDX-License-Identifier: Apache-2.0 */
/* Depth: two queue workers can share one pipe (forceSingleInstance, or a disk-assisted queue), and
 * their transactions interleave. A record is answered DEFER_COMMIT while any is open, because OK
 * would end the transaction of the worker that sent it. A transaction that rsyslog gave up leaves
 * the depth too high for good; that does no harm, for where there are transactions every record is
 * inside one. */
#include "config.h"
#include "input/omprog.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/mem.h"

int omprog_init(struct omprog *o, const char *begin_mark, const char *commit_mark)
{
    *o = (struct omprog){0};
    if (!*begin_mark || !*commit_mark || strcmp(begin_mark, commit_mark) == 0)
        return -EINVAL;
    o->begin = mem_strdup(begin_mark);
    o->begin_len = strlen(begin_mark);
    o->commit = mem_strdup(commit_mark);
    o->commit_len = strlen(commit_mark);
    return 0;
}

void omprog_done(struct omprog *o)
{
    if (!o)
        return;
    free(o->begin);
    free(o->commit);
    *o = (struct omprog){0};
}

enum omprog_action omprog_line(struct omprog *o, const char *data, size_t len)
{
    if (len == o->begin_len && memcmp(data, o->begin, len) == 0) {
        if (o->depth < UINT_MAX)
            o->depth++;
        return OMPROG_BEGIN;
    }
    if (len == o->commit_len && memcmp(data, o->commit, len) == 0) {
        if (o->depth > 0)
            o->depth--;
        return OMPROG_COMMIT;
    }
    return omprog_is_wakeup(data, len) ? OMPROG_WAKEUP : OMPROG_RECORD;
}

bool omprog_is_wakeup(const char *data, size_t len)
{
    return len == strlen(OMPROG_WAKEUP_MARK) && memcmp(data, OMPROG_WAKEUP_MARK, len) == 0;
}

const char *omprog_reply(struct omprog *o, enum omprog_action action)
{
    o->dots = 0;
    return (action == OMPROG_RECORD || action == OMPROG_WAKEUP) && o->depth > 0 ? "DEFER_COMMIT\n"
                                                                                : "OK\n";
}

const char *omprog_first_reply(void)
{
    return "OK\n";
}

bool omprog_dot(struct omprog *o)
{
    if (o->dots >= OMPROG_DOTS_MAX)
        return false;
    o->dots++;
    return true;
}

enum omprog_wire omprog_wire_detect(int out_fd, int err_fd)
{
    struct stat out, err;

    if (fstat(out_fd, &out) < 0) /* unknown: an extra reply harms less than none */
        return errno == EBADF ? OMPROG_SILENT : OMPROG_CONFIRMING;
    /* 1:3 is /dev/null on every Linux, also in a chroot that has no /dev. */
    if (S_ISCHR(out.st_mode) && out.st_rdev == makedev(1, 3))
        return OMPROG_SILENT;
    if (fstat(err_fd, &err) < 0)
        return OMPROG_CONFIRMING;
    return out.st_dev == err.st_dev && out.st_ino == err.st_ino ? OMPROG_SILENT : OMPROG_CONFIRMING;
}
