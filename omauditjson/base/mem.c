/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "base/mem.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MMAP_FROM (256 << 10)
#define KEEP_FREE (512 << 10)

static void (*on_exhausted)(void);

void mem_exhausted(void)
{
    static const char text[] =
        "omauditjson: out of memory; exiting; acknowledged records are in the "
        "journal\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);

    (void)ignored;
    if (on_exhausted)
        on_exhausted();
    _exit(MEM_EXIT_CODE);
}

void mem_setup(void)
{
    /* glibc would raise these by itself after the first large block is freed, and keep such blocks
     * for ever then [mallopt(3)]: a burst's memory would stay ours. One arena: there is one thread,
     * and curl's resolver. */
    (void)mallopt(M_MMAP_THRESHOLD, MMAP_FROM);
    (void)mallopt(M_TRIM_THRESHOLD, KEEP_FREE);
    (void)mallopt(M_ARENA_MAX, 1);
}

void mem_on_exhausted(void (*hook)(void))
{
    on_exhausted = hook;
}

void mem_trim(void)
{
    (void)malloc_trim(KEEP_FREE);
}

void *mem_alloc(size_t size)
{
    void *p = malloc(size ? size : 1);

    if (!p)
        mem_exhausted();
    return p;
}

void *mem_calloc(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size ? size : 1);

    if (!p)
        mem_exhausted();
    return p;
}

void *mem_realloc(void *p, size_t size)
{
    p = realloc(p, size ? size : 1);
    if (!p)
        mem_exhausted();
    return p;
}

void *mem_realloc_array(void *p, size_t n, size_t size)
{
    if (size && n > SIZE_MAX / size)
        mem_exhausted();
    return mem_realloc(p, n * size);
}

char *mem_strndup(const char *s, size_t len)
{
    char *p = mem_alloc(len + 1);

    memcpy(p, s, len);
    p[len] = '\0';
    return p;
}

char *mem_strdup(const char *s)
{
    return mem_strndup(s, strlen(s));
}

void mem_cleanup_free(void *pp)
{
    free(*(void **)pp);
}
