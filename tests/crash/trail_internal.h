/* SPDX-License-Identifier: Apache-2.0 */
/* What trail.c (fed and heard) and trail_make.c (made) share. Nobody else's. */
#ifndef TESTS_CRASH_TRAIL_INTERNAL_H
#define TESTS_CRASH_TRAIL_INTERNAL_H

#include <stdint.h>

#include "base/buf.h"
#include "trail.h"

#define LOG_MAX ((size_t)64 << 20)

struct line {
    const char *text; /* as the oracle knows it */
    const char *wire; /* as rsyslog gets it */
    size_t len, wire_len;
    uint64_t key;
    size_t nth;       /* of those that are equal, from 0 */
    size_t copies;    /* of the first one: how many there are, */
    size_t answered;  /* and how often one was answered */
    bool passes_mark; /* with it its file passes FILE_ID_BYTES */
};

struct trail {
    const struct schedule *s;
    char *dir;
    struct buf text, wire;
    struct line *lines;
    size_t n;
    size_t *slots, n_slots; /* by key: index + 1 */
    size_t due, sent;
    size_t answered; /* copies of lines */
    int feed_fd, answered_fd;
    size_t file_bytes;
    unsigned rotations;
    struct buf invented; /* lines that were answered and never fed, each with an LF */
    size_t n_invented;
    struct buf tail; /* of the list of answered lines, an unfinished line */
};

/* What gen writes for s; kernel: as the kernel log has it. */
void trail_run_gen(const struct schedule *s, const char *gen, bool kernel, struct buf *out);

/* The lines of a text into the lines' text (or wire); lines may be NULL. Their number. */
size_t trail_split(char *text, size_t len, struct line *lines, bool wire);

/* Some lines come later than they should, some more than once, and some are no records. */
void trail_disturb(struct trail *t);

void trail_die(const char *what) __attribute__((noreturn));

#endif
