/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "records.h"

#include <string.h>

static const struct {
    const char *name, *type, *body;
} kinds[] = {
    {"login", "USER_LOGIN",
     "pid=7 uid=0 auid=0 ses=1 msg='op=login id=0 exe=\"/usr/bin/login\" hostname=? addr=? "
     "terminal=tty1 res=success'"},
    {"syscall", "SYSCALL",
     "arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=1 ppid=1 pid=7 auid=0 "
     "uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=tty1 ses=1 comm=\"ls\" "
     "exe=\"/usr/bin/ls\" key=\"k\""},
    {"execve", "EXECVE", "argc=1 a0=\"ls\""},
    {"cwd", "CWD", "cwd=\"/root\""},
    {"path", "PATH",
     "item=0 name=\"/usr/bin/ls\" inode=1 dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 "
     "nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0"},
    {"proctitle", "PROCTITLE", "proctitle=\"ls\""},
    {"eoe", "EOE", ""},
    {"avc-a", "AVC",
     "avc:  denied  { dac_read_search } for  pid=7 comm=\"ls\" capability=2 "
     "scontext=u:r:t:s0 tcontext=u:r:t:s0 tclass=capability permissive=0"},
    {"avc-b", "AVC",
     "avc:  denied  { dac_override } for  pid=7 comm=\"ls\" capability=1 "
     "scontext=u:r:t:s0 tcontext=u:r:t:s0 tclass=capability permissive=0"},
};

bool records_put(struct buf *out, const char *kind, unsigned long serial)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].name, kind) == 0)
            return buf_printf(out, "type=%s msg=audit(%lu.%03lu:%lu): %s", kinds[i].type,
                              1700000000 + serial / 1000, serial % 1000, serial,
                              kinds[i].body) == 0;
    }
    return false;
}
