/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to a journal while nobody looks: before a life begins, bits of its files change. */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim.h"

#define HEADER 64 /* bytes, at the beginning of a segment and at its end (journal/segment.h) */
#define NAMES 512
#define HOLE 4096

static uint32_t below(uint64_t *state, uint32_t n) /* splitmix64 */
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return (uint32_t)((z ^ z >> 31) % n);
}

/* The former life may still be there: rsyslogd gave it up and it was not killed. */
static bool is_alive(int32_t pid)
{
    char path[64], exe[8];

    (void)snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
    return pid > 0 && readlink(path, exe, sizeof(exe)) >= 0;
}

static void flip(int fd, uint64_t *random, off_t from, uint32_t size)
{
    off_t at = from + below(random, size);
    unsigned char c;

    if (pread(fd, &c, 1, at) != 1)
        return;
    c = (unsigned char)(c ^ 1U << below(random, 8));
    (void)!pwrite(fd, &c, 1, at);
}

/* Always the same one of the two: the other one may be what the program has restored. */
static void spoil_header(int fd, uint64_t *random, bool second)
{
    struct stat st;

    if (fstat(fd, &st) < 0 || st.st_size < 2 * HEADER)
        return;
    for (uint32_t n = 1 + below(random, 12); n > 0; n--)
        flip(fd, random, second ? st.st_size - HEADER : 0, HEADER);
}

/* A file that is gone need not be synced. */
static void forget(struct crash_page *page, ino_t inode)
{
    for (size_t i = 0; i < CRASH_FILES; i++)
        if (atomic_load(&page->files[i].inode) == inode)
            atomic_store(&page->files[i].dirty, 0);
}

static void spoil_entries(struct crash_page *page, int dir, const char *name, int fd,
                          uint64_t *random)
{
    static const char zeros[HOLE];
    struct stat st;
    off_t at;

    if (fstat(fd, &st) < 0 || st.st_size <= 2 * HEADER + HOLE)
        return;
    at = 2 * HEADER + (off_t)below(random, (uint32_t)st.st_size - 2 * HEADER - HOLE);
    switch (below(random, 3)) {
    case 0:
        (void)unlinkat(dir, name, 0);
        forget(page, st.st_ino);
        break;
    case 1:
        (void)!ftruncate(fd, at);
        break;
    default:
        (void)!pwrite(fd, zeros, sizeof(zeros), at);
    }
}

void shim_damage(struct crash_page *page, const char *journal, int32_t former, uint32_t life)
{
    uint64_t random = ((uint64_t)page->damage_seed << 32) + life;
    char names[NAMES][32];
    uint32_t n = 0, one;
    DIR *d;

    if (page->damage == CRASH_DAMAGE_NONE || atomic_load(&page->healed) || is_alive(former) ||
        (d = opendir(journal)) == NULL)
        return;
    for (const struct dirent *e; (e = readdir(d)) != NULL && n < NAMES;) {
        size_t len = strlen(e->d_name);

        if (len > 4 && len < sizeof(names[0]) && strcmp(e->d_name + len - 4, ".seg") == 0)
            memcpy(names[n++], e->d_name, len + 1);
    }
    one = n > 0 ? below(&random, n) : 0;
    for (uint32_t i = 0; i < n; i++) {
        int fd = openat(dirfd(d), names[i], O_RDWR | O_CLOEXEC);

        if (fd < 0)
            continue;
        if (page->damage == CRASH_DAMAGE_HEADER) {
            spoil_header(fd, &random, (page->damage_seed & 1) != 0);
            atomic_fetch_add(&page->damaged, 1);
        } else if (i == one && atomic_exchange(&page->damaged, 1) == 0) {
            spoil_entries(page, dirfd(d), names[i], fd, &random);
        }
        (void)close(fd);
    }
    (void)closedir(d);
}
