/* SPDX-License-Identifier: Apache-2.0 */
/* One process at a time owns a state directory. The owner sees a waiting successor and exits early:
 * rsyslog starts a new child while the old one may still be finishing (omprog.c, confirmTimeout).
 * Uses kernel locks (flock): nothing to clean up after a kill. */
#ifndef OMAUDITJSON_JOURNAL_LOCK_H
#define OMAUDITJSON_JOURNAL_LOCK_H

#include <stdbool.h>

struct lock {
    int owner_fd; /* state_dir/lock */
    int next_fd;  /* state_dir/lock.next */
};

/* Open the lock files, taking nothing. 0 or -errno. */
int lock_open(struct lock *l, int dir_fd);

/* Try to become the owner; while it fails we are the successor. 0, ERR_JOURNAL_LOCKED, -errno. */
int lock_try(struct lock *l);

/* For the owner: is a successor waiting? */
bool lock_successor_waits(struct lock *l);

void lock_close(struct lock *l); /* releases both */

#endif
