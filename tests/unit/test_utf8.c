/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "format/json/utf8.h"
#include "unit.h"

#define SEQ(text) utf8_sequence((text), sizeof(text) - 1)

START_TEST(first_and_last_of_each_length)
{
    ck_assert_uint_eq(utf8_sequence("\0", 1), 1);
    ck_assert_uint_eq(SEQ("\x7f"), 1);
    ck_assert_uint_eq(SEQ("\xc2\x80"), 2);
    ck_assert_uint_eq(SEQ("\xdf\xbf"), 2);
    ck_assert_uint_eq(SEQ("\xe0\xa0\x80"), 3);
    ck_assert_uint_eq(SEQ("\xed\x9f\xbf"), 3);
    ck_assert_uint_eq(SEQ("\xee\x80\x80"), 3);
    ck_assert_uint_eq(SEQ("\xef\xbf\xbf"), 3);
    ck_assert_uint_eq(SEQ("\xf0\x90\x80\x80"), 4);
    ck_assert_uint_eq(SEQ("\xf4\x8f\xbf\xbf"), 4);
}
END_TEST

START_TEST(what_is_no_character)
{
    static const char *const bad[] = {
        "\x80",
        "\xbf", /* a tail alone */
        "\xc0\x80",
        "\xc1\xbf", /* overlong, two bytes */
        "\xe0\x80\x80",
        "\xe0\x9f\xbf", /* overlong, three */
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf", /* overlong, four */
        "\xed\xa0\x80",
        "\xed\xbf\xbf", /* surrogates */
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xf8\x88\x80\x80\x80", /* beyond U+10FFFF */
        "\xfe",
        "\xff",
        "\xc3(",
        "\xe2\x82(",
        "\xe2(\xa1",
        "\xf0\x9f\x98(",
        "\xf0\x9f(\x80", /* wrong tail */
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(utf8_sequence(bad[i], strlen(bad[i])) == 0, "bad[%zu]", i);
        ck_assert(!utf8_valid(bad[i], strlen(bad[i])));
    }
}
END_TEST

/* What is cut short must not be completed by what happens to lie behind it. */
START_TEST(never_reads_beyond_the_end)
{
    static const char face[] = "\xf0\x9f\x98\x80", euro[] = "\xe2\x82\xac", e[] = "\xc3\xa9";

    for (size_t n = 1; n < 4; n++)
        ck_assert_uint_eq(utf8_sequence(face, n), 0);
    for (size_t n = 1; n < 3; n++)
        ck_assert_uint_eq(utf8_sequence(euro, n), 0);
    ck_assert_uint_eq(utf8_sequence(e, 1), 0);
    ck_assert(utf8_valid("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z", 11));
    ck_assert(utf8_valid("", 0));
    ck_assert(!utf8_valid("a\xc3\xa9\xe2\x82", 5));
}
END_TEST

UNIT_MAIN("utf8", first_and_last_of_each_length, what_is_no_character, never_reads_beyond_the_end)
