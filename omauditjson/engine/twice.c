/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/twice.h"

#include <string.h>

#include "journal/scoreboard.h"

void twice_start(struct twice *t, struct scoreboard *scoreboard, bool same_sender)
{
    *t = (struct twice){.scoreboard = scoreboard,
                        .expected = same_sender && scoreboard_is_between(scoreboard)};
    if (!same_sender)
        memset(scoreboard->page->twice, 0, sizeof(scoreboard->page->twice));
}

void twice_line(struct twice *t, enum omprog_action action, bool mixed)
{
    if (action == OMPROG_BEGIN) {
        scoreboard_set_between(t->scoreboard, false);
        t->transactions += t->transactions < 2;
        /* Two workers share the pipe: whose BEGIN it was that failed is not known. */
        t->expected &= !mixed;
    } else if (action != OMPROG_COMMIT) {
        t->lines += t->lines < 2;
    }
}

/* Not before: a COMMIT that was not answered comes again, and no line twice. */
void twice_committed(struct twice *t)
{
    scoreboard_set_between(t->scoreboard, true);
}

void twice_ended(struct twice *t)
{
    scoreboard_set_between(t->scoreboard, false);
}

/* With no place free it is not remembered, and so kept. */
static bool replace(struct scoreboard *h, uint64_t digest, uint64_t by)
{
    uint64_t *twice = h->page->twice;

    for (size_t i = 0; i < SCOREBOARD_TWICE; i++)
        if (twice[i] == digest) {
            twice[i] = by;
            return true;
        }
    return false;
}

bool twice_is_repeat(struct twice *t, uint64_t digest)
{
    if (t->lines == 1 && t->first != digest) { /* not when it is asked for again */
        t->first = digest;
        if (t->expected && t->transactions == 1)
            (void)replace(t->scoreboard, 0, digest);
    }
    return (t->transactions > 1 || digest != t->first) && replace(t->scoreboard, digest, 0);
}
