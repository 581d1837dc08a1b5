/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <time.h>
#include <unistd.h>

#include "input/linger.h"
#include "unit.h"

static void learn(struct linger *l, bool closely, unsigned times)
{
    while (times-- > 0)
        linger_learn(l, closely);
}

static struct linger make(void)
{
    struct linger l;

    linger_init(&l);
    l.possible = true;
    return l;
}

START_TEST(it_is_tried_while_lines_follow_closely)
{
    struct linger l = make();

    ck_assert(!linger_due(&l));
    learn(&l, true, LINGER_LATE_COSTS - 1);
    ck_assert(!linger_due(&l));
    learn(&l, true, 1);
    ck_assert(linger_due(&l));
    learn(&l, false, 1);
    ck_assert(!linger_due(&l));
    learn(&l, false, 3);
    ck_assert_uint_eq(l.credit, 0);
    /* a long stream stands a few late ones */
    learn(&l, true, 1000);
    ck_assert_uint_eq(l.credit, LINGER_CREDIT_MAX);
    learn(&l, false, 3);
    ck_assert(linger_due(&l));
    learn(&l, false, 1);
    ck_assert(!linger_due(&l));
}
END_TEST

START_TEST(short_bursts_are_slept_through)
{
    struct linger l = make();

    for (int burst = 0; burst < 1000; burst++) {
        learn(&l, true, LINGER_LATE_COSTS);
        learn(&l, false, 1);
        ck_assert(!linger_due(&l));
    }
}
END_TEST

START_TEST(with_one_processor_it_is_never_tried)
{
    struct linger l = make();

    l.possible = false;
    learn(&l, true, 1000);
    ck_assert(!linger_due(&l));
}
END_TEST

START_TEST(it_ends_with_a_line_with_a_hang_up_and_by_itself)
{
    struct linger l = make();
    int fd[2];

    learn(&l, true, 2 * LINGER_LATE_COSTS);
    ck_assert_int_eq(pipe(fd), 0);
    ck_assert(!linger_wait(&l, fd[0]));
    ck_assert(!l.asleep);
    ck_assert_uint_eq(l.credit, LINGER_LATE_COSTS);
    linger_woke(&l); /* that is known already */
    ck_assert_uint_eq(l.credit, LINGER_LATE_COSTS);
    ck_assert_int_eq(write(fd[1], "x\n", 2), 2);
    ck_assert(linger_wait(&l, fd[0]));
    ck_assert_uint_eq(l.credit, LINGER_LATE_COSTS + 1);
    ck_assert_int_eq(read(fd[0], (char[2]){0}, 2), 2);
    close(fd[1]);
    ck_assert(linger_wait(&l, fd[0]));
    close(fd[0]);
}
END_TEST

START_TEST(a_sleep_is_judged_by_its_length)
{
    const struct timespec late = {.tv_nsec = LINGER_CLOSE_NS};
    struct linger l = make();
    int fd[2];

    ck_assert_int_eq(pipe(fd), 0);
    ck_assert_int_eq(write(fd[1], "x\n", 2), 2);
    ck_assert(!linger_wait(&l, fd[0])); /* not tried */
    ck_assert(l.asleep);
    l.since += 3600 * (int64_t)1000000000; /* however slow this machine is */
    linger_woke(&l);
    ck_assert_uint_eq(l.credit, 1);
    ck_assert(!linger_wait(&l, fd[0]));
    ck_assert_int_eq(nanosleep(&late, NULL), 0);
    linger_woke(&l);
    ck_assert_uint_eq(l.credit, 0);
    close(fd[0]);
    close(fd[1]);
}
END_TEST

UNIT_MAIN("linger", it_is_tried_while_lines_follow_closely, short_bursts_are_slept_through,
          with_one_processor_it_is_never_tried, it_ends_with_a_line_with_a_hang_up_and_by_itself,
          a_sleep_is_judged_by_its_length)
