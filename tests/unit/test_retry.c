/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "deliver/retry.h"
#include "unit.h"

static const struct retry_pace pace = {.min_ms = 1000, .max_ms = 60000};

START_TEST(delay_doubles_up_to_its_maximum_within_a_quarter)
{
    uint64_t rng = 1;
    const int64_t base[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};

    for (unsigned round = 0; round < 1000; round++)
        for (unsigned f = 1; f <= 8; f++) {
            int64_t ms = retry_delay_ms(&pace, f, &rng);

            ck_assert_int_ge(ms, base[f - 1] * 3 / 4);
            ck_assert_int_le(ms, base[f - 1] * 5 / 4);
        }
    ck_assert_int_le(retry_delay_ms(&pace, 4000000000U, &rng), 75000);
}
END_TEST

START_TEST(delay_spreads)
{
    uint64_t rng = 7;
    int64_t low = INT64_MAX, high = 0;

    for (unsigned i = 0; i < 1000; i++) {
        int64_t ms = retry_delay_ms(&pace, 1, &rng);

        low = ms < low ? ms : low;
        high = ms > high ? ms : high;
    }
    ck_assert_int_lt(low, 800);
    ck_assert_int_gt(high, 1200);
}
END_TEST

START_TEST(odd_paces_still_wait)
{
    struct retry_pace none = {0, 0}, upside_down = {5000, 100}, huge = {1, INT64_MAX / 16};
    uint64_t rng = 3;

    ck_assert_int_ge(retry_delay_ms(&none, 1, &rng), 1);
    ck_assert_int_le(retry_delay_ms(&upside_down, 9, &rng), 125);
    ck_assert_int_gt(retry_delay_ms(&huge, 1000, &rng), 0);
}
END_TEST

START_TEST(failures_that_started_together_count_once)
{
    struct retry r;
    uint64_t rng = 1;
    unsigned epoch;

    retry_init(&r, 4);
    epoch = r.epoch;
    ck_assert(retry_may_start(&r, 3, 0));
    ck_assert(!retry_may_start(&r, 4, 0));
    for (int i = 0; i < 4; i++)
        retry_failed(&r, &pace, epoch, RETRY_NO_WISH, 100, &rng);
    ck_assert_uint_eq(r.failures, 1);
    ck_assert_int_ge(r.next_ms, 100 + 750);
    ck_assert_int_le(r.next_ms, 100 + 1250);
    ck_assert(!retry_may_start(&r, 0, r.next_ms - 1));
    ck_assert(retry_may_start(&r, 0, r.next_ms));
    ck_assert(!retry_may_start(&r, 1, r.next_ms)); /* one probe at a time */
    /* One of them that was answered well after all does not end the back-off. */
    ck_assert(!retry_succeeded(&r, epoch, 4));
    ck_assert_uint_eq(r.window, 1);
}
END_TEST

START_TEST(after_a_success_the_window_doubles)
{
    struct retry r;
    uint64_t rng = 1;

    retry_init(&r, 6);
    retry_failed(&r, &pace, r.epoch, RETRY_NO_WISH, 0, &rng);
    retry_failed(&r, &pace, r.epoch, RETRY_NO_WISH, 2000, &rng);
    ck_assert_uint_eq(r.failures, 2);
    ck_assert(retry_succeeded(&r, r.epoch, 6));
    ck_assert_uint_eq(r.window, 2);
    ck_assert(retry_may_start(&r, 1, 0));
    ck_assert(!retry_succeeded(&r, r.epoch, 6)); /* it had ended already */
    ck_assert_uint_eq(r.window, 4);
    retry_succeeded(&r, r.epoch, 6);
    ck_assert_uint_eq(r.window, 6);
    retry_succeeded(&r, r.epoch, 6);
    ck_assert_uint_eq(r.window, 6);
    retry_succeeded(&r, r.epoch, 3); /* in_flight became smaller */
    ck_assert_uint_eq(r.window, 3);
    retry_init(&r, 1);
    retry_failed(&r, &pace, r.epoch, RETRY_NO_WISH, 0, &rng);
    retry_succeeded(&r, r.epoch, 1);
    ck_assert_uint_eq(r.window, 1);
}
END_TEST

