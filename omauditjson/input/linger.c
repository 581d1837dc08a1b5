/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "input/linger.h"

#include <poll.h>
#include <sched.h>

#include "base/clock.h"

#define PAUSES 8 /* between two looks: 0.1 to 0.4 us */

void linger_init(struct linger *l)
{
    cpu_set_t set;

    *l = (struct linger){0};
    /* More than 1,024 processors do not fit: then there is more than one. */
    l->possible = sched_getaffinity(0, sizeof(set), &set) < 0 || CPU_COUNT(&set) > 1;
}

bool linger_due(const struct linger *l)
{
    return l->possible && l->credit >= LINGER_LATE_COSTS;
}

void linger_learn(struct linger *l, bool closely)
{
    if (closely)
        l->credit += l->credit < LINGER_CREDIT_MAX;
    else
        l->credit -= l->credit < LINGER_LATE_COSTS ? l->credit : LINGER_LATE_COSTS;
}

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#else
    __asm__ volatile("" ::: "memory");
#endif
}

bool linger_wait(struct linger *l, int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    bool came;

    if (!l->possible)
        return false;
    l->since = clock_mono_ns();
    l->asleep = !linger_due(l);
    if (l->asleep)
        return false;
    do {
        for (int i = 0; i < PAUSES; i++)
            relax();
        came = poll(&p, 1, 0) > 0;
    } while (!came && clock_mono_ns() - l->since < LINGER_NS);
    linger_learn(l, came);
    return came;
}

void linger_woke(struct linger *l)
{
    if (l->asleep)
        linger_learn(l, clock_mono_ns() - l->since < LINGER_CLOSE_NS);
    l->asleep = false;
}
