/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "base/pages.h"

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/harden.h"

/* Has the linker written into its code? Such pages are not the file's any more and would be lost.
 * [elf(5)] */
static bool is_relocated(const struct dl_phdr_info *o)
{
    for (size_t i = 0; i < o->dlpi_phnum; i++) {
        const ElfW(Dyn) * d;

        if (o->dlpi_phdr[i].p_type != PT_DYNAMIC)
            continue;
        d = (const ElfW(Dyn) *)(uintptr_t)(o->dlpi_addr + o->dlpi_phdr[i].p_vaddr);
        for (; d->d_tag != DT_NULL; d++)
            if (d->d_tag == DT_TEXTREL || (d->d_tag == DT_FLAGS && d->d_un.d_val & DF_TEXTREL))
                return true;
    }
    return false;
}

/* Of what was never writable the file has the only copy that matters. Half pages at the ends may
 * have to do with the neighbour. */
static int release_object(struct dl_phdr_info *o, size_t size, void *ctx)
{
    uintptr_t page = *(const uintptr_t *)ctx;

    (void)size;
    for (size_t i = 0; !is_relocated(o) && i < o->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &o->dlpi_phdr[i];
        uintptr_t from = o->dlpi_addr + p->p_vaddr, to = (from + p->p_filesz) & ~(page - 1);

        from = (from + page - 1) & ~(page - 1);
        if (p->p_type == PT_LOAD && !(p->p_flags & PF_W) && to > from)
            (void)madvise((void *)from, to - from, MADV_DONTNEED); /* the vdso's is refused */
    }
    return 0;
}

void pages_release(void)
{
    long page = sysconf(_SC_PAGESIZE);
    uintptr_t bytes = (uintptr_t)page;

    if (page > 0 && !harden_is_traced())
        dl_iterate_phdr(release_object, &bytes);
}
