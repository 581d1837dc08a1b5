/* SPDX-License-Identifier: Apache-2.0 */
/* The state directory: made, judged and opened at the start, watched while we run. */
#ifndef OMAUDITJSON_ENGINE_STATE_H
#define OMAUDITJSON_ENGINE_STATE_H

#include <stdbool.h>

struct journal;

/* Make the folder and those above it, refuse one that others may change, open it. The descriptor,
 * or -errno (logged). */
int state_open(const char *dir);

/* Why a folder is refused: it belongs to somebody else than us or root, or others may write into
 * it. NULL: it is fine. fd: of the folder. For the tests. */
const char *state_fault(int fd);

/* Tells without a system call a record that somebody removes or moves the directory or what is in
 * it: the descriptor becomes readable for poll(). */
struct state_watch {
    int fd; /* inotify's; -1: the system has none left */
};
/* The journal's folder must be there. */
void state_watch_open(struct state_watch *w, int state_fd);
void state_watch_close(struct state_watch *w);

/* After poll() said that the descriptor is readable: have our files gone? Our own removals are no
 * reason. */
bool state_watch_gone(struct state_watch *w, const char *dir, int state_fd,
                      const struct journal *journal);

#endif
