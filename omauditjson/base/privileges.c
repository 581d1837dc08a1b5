/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "base/privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PR_CAP_AMBIENT
#define PR_CAP_AMBIENT 47
#define PR_CAP_AMBIENT_CLEAR_ALL 4
#endif
#define CAPABILITIES 64u /* as many as the sets have bits */

struct sets {
    struct __user_cap_header_struct head;
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
};

static int get(struct sets *s)
{
    *s = (struct sets){.head.version = _LINUX_CAPABILITY_VERSION_3};
    return syscall(SYS_capget, &s->head, s->data) < 0 ? -errno : 0;
}

static int set(struct sets *s)
{
    return syscall(SYS_capset, &s->head, s->data) < 0 ? -errno : 0;
}

int privileges_no_new(void)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

int privileges_lower(void)
{
    struct sets s;
    int r = get(&s);

    for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
        s.data[i].effective = 0;
    return r < 0 ? r : set(&s);
}

int privileges_drop(bool keep_override)
{
    const uint32_t kept = keep_override ? UINT32_C(1) << CAP_DAC_OVERRIDE : 0;
    struct sets s;
    int r = get(&s);

    if (r < 0)
        return r;
    /* CAP_SETPCAP is needed for the bounding set, and may have been lowered. */
    for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
        s.data[i].effective = s.data[i].permitted;
    (void)set(&s);
    for (unsigned long c = 0; c < CAPABILITIES; c++)
        if (c != CAP_DAC_OVERRIDE || !keep_override)
            (void)prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
        s.data[i].permitted &= i == 0 ? kept : 0;
        s.data[i].effective = s.data[i].permitted;
        s.data[i].inheritable = 0;
    }
    return set(&s);
}