START_TEST(a_wish_is_obeyed_up_to_its_limit)
{
    struct retry r;
    uint64_t rng = 1;
    unsigned epoch;

    retry_init(&r, 4);
    epoch = r.epoch;
    retry_failed(&r, &pace, epoch, 30000, 0, &rng);
    ck_assert_int_eq(r.next_ms, 30000);
    retry_failed(&r, &pace, epoch, 40000, 0, &rng); /* a straggler's wish counts too */
    ck_assert_int_eq(r.next_ms, 40000);
    ck_assert_uint_eq(r.failures, 1);
    retry_failed(&r, &pace, r.epoch, INT64_MAX / 2, 40000, &rng);
    ck_assert_int_eq(r.next_ms, 40000 + 600000);
    /* A wish below the back-off does not shorten it. */
    retry_init(&r, 4);
    retry_failed(&r, &pace, r.epoch, 1, 0, &rng);
    ck_assert_int_ge(r.next_ms, 750);
}
END_TEST

START_TEST(what_is_held_waits_the_longest)
{
    struct retry r;
    uint64_t rng = 1;

    retry_init(&r, 4);
    retry_held(&r, &pace, r.epoch, 0, &rng);
    ck_assert_int_ge(r.next_ms, 45000);
    ck_assert_int_le(r.next_ms, 75000);
    ck_assert_uint_eq(r.window, 1);
}
END_TEST

START_TEST(retry_after_is_read)
{
    const int64_t now = 784111777; /* Sun, 06 Nov 1994 08:49:37 GMT [RFC 9110 5.6.7] */
    static const struct {
        const char *value;
        int64_t ms;
    } t[] = {
        {"0", 0},
        {"120", 120000},
        {"  5", 5000},
        {"99999999999999999999999999", INT64_C(1000000000000)},
        {"Sun, 06 Nov 1994 08:49:37 GMT", 0},
        {"Sun, 06 Nov 1994 08:50:07 GMT", 30000},
        {"Sunday, 06-Nov-94 08:49:47 GMT", 10000},
        {"Sun Nov  6 08:49:38 1994", 1000},
        {"Mon, 07 Nov 1994 08:49:37 GMT", 86400000},
        {"Wed, 06 Nov 1996 08:49:37 GMT", INT64_C(731) * 86400000},
        {"Sat, 05 Nov 1994 08:49:37 GMT", 0},
        {"", RETRY_NO_WISH},
        {"-5", RETRY_NO_WISH},
        {"12s", RETRY_NO_WISH},
        {"soon", RETRY_NO_WISH},
        {"Sun, 06 Nov 1994 08:49:37 GMT+1", RETRY_NO_WISH},
        {"Sun, 06 Foo 1994 08:49:37 GMT", RETRY_NO_WISH},
        {"Sun, 06 Nov 1994 28:49:37 GMT", RETRY_NO_WISH},
        {"Sun, 06 anF 1994 08:49:37 GMT", RETRY_NO_WISH},
    };

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
        ck_assert_msg(retry_after_ms(t[i].value, now) == t[i].ms, "%s: %lld", t[i].value,
                      (long long)retry_after_ms(t[i].value, now));
    ck_assert_int_eq(retry_after_ms("Thu, 29 Feb 2024 00:00:10 GMT", 1709164800), 10000);
    ck_assert_int_eq(retry_after_ms("Thu, 01 Mar 2029 00:00:00 GMT", 1867017600 - 1), 1000);
}
END_TEST

UNIT_MAIN("retry", delay_doubles_up_to_its_maximum_within_a_quarter, delay_spreads,
          odd_paces_still_wait, failures_that_started_together_count_once,
          after_a_success_the_window_doubles, a_wish_is_obeyed_up_to_its_limit,
          what_is_held_waits_the_longest, retry_after_is_read)
