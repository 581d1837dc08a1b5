/* SPDX-License-Identifier: Apache-2.0 */
/* jsontext_is_valid() and the tests' own judge of JSON, which share no code: each text is put to
 * both, whatever version json-c has. */
#include "config.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "../lib/json_check.h"
#include "../receiver/strict.h"
#include "deliver/jsontext.h"
#include "unit.h"

#define TEXT(s)          \
    {                    \
        s, sizeof(s) - 1 \
    }

struct text {
    const char *p;
    size_t len;
};

static bool judge(const char *text, size_t len)
{
    const char *repeated;
    size_t at, repeated_len;

    return strict_json_object(text, len, &at, &repeated, &repeated_len) == NULL;
}

START_TEST(values_of_each_kind)
{
    static const char *const good[] = {
        "null",
        "true",
        "false",
        "0",
        "-0",
        "12",
        "-1.5e+9",
        "1E-2",
        "0.25",
        "\"\"",
        "[]",
        " [ ] ",
        "{}",
        "{ }",
        "[1,[2],{}]",
        "\"\xc3\xa9\"",
        "{\"a\":{\"b\":[]},\"c\":0}",
        "\t{ \"a\" :\n1 , \"b\" : [ true , null ] }\r\n",
    };
    static const char *const bad[] = {
        "nul",      "True",      "nan",        "NaN",
        "Infinity", "-",         "01",         "+1",
        "1.",       ".5",        "1e",         "1e+",
        "0x1",      "'a'",       "\"a",        "\"",
        "[",        "[1",        "[1,",        "[1,]",
        "[,1]",     "[1 2]",     "{",          "{\"a\"",
        "{\"a\":",  "{\"a\":1",  "{\"a\":1,}", "{a:1}",
        "{1:1}",    "{\"a\",1}", "{\"a\" 1}",  "]",
        "}",        "[}",        "{]",         "[1}",
        "1 2",      "{}{}",      "{},",        "//\n1",
        "/**/1",    "",          " ",          "\xef\xbb\xbf{}",
    };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        ck_assert_msg(jsontext_is_valid(good[i], strlen(good[i])), "%s", good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(!jsontext_is_valid(bad[i], strlen(bad[i])), "%s", bad[i]);
    ck_assert(!jsontext_is_valid(NULL, 0));
}
END_TEST

START_TEST(strings_in_an_object)
{
    static const struct text good[] = {
        TEXT("{\"a\":\"\xc2\xba\"}"),
        TEXT("{\"caf\xc3\xa9\":\"\xe2\x82\xac \xf0\x9f\x98\x80\"}"),
        TEXT("{\"a\":\"\\\" \\\\ \\/ \\b\\f\\n\\r\\t \\u00e9 \\uD83D\\ude00\"}"),
        TEXT("{\"a\":\"\x7f\"}"),
        TEXT("{\"a\":\"\\u0000\"}"),
        TEXT("{\"a\":\"{[,:]}\"}"),
    };
    static const struct text bad[] = {
        TEXT("{\"a\":\"\x01\"}"),
        TEXT("{\"a\":\"\t\"}"),
        TEXT("{\"a\":\"\n\"}"),
        TEXT("{\"a\":\"\0\"}"),
        TEXT("{\"a\":\"\\\0\"}"),
        TEXT("{\"a\":\"\xff\"}"),
        TEXT("{\"a\":\"\xc3\"}"),
        TEXT("{\"a\":\"\xc0\x80\"}"),
        TEXT("{\"a\":\"\xe0\x80\x80\"}"),
        TEXT("{\"a\":\"\xed\xa0\x80\"}"),
        TEXT("{\"a\":\"\xf4\x90\x80\x80\"}"),
        TEXT("{\"a\":\"\\x41\"}"),
        TEXT("{\"a\":\"\\'\"}"),
        TEXT("{\"a\":\"\\u12g4\"}"),
        TEXT("{\"a\":\"\\u12\"}"),
        TEXT("{\"a\":\"\\ud800\"}"),
        TEXT("{\"a\":\"\\udc00\"}"),
        TEXT("{\"a\":\"\\ud800\\u0041\"}"),
        TEXT("{\"a\":\"\\ud800x\"}"),
        TEXT("{\"a\":\"\\"),
    };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        ck_assert_msg(jsontext_is_valid(good[i].p, good[i].len), "%s", good[i].p);
        ck_assert_msg(judge(good[i].p, good[i].len), "%s", good[i].p);
        ck_assert_msg(json_check(good[i].p, good[i].len, NULL) == NULL, "%s: %s", good[i].p,
                      json_check(good[i].p, good[i].len, NULL));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(!jsontext_is_valid(bad[i].p, bad[i].len), "bad[%zu]", i);
        ck_assert_msg(!judge(bad[i].p, bad[i].len), "bad[%zu]", i);
        ck_assert_msg(json_check(bad[i].p, bad[i].len, NULL) != NULL, "bad[%zu]", i);
    }
}
END_TEST

START_TEST(depth_has_a_bound)
{
    char text[3 * (JSONTEXT_DEPTH + 1)];

    for (size_t depth = 1; depth <= JSONTEXT_DEPTH + 1; depth++) {
        memset(text, '[', depth);
        text[depth] = '1';
        memset(text + depth + 1, ']', depth);
        ck_assert(jsontext_is_valid(text, 2 * depth + 1) == (depth <= JSONTEXT_DEPTH));
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        ck_assert(jsontext_is_valid(text, 2 * depth) == (depth <= JSONTEXT_DEPTH));
    }
}
END_TEST

START_TEST(two_judges_agree)
{
    static const char from[] = "{\"k\\u00e9y\":[1,-2.5e3,true,null,\"\xc3\xa9 \xe2\x82\xac "
                               "\\ud83d\\ude00\"],\"o\":{\"a\":{}}}";
    static const char alphabet[] = "{}[]:,\"\\ u0e-.+19adtnl\xc3\xa9\xe2\x82\xac\x01\n";
    unsigned seed = 20250814;
    size_t valid = 0;

    for (int round = 0; round < 200000; round++) {
        char text[sizeof(from)];
        size_t len = sizeof(from) - 1;

        memcpy(text, from, sizeof(from));
        for (unsigned n = 1 + (unsigned)round % 3; n > 0; n--) {
            size_t at;

            seed = seed * 1103515245 + 12345;
            at = (seed >> 8) % len;
            if (seed >> 30 == 0) { /* one byte less */
                memmove(text + at, text + at + 1, len - at);
                len--;
            } else {
                text[at] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
            }
        }
        /* the judge takes nothing but an object */
        if (text[0] != '{')
            continue;
        valid += judge(text, len);
        ck_assert_msg(judge(text, len) == jsontext_is_valid(text, len), "round %d: %.*s", round,
                      (int)len, text);
    }
    ck_assert_uint_gt(valid, 1000);
    printf("# %zu valid\n", valid);
}
END_TEST

UNIT_MAIN("jsontext", values_of_each_kind, strings_in_an_object, depth_has_a_bound,
          two_judges_agree)
