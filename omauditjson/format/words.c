/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/words.h"

#include <libaudit.h>
#include <string.h>

#define ERRNO_MAX 4095u      /* [linux, include/linux/err.h, MAX_ERRNO] */
#define FIRST_OF_KERNEL 512u /* [linux, include/linux/errno.h] */

const char *words_error(const struct event_field *exit)
{
    static const char *const of_kernel[] = {"ERESTARTSYS", "ERESTARTNOINTR", "ERESTARTNOHAND",
                                            "ENOIOCTLCMD", "ERESTART_RESTARTBLOCK"};
    struct event_field digits;
    uint64_t n;

    if (!exit || exit->value_len < 2 || exit->value[0] != '-')
        return NULL;
    digits = *exit;
    digits.value++;
    digits.value_len--;
    if (!event_field_number(&digits, 10, &n) || n > ERRNO_MAX)
        return NULL;
    if (n >= FIRST_OF_KERNEL && n - FIRST_OF_KERNEL < sizeof(of_kernel) / sizeof(of_kernel[0]))
        return of_kernel[n - FIRST_OF_KERNEL];
    return audit_errno_to_name((int)n);
}

const char *words_signal(const struct event_field *sig)
{
    static const char *const names[] = {
        NULL,        "SIGHUP",  "SIGINT",    "SIGQUIT", "SIGILL",   "SIGTRAP", "SIGABRT", "SIGBUS",
        "SIGFPE",    "SIGKILL", "SIGUSR1",   "SIGSEGV", "SIGUSR2",  "SIGPIPE", "SIGALRM", "SIGTERM",
        "SIGSTKFLT", "SIGCHLD", "SIGCONT",   "SIGSTOP", "SIGTSTP",  "SIGTTIN", "SIGTTOU", "SIGURG",
        "SIGXCPU",   "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO",   "SIGPWR",  "SIGSYS"};
    uint64_t n;

    return event_field_number(sig, 10, &n) && n < sizeof(names) / sizeof(names[0]) ? names[n]
                                                                                   : NULL;
}

const char *words_seccomp(const struct event_field *code)
{
    /* [linux, include/uapi/linux/seccomp.h], named as libauparse does */
    static const struct {
        uint32_t action;
        const char *name;
    } actions[] = {
        {0x80000000u, "kill-process"}, {0x00000000u, "kill"},       {0x00030000u, "trap"},
        {0x00050000u, "errno"},        {0x7fc00000u, "user-notif"}, {0x7ff00000u, "trace"},
        {0x7ffc0000u, "log"},          {0x7fff0000u, "allow"},
    };
    uint64_t n;

    if (!event_field_0x(code, &n) || n > UINT32_MAX)
        return NULL;
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (actions[i].action == (n & 0xffff0000u))
            return actions[i].name;
    }
    return NULL;
}
