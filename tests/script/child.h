/* SPDX-License-Identifier: Apache-2.0 */
/* The program under test, started as rsyslog's omprog starts it: own pipes, every descriptor beyond
 * 2 closed, SIGINT ignored, working directory /. Its replies come through a pipe in packet mode
 * where the kernel has that, so that each write() of the program is seen as one. Every wait has a
 * bound. Never judges what a reply should be. */
#ifndef TESTS_SCRIPT_CHILD_H
#define TESTS_SCRIPT_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CHILD_TIMEOUT_MS 30000 /* for what must happen; nobody waits so long when all is well */

/* AddressSanitizer keeps what is freed; its peak says nothing. */
#if defined(__SANITIZE_ADDRESS__)
#define CHILD_MEMORY_IS_MEASURED false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHILD_MEMORY_IS_MEASURED false
#endif
#endif
#ifndef CHILD_MEMORY_IS_MEASURED
#define CHILD_MEMORY_IS_MEASURED true
#endif

enum child_wire {
    CHILD_CONFIRMING,    /* confirmMessages="on" */
    CHILD_SILENT_NULL,   /* "off": stdout is /dev/null */
    CHILD_SILENT_OUTPUT, /* "off" and output=: stdout is what stderr is */
};

struct child {
    pid_t pid; /* 0: none */
    int in;    /* its stdin, or -1 */
    int out;   /* its stdout, or -1 */
    bool packets;
    unsigned dots; /* seen since the last reply */
};

enum child_answer {
    CHILD_REPLY,   /* a whole line in one write */
    CHILD_DOT,     /* one keep-alive dot */
    CHILD_NOTHING, /* not in time */
    CHILD_END,     /* stdout was closed */
    CHILD_BROKEN,  /* a write that is neither */
};

/* stderr is appended to stderr_path. 0 or -errno. */
int child_start(struct child *c, char *const argv[], enum child_wire wire, const char *stderr_path);

/* Kill -9 if it lives, reap it, close all. c may be zeroed. */
void child_done(struct child *c);

/* Send to its stdin. 0; -EPIPE; -ETIMEDOUT when it does not read. */
int child_send(struct child *c, const void *data, size_t len);

/* A line of no more than PIPE_BUF: all of it, or -EAGAIN when the pipe is still full after a while.
 */
int child_try_send(struct child *c, const void *data, size_t len, int timeout_ms);

/* The next write() of the child: text gets it, without the LF, ended by NUL. */
enum child_answer child_answer(struct child *c, int timeout_ms, char *text, size_t size);

/* The next reply, over any dots (counted in c->dots); else as above. */
enum child_answer child_reply(struct child *c, int timeout_ms, char *text, size_t size);

void child_close_input(struct child *c);
void child_close_output(struct child *c); /* as a dead rsyslogd does */

/* Wait for its end. Its exit code, 1000 + signal, or -ETIMEDOUT. */
int child_wait(struct child *c, int timeout_ms);

/* Peak of its resident memory in KiB, or -1. */
long child_hwm_kib(const struct child *c);

/* Does it let a fifth of a second pass without using the processor? False: not within
 * CHILD_TIMEOUT_MS. */
bool child_rests(const struct child *c);

#endif
