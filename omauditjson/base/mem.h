/* SPDX-License-Identifier: Apache-2.0 */
/* Allocation that succeeds or ends the process with exit status 75 and one line on stderr. That is
 * safe: acknowledged records are in the journal, and rsyslog sends the others again. Nothing here
 * returns NULL. */
#ifndef OMAUDITJSON_BASE_MEM_H
#define OMAUDITJSON_BASE_MEM_H

#include <stddef.h>

#define MEM_EXIT_CODE 75 /* EX_TEMPFAIL of sysexits.h: restart the program */

/* Once, at the start of the program: configures how free memory returns to the system. */
void mem_setup(void);
/* Called before that exit; must not allocate. */
void mem_on_exhausted(void (*hook)(void));
/* The same exit, for a library that reports that memory is exhausted: its result can be incomplete,
 * and would be again at the next call. */
_Noreturn void mem_exhausted(void);
/* Return free memory to the system, after a burst. */
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
