/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>

#include "base/buf.h"
#include "base/clock.h"
#include "unit.h"

START_TEST(appends_and_keeps_its_maximum)
{
    struct buf b = BUF_INIT(10);

    ck_assert_int_eq(buf_append(&b, "12345", 5), 0);
    ck_assert_int_eq(buf_append(&b, "123456", 6), -EMSGSIZE);
    ck_assert_uint_eq(b.len, 5);
    ck_assert_int_eq(buf_append(&b, "67890", 5), 0);
    ck_assert_int_eq(buf_append_char(&b, 'x'), -EMSGSIZE);
    ck_assert_str_eq(buf_cstr(&b), "1234567890");
    buf_done(&b);
    ck_assert_ptr_null(b.data);
}
END_TEST

START_TEST(consume_moves_the_rest_down)
{
    struct buf b = BUF_INIT(100);

    ck_assert_int_eq(buf_append_str(&b, "abcdef"), 0);
    buf_consume(&b, 2);
    ck_assert_str_eq(buf_cstr(&b), "cdef");
    buf_consume(&b, 4);
    ck_assert_uint_eq(b.len, 0);
    buf_done(&b);
}
END_TEST

START_TEST(printf_grows_past_its_small_buffer)
{
    struct buf b = BUF_INIT(2000);

    ck_assert_int_eq(buf_printf(&b, "%0*d", 1000, 7), 0);
    ck_assert_uint_eq(b.len, 1000);
    ck_assert_int_eq(b.data[999], '7');
    ck_assert_int_eq(buf_printf(&b, "%0*d", 1001, 7), -EMSGSIZE);
    ck_assert_uint_eq(b.len, 1000);
    buf_reset(&b, 16);
    ck_assert_ptr_null(b.data);
    buf_done(&b);
}
END_TEST

START_TEST(stamps_are_utc_with_milliseconds)
{
    char s[CLOCK_STAMP_SIZE];

    ck_assert_uint_eq(clock_stamp(1795356082, 285, s), 29);
    ck_assert_str_eq(s, "2026-11-22T14:01:22.285+00:00");
    clock_stamp(0, 0, s);
    ck_assert_str_eq(s, "1970-01-01T00:00:00.000+00:00");
    clock_stamp(951782400, 7, s); /* 29 February of a year divisible by 400 */
    ck_assert_str_eq(s, "2000-02-29T00:00:00.007+00:00");
    clock_stamp(INT64_MAX, 999, s);
    ck_assert_str_eq(s, "9999-12-31T23:59:59.999+00:00");
}
END_TEST

UNIT_MAIN("base", appends_and_keeps_its_maximum, consume_moves_the_rest_down,
          printf_grows_past_its_small_buffer, stamps_are_utc_with_milliseconds)
