/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "base/harden.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || \
    __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

bool harden_is_instrumented(void)
{
#ifdef COVERAGE
    return true;
#else
    return SANITIZED;
#endif
}

/* "TracerPid:" of proc(5) is within the first lines. Cannot be read: no tracer. */
bool harden_is_traced(void)
{
    static const char key[] = "\nTracerPid:";
    char text[1024];
    const char *at;
    ssize_t n;
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return false;
    n = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (n <= 0)
        return false;
    text[n] = '\0';
    at = strstr(text, key);
    return at && strtol(at + sizeof(key) - 1, NULL, 10) != 0;
}

void harden_process(void)
{
    const struct rlimit none = {0, 0};

    if (SANITIZED || harden_is_traced())
        return;
    /* Both: the limit is for core files only; a core_pattern that is a pipe (systemd-coredump)
     * ignores it but not the flag [core(5)]. */
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
