/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/input_clock.h"

void input_clock_resume(struct input_clock *c, int64_t time_ms)
{
    if (time_ms > c->time_ms)
        c->time_ms = time_ms;
}

void input_clock_start(struct input_clock *c, int64_t now_ms)
{
    c->ticked_ms = now_ms;
}

void input_clock_tick(struct input_clock *c, int64_t now_ms, int64_t most_ms, bool runs)
{
    int64_t passed = now_ms - c->ticked_ms;

    if (runs)
        c->time_ms += passed < most_ms ? passed : most_ms;
    c->ticked_ms = now_ms;
}
