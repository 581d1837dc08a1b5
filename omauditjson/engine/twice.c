/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/twice.h"

#include "engine/pipeline.h"

void twice_start(struct engine *e, bool same_sender)
{
    e->twice = (struct twice){.expected = same_sender && hand_is_between(&e->hand)};
}

bool twice_line(struct engine *e, enum omprog_action action)
{
    struct twice *t = &e->twice;

    if (action == OMPROG_BEGIN) {
        hand_set_between(&e->hand, false);
        t->expected = t->expected && !e->mixed && ++t->transactions <= 2;
        t->lines = 0;
        t->stored = false;
    } else if (action != OMPROG_COMMIT) {
        t->lines++;
    } else if (t->expected && t->transactions == 2) {
        t->expected = false;
        if (t->lines == 1 && t->stored && t->last == t->first) {
            recent_take_back(e->recent);
            pipeline_take_back(e, &t->number, 1);
            return true;
        }
    }
    return false;
}

void twice_stored(struct engine *e, uint64_t digest, uint64_t number)
{
    struct twice *t = &e->twice;

    if (!t->expected)
        return;
    if (t->transactions == 1 && t->lines == 1)
        t->first = digest;
    t->stored = true;
    t->last = digest;
    t->number = number;
}

/* Not before: a COMMIT that was not answered comes again, and nothing twice. */
void twice_answered(struct engine *e, enum omprog_action action)
{
    if (action == OMPROG_COMMIT && e->omprog.depth == 0 && e->wire.out_fd >= 0)
        hand_set_between(&e->hand, true);
}
