/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/twice.h"

#include <string.h>

#include "journal/hand.h"

void twice_start(struct twice *t, struct hand *hand, bool same_sender)
{
    *t = (struct twice){.hand = hand, .expected = same_sender && hand_is_between(hand)};
    if (!same_sender)
        memset(hand->page->twice, 0, sizeof(hand->page->twice));
}

void twice_line(struct twice *t, enum omprog_action action, bool mixed)
{
    if (action == OMPROG_BEGIN) {
        hand_set_between(t->hand, false);
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
    hand_set_between(t->hand, true);
}

void twice_ended(struct twice *t)
{
    hand_set_between(t->hand, false);
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

bool twice_is_repeat(struct twice *t, uint64_t digest)
{
    if (t->lines == 1 && t->first != digest) { /* not when it is asked for again */
        t->first = digest;
        if (t->expected && t->transactions == 1)
            (void)replace(t->hand, 0, digest);
    }
    return (t->transactions > 1 || digest != t->first) && replace(t->hand, digest, 0);
}
