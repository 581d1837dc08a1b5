/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is there or the process is not: every allocation here either succeeds or ends the
 * process with exit code 75 and one line on stderr. That is safe because what rsyslog was told is
 * in the journal, and what it was not told it sends again. Nothing here returns NULL. */
#ifndef OMAUDITJSON_BASE_MEM_H
#define OMAUDITJSON_BASE_MEM_H

#include <stddef.h>

#define MEM_EXIT_CODE 75 /* EX_TEMPFAIL of sysexits.h: start me again */

/* Once, at the start of the program: how free memory goes back to the system. */
void mem_setup(void);
/* What is still to be done before that exit; it must need no memory. */
void mem_on_exhausted(void (*hook)(void));
/* The same end, for a library that reports that it found no memory: what it gave back may lack
 * parts, and it would lack them again at the next call. */
_Noreturn void mem_exhausted(void);
/* Give it back now: a burst is over. */
void mem_trim(void);

void *mem_alloc(size_t size);            /* uninitialised; caller frees with free() */
void *mem_calloc(size_t n, size_t size); /* zeroed; n * size is overflow-checked */
void *mem_realloc(void *p, size_t size); /* as realloc */
void *mem_realloc_array(void *p, size_t n, size_t size); /* n * size is overflow-checked */
char *mem_strdup(const char *s);                         /* caller frees */
char *mem_strndup(const char *s, size_t len); /* len bytes and a NUL; bytes may include NUL */

/* __attribute__((cleanup)) helpers: CLEANUP_FREE char *p = ...; frees p at the end of scope. */
void mem_cleanup_free(void *pp);
#define CLEANUP_FREE __attribute__((cleanup(mem_cleanup_free)))

#endif
