/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "base/harden.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
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

/* ---- memory ---- */

#define MEMORY_LEAST (UINT64_C(64) << 20)

static bool read_text(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, out, size - 1);

    if (fd >= 0)
        close(fd);
    out[n > 0 ? n : 0] = '\0';
    return n > 0;
}

/* The least memory.max of our control group and those above it [cgroup-v2]; none: UINT64_MAX. */
static uint64_t group_memory(void)
{
    static const char root[] = "/sys/fs/cgroup", file[] = "/memory.max";
    char own[1024], path[sizeof(root) + sizeof(own) + sizeof(file)], text[32];
    uint64_t least = UINT64_MAX;
    char *at, *end;

    if (!read_text("/proc/self/cgroup", own, sizeof(own)) || !(at = strstr(own, "0::/")))
        return least;
    at += 3;
    at[strcspn(at, "\n")] = '\0';
    do {
        unsigned long long max;

        snprintf(path, sizeof(path), "%s%s%s", root, at, file);
        max = read_text(path, text, sizeof(text)) ? strtoull(text, NULL, 10) : 0; /* "max": 0 */
        if (max > 0 && max < least)
            least = max;
        end = strrchr(at, '/');
        if (end)
            *end = '\0';
    } while (end);
    return least;
}

void harden_memory(uint64_t bytes)
{
    uint64_t pages = (uint64_t)sysconf(_SC_PHYS_PAGES), most = group_memory();
    struct rlimit limit;

    if (SANITIZED)
        return;
    if (pages > 0 && pages < UINT64_MAX / 65536)
        most = most < pages * (uint64_t)sysconf(_SC_PAGESIZE)
                   ? most
                   : pages * (uint64_t)sysconf(_SC_PAGESIZE);
    if (bytes > most / 4 * 3)
        bytes = most / 4 * 3;
    if (bytes < MEMORY_LEAST)
        bytes = MEMORY_LEAST;
    if (getrlimit(RLIMIT_DATA, &limit) < 0)
        return;
    limit.rlim_cur =
        limit.rlim_max == RLIM_INFINITY || bytes < limit.rlim_max ? (rlim_t)bytes : limit.rlim_max;
    (void)setrlimit(RLIMIT_DATA, &limit);
}
