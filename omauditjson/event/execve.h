/* SPDX-License-Identifier: Apache-2.0 */
/* Puts the arguments of an event's EXECVE records together: the kernel spreads many arguments over
 * several records (a0 a1 ... | a53 a54 ...) and one long argument over several fields (a1_len,
 * a1[0], a1[1] ...). Each piece was encoded by itself and is decoded already. Nothing is allocated
 * by a number that a record claims. */
#ifndef OMAUDITJSON_EVENT_EXECVE_H
#define OMAUDITJSON_EVENT_EXECVE_H

#include "event/event.h"

struct execve_piece;

struct execve {
    struct execve_piece *pieces;
    size_t n_pieces, cap_pieces;
    struct event_arg *args;
    size_t n_args, cap_args;
    char *joined;
    size_t joined_len, cap_joined;
};

void execve_done(struct execve *x); /* frees; x may be zeroed memory */

/* Fill argv, n_argv, argc and argv_has_gaps of ev from its records. The arguments live until the
 * next call. */
void execve_collect(struct execve *x, struct event *ev);

#endif
