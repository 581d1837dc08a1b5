/* SPDX-License-Identifier: Apache-2.0 */
/* One line on a terminal that says how far a long conversion is. Silent when standard error is no
 * terminal, or standard output is one (it would stand in the text), and in the first half second.
 * Owns nothing but its numbers. */
#ifndef OMAUDITJSON_COMMANDS_PROGRESS_H
#define OMAUDITJSON_COMMANDS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool on;
    bool shown; /* there is a line to be wiped */
    const char *name;
    uint64_t size; /* of the file; 0: not known (a pipe) */
    uint64_t done;
    uint64_t events;
    int64_t next_ms;
};

/* Is it wanted on these descriptors? */
void progress_init(struct progress *p, int out_fd, int err_fd);

/* A file begins; name is borrowed. */
void progress_file(struct progress *p, const char *name, uint64_t size);

/* So many bytes more of it are read; shows it when it is time. */
void progress_add(struct progress *p, uint64_t bytes, int64_t now_ms);

/* Wipe the line: something else is to be said, or it is over. */
void progress_wipe(struct progress *p);

/* The line's text, without the control characters; at most size - 1 characters. */
void progress_text(const struct progress *p, char *out, unsigned size);

#endif
