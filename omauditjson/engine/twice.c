/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/twice.h"

#include <string.h>

#include "engine/pipeline.h"

void twice_start(struct engine *e, bool same_sender)
{
    e->twice = (struct twice){.expected = same_sender && hand_is_between(&e->hand)};
    if (!same_sender)
        memset(e->hand.page->twice, 0, sizeof(e->hand.page->twice));
}

void twice_line(struct engine *e, enum omprog_action action)
{
    struct twice *t = &e->twice;

    if (action == OMPROG_BEGIN) {
        hand_set_between(&e->hand, false);
        t->transactions += t->transactions < 2;
        /* Two workers share the pipe: whose BEGIN it was that failed is not known. */
        t->expected &= !e->mixed;
    } else if (action != OMPROG_COMMIT) {
        t->lines += t->lines < 2;
    }
}

/* Not before: a COMMIT that was not answered comes again, and no line twice. */
void twice_answered(struct engine *e, enum omprog_action action)
{
    if (action == OMPROG_COMMIT && e->omprog.depth == 0 && e->wire.out_fd >= 0)
        hand_set_between(&e->hand, true);
}

void twice_ended(struct engine *e)
{
    hand_set_between(&e->hand, false);
}

/* With no place free it is not remembered, and so kept. */
static bool replace(struct hand *h, uint64_t digest, uint64_t by)
{
    uint64_t *twice = h->page->twice;

    for (size_t i = 0; i < HAND_TWICE; i++)
        if (twice[i] == digest) {
            twice[i] = by;
            return true;
        }
    return false;
}

bool twice_is_repeat(struct engine *e, uint64_t digest)
{
    struct twice *t = &e->twice;

    if (t->lines == 1 && t->first != digest) { /* not when it is asked for again */
        t->first = digest;
        if (t->expected && t->transactions == 1)
            (void)replace(&e->hand, 0, digest);
    }
    return (t->transactions > 1 || digest != t->first) && replace(&e->hand, digest, 0);
}
