/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of several records. */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "input/cutoff.h"
#include "input/message.h"
#include "rsyslog_json.h"
#include "unit.h"

#define MAX_RECORD 100

/* A record as it must come out; good: its escaping is whole. */
struct expected {
    const char *text;
    size_t len;
    size_t cut;
    bool broken;
};

static void expect(const char *text, size_t len, size_t cut, const struct expected *e, size_t n)
{
    struct line line = {.data = text, .len = len, .cut = cut}, record;
    struct message m;

    message_init(&m, MAX_RECORD);
    ck_assert(message_is(&line));
    message_begin(&m, &line);
    for (size_t i = 0; i < n; i++) {
        size_t want = e[i].len;

        ck_assert_msg(message_has_more(&m), "%s: record %zu", text, i);
        ck_assert_msg(message_next(&m, &record) != e[i].broken, "%s: record %zu", text, i);
        ck_assert_msg(record.len == want && memcmp(record.data, e[i].text, want) == 0,
                      "%s: record %zu is %.*s", text, i, (int)record.len, record.data);
        ck_assert_uint_eq(record.cut, e[i].cut);
    }
    ck_assert_msg(!message_has_more(&m), "%s: more", text);
    message_done(&m);
}

#define CUT(text, cut)                     \
    {                                      \
        text, sizeof(text) - 1, cut, false \
    }
#define GOOD(text) CUT(text, 0)
#define BROKEN(text)                    \
    {                                   \
        text, sizeof(text) - 1, 0, true \
    }

#define EXPECT(text, cut, ...)                                                  \
    expect(text, sizeof(text) - 1, cut, (const struct expected[]){__VA_ARGS__}, \
           sizeof((const struct expected[]){__VA_ARGS__}) / sizeof(struct expected))

START_TEST(records_come_out_as_rsyslog_read_them)
{
    EXPECT("\"one\"", 0, GOOD("one"));
    EXPECT("\"one\\ntwo\\n\\nthree\"", 0, GOOD("one"), GOOD("two"), GOOD(""), GOOD("three"));
    EXPECT("\"\"", 0, GOOD(""));
    EXPECT("\"\\n\"", 0, GOOD(""), GOOD(""));
    EXPECT("\"a=\\\"b\\\" c\\\\n \\/\\t\\b\\f\\r\"", 0, GOOD("a=\"b\" c\\n /\t\b\f\r"));
    EXPECT("\"x\\u001Dy\\u001dz\\n\\u0041\"", 0, GOOD("x\x1dy\x1dz"), GOOD("A"));
    EXPECT("\"\\u00e4\\u20AC\\ud83d\\uDE00\"", 0, GOOD("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"));
    EXPECT("\"\xff\xc3 \xe4\"", 0, GOOD("\xff\xc3 \xe4"));
    EXPECT("\"a\\u0000b\"", 0, GOOD("a\0b"));
}
END_TEST

START_TEST(broken_escaping_costs_its_record_alone)
{
    EXPECT("\"one\\ntw\\qo\\nthree\"", 0, GOOD("one"), BROKEN("tw\\qo"), GOOD("three"));
    EXPECT("\"one\\ntw\"o\\nthree\"", 0, GOOD("one"), BROKEN("tw\"o"), GOOD("three"));
    EXPECT("\"one\\ntwo", 0, GOOD("one"), BROKEN("two"));
    EXPECT("\"", 0, BROKEN(""));
    EXPECT("\"one\\ntwo\\", 0, GOOD("one"), BROKEN("two"));
    EXPECT("\"\\u12\\nb\"", 0, BROKEN("\\u12"), GOOD("b"));
    EXPECT("\"\\ud83d\\nb\"", 0, BROKEN("\\ud83d"), GOOD("b"));
    EXPECT("\"\\ude00\"", 0, BROKEN("\\ude00"));
    EXPECT("\"\\ud83d\\u0041\"", 0, BROKEN("\\ud83d\\u0041"));
    EXPECT("\"one\\n\"\\ntwo\"x\"", 0, GOOD("one"), BROKEN("\""), BROKEN("two\"x"));
}
END_TEST

START_TEST(a_message_that_was_cut_ends_with_a_record_that_was_cut)
{
    EXPECT("\"one\\ntwo", 7, GOOD("one"), CUT("two", 7));
    EXPECT("\"one\\ntwo\\", 7, GOOD("one"), CUT("two", 7));
    EXPECT("\"one\\ntwo\\u00", 7, GOOD("one"), CUT("two", 7 + 4));
    EXPECT("\"one\\ntwo\\ud83d\\u", 7, GOOD("one"), CUT("two", 7 + 8));
    EXPECT("\"o\\qe\\ntwo", 7, BROKEN("o\\qe"), CUT("two", 7));
}
END_TEST

START_TEST(a_record_is_bounded)
{
    struct buf text = BUF_INIT(512);
    struct expected e[] = {GOOD("first"), {NULL, MAX_RECORD, 60, false}, GOOD("last")};
    size_t from;

    buf_append_str(&text, "\"first\\n");
    from = text.len;
    for (size_t i = 0; i < MAX_RECORD + 60; i++)
        buf_append_char(&text, 'x');
    buf_append_str(&text, "\\nlast\"");
    e[1].text = text.data + from;
    expect(text.data, text.len, 0, e, 3);
    text.data[from + 40] = '"';
    e[1].broken = true;
    expect(text.data, text.len, 0, e, 3);
    buf_done(&text);
}
END_TEST

START_TEST(no_bytes_of_a_record_are_a_border)
{
    unsigned seed = 1;

    for (unsigned k = 0; k < 2000; k++) {
        struct buf text = BUF_INIT(1 << 20), records = BUF_INIT(1 << 20);
        size_t lens[8], n = 1 + (size_t)rand_r(&seed) % 8, from = 0;
        struct line line, record;
        struct message m;

        buf_append_char(&text, '"');
        for (size_t i = 0; i < n; i++) {
            size_t start = records.len;

            lens[i] = (size_t)rand_r(&seed) % MAX_RECORD;
            for (size_t j = 0; j < lens[i]; j++) {
                char c = (char)(rand_r(&seed) % 3 ? rand_r(&seed) % 256
                                                  : "\"\\nu0001d\x1d"[rand_r(&seed) % 10]);

                buf_append_char(&records, c == '\n' ? ' ' : c);
            }
            if (i)
                buf_append_str(&text, "\\n");
            rsyslog_json(&text, records.data ? records.data + start : "", lens[i]);
        }
        buf_append_char(&text, '"');
        line = (struct line){.data = text.data, .len = text.len};
        message_init(&m, MAX_RECORD);
        message_begin(&m, &line);
        for (size_t i = 0; i < n; from += lens[i++]) {
            ck_assert(message_has_more(&m));
            ck_assert(message_next(&m, &record));
            ck_assert_uint_eq(record.len, lens[i]);
            ck_assert(!lens[i] || memcmp(record.data, records.data + from, lens[i]) == 0);
        }
        ck_assert(!message_has_more(&m));
        ck_assert_uint_eq(m.total, records.len + n - 1);
        message_done(&m);
        buf_done(&text);
        buf_done(&records);
    }
}
END_TEST

START_TEST(a_message_of_rsyslogs_limit_is_full)
{
    static const size_t sizes[] = {CUTOFF_DEFAULT, CUTOFF_STANZA};

    for (size_t i = 0; i < 2; i++)
        for (size_t d = 0; d < 3; d++) {
            size_t n = sizes[i] + d - 1;
            struct buf text = BUF_INIT(1 << 20);
            struct line line, record;
            struct message m;

            buf_append_str(&text, "\"\\t\\n");
            for (size_t k = 2; k < n; k++)
                buf_append_str(&text, "\\u001D");
            buf_append_char(&text, '"');
            line = (struct line){.data = text.data, .len = text.len};
            message_init(&m, 1 << 20);
            message_begin(&m, &line);
            while (message_has_more(&m))
                ck_assert(message_next(&m, &record));
            ck_assert_int_eq(message_is_full(&m), d == 1);
            message_done(&m);
            buf_done(&text);
        }
}
END_TEST

UNIT_MAIN("gathered", records_come_out_as_rsyslog_read_them, broken_escaping_costs_its_record_alone,
          a_message_that_was_cut_ends_with_a_record_that_was_cut, a_record_is_bounded,
          no_bytes_of_a_record_are_a_border, a_message_of_rsyslogs_limit_is_full)
