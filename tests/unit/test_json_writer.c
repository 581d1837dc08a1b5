/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <json-c/json.h>
#include <stdlib.h>

#include "base/mem.h"
#include "format/json/json_plain.h"
#include "format/json/json_writer.h"
#include "format/json/utf8.h"
#include "unit.h"

static struct buf out;
static struct json_writer w;

static void begin(size_t limit)
{
    out = BUF_INIT((size_t)1024 * 1024);
    json_init(&w, &out, limit);
}

/* p as a string in out, from the buffer's beginning. */
static struct json_string put(const char *p, size_t n, size_t max)
{
    struct json_string s = JSON_STRING(max);

    begin(SIZE_MAX);
    json_string(&w, &s, p, n);
    ck_assert(!w.over);
    return s;
}

#define PUT(text, max) put((text), sizeof(text) - 1, (max))

START_TEST(escapes_what_must_be_and_nothing_else)
{
    struct json_string s = PUT("a\"b\\c/\b\f\n\r\t\x01\x1f\x7f\0z\xc3\xa9\xe2\x80\xa8", 100);

    ck_assert_str_eq(buf_cstr(&out), "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\\u0000z"
                                     "\xc3\xa9\xe2\x80\xa8\"");
    ck_assert(!s.cut && !s.invalid);
    buf_done(&out);
}
END_TEST

/* Every byte, alone and at every place of an eight-byte word, comes back as it went in. */
START_TEST(every_byte_at_every_offset)
{
    for (int c = 0; c < 256; c++) {
        for (size_t at = 0; at < 17; at++) {
            char text[18];
            struct json_object *o;
            struct json_string s;

            memset(text, 'x', sizeof(text));
            text[at] = (char)c;
            s = put(text, 17, 100);
            o = json_tokener_parse(buf_cstr(&out));
            ck_assert_ptr_nonnull(o);
            if (c < 0x80) {
                ck_assert(!s.invalid);
                ck_assert_int_eq(json_object_get_string_len(o), 17);
                ck_assert_mem_eq(json_object_get_string(o), text, 17);
            } else {
                ck_assert(s.invalid);
                ck_assert_int_eq(json_object_get_string_len(o), 16 + UTF8_REPLACEMENT_LEN);
                ck_assert_mem_eq(json_object_get_string(o) + at, UTF8_REPLACEMENT,
                                 UTF8_REPLACEMENT_LEN);
            }
            json_object_put(o);
            buf_done(&out);
        }
    }
}
END_TEST

START_TEST(each_bad_byte_is_replaced)
{
    struct json_string s = PUT("a\xff\xe2\x82z\xed\xa0\x80", 100);

    ck_assert(s.invalid);
    ck_assert_uint_eq(s.full, 8);
    ck_assert_str_eq(buf_cstr(&out), "\"a" UTF8_REPLACEMENT UTF8_REPLACEMENT UTF8_REPLACEMENT
                                     "z" UTF8_REPLACEMENT UTF8_REPLACEMENT UTF8_REPLACEMENT "\"");
    buf_done(&out);
}
END_TEST

START_TEST(cuts_at_a_character)
{
    static const char text[] = "ab\xe2\x82\xac"
                               "cd";
    static const char *const expected[] = {"\"\"",
                                           "\"a\"",
                                           "\"ab\"",
                                           "\"ab\"",
                                           "\"ab\"",
                                           "\"ab\xe2\x82\xac\"",
                                           "\"ab\xe2\x82\xac"
                                           "c\"",
                                           "\"ab\xe2\x82\xac"
                                           "cd\""};

    for (size_t max = 0; max <= 7; max++) {
        struct json_string s = PUT(text, max);

        ck_assert_str_eq(buf_cstr(&out), expected[max]);
        ck_assert_int_eq(s.cut, max < 7);
        ck_assert_uint_eq(s.full, 7);
        buf_done(&out);
    }
}
END_TEST

/* An argument that does not fit ends the string; a later, shorter one must not be kept. */
START_TEST(after_a_cut_nothing_is_added)
{
    struct json_string s = JSON_STRING(5);

    begin(SIZE_MAX);
    json_string_begin(&w);
    json_string_add(&w, &s, "abc", 3);
    json_string_add(&w, &s, "\xe2\x82\xac", 3);
    json_string_add(&w, &s, "d", 1);
    json_string_end(&w);
    ck_assert_str_eq(buf_cstr(&out), "\"abc\"");
    ck_assert(s.cut);
    ck_assert_uint_eq(s.full, 7);
    buf_done(&out);
}
END_TEST

START_TEST(blanks_for_nul_and_lf_on_request)
{
    struct json_string s = JSON_STRING(100);

    begin(SIZE_MAX);
    s.nul_blank = s.line_blank = true;
    json_string(&w, &s, "a\0b\nc\t", 6);
    ck_assert_str_eq(buf_cstr(&out), "\"a b c\\t\"");
    buf_done(&out);
}
END_TEST

START_TEST(commas_stand_between_members_only)
{
    struct json_string s = JSON_STRING(100);

    begin(SIZE_MAX);
    json_open(&w, '{');
    json_key(&w, "a", 1);
    json_open(&w, '[');
    json_close(&w, ']');
    json_key(&w, "b", 1);
    json_open(&w, '[');
    for (int i = 0; i < 2; i++) {
        json_element(&w);
        json_open(&w, '{');
        json_key(&w, "c", 1);
        json_string(&w, &s, "x", 1);
        json_close(&w, '}');
    }
    json_close(&w, ']');
    json_close(&w, '}');
    ck_assert_str_eq(buf_cstr(&out), "{\"a\":[],\"b\":[{\"c\":\"x\"},{\"c\":\"x\"}]}");
    buf_done(&out);
}
END_TEST

START_TEST(never_passes_its_limit)
{
    for (size_t limit = 0; limit < 20; limit++) {
        struct json_string s = JSON_STRING(100);

        begin(limit);
        buf_append(&out, "before", 6);
        json_init(&w, &out, limit);
        json_string(&w, &s, "0123456789\n\x01\xff", 13);
        ck_assert_uint_le(json_written(&w), limit);
        ck_assert(w.over);
        json_key(&w, "k", 1);
        ck_assert_uint_le(json_written(&w), limit);
        buf_done(&out);
    }
    out = BUF_INIT(10); /* and not the buffer's maximum either */
    json_init(&w, &out, SIZE_MAX);
    json_raw(&w, "0123456789", 10);
    ck_assert(!w.over);
    json_raw(&w, "x", 1);
    ck_assert(w.over);
    ck_assert_uint_eq(out.len, 10);
    buf_done(&out);
}
END_TEST

/* A member at once is what its key and its bytes one by one are, whatever the length, the string's
 * maximum and the limit. */
START_TEST(a_member_is_its_parts)
{
    static const char bytes[] = "abcdefghijklmnopq 0123456789/=\"\\\n\x01\x7f\xff";
    unsigned random = 1;

    for (unsigned i = 0; i < 20000; i++) {
        char text[80];
        size_t n = i % 80, max, limit;
        struct json_string whole, parts;
        struct buf one;
        bool over;

        /* mostly clean: one odd byte in a hundred, or in three */
        for (size_t k = 0; k < n; k++) {
            random = random * 1103515245u + 12345u;
            text[k] = (random >> 16) % (i % 2 ? 100 : 3) ? bytes[(random >> 20) % 30]
                                                         : bytes[(random >> 20) % 37];
        }
        random = random * 1103515245u + 12345u;
        max = i % 3 ? 1000 : (random >> 16) % 80;
        limit = i % 5 ? SIZE_MAX : (random >> 8) % 100;
        whole = parts = JSON_STRING(max);
        begin(limit);
        json_member(&w, "key", 3, &whole, text, n);
        json_member(&w, "second", 6, &whole, "", 0);
        one = out;
        over = w.over;
        begin(limit);
        json_key(&w, "key", 3);
        json_string_begin(&w);
        for (size_t k = 0; k < n; k++)
            json_string_add(&w, &parts, text + k, 1);
        json_string_end(&w);
        json_key(&w, "second", 6);
        json_string(&w, &parts, "", 0);
        ck_assert(over == w.over);
        if (!over) {
            ck_assert_uint_eq(out.len, one.len);
            ck_assert_int_eq(memcmp(out.data, one.data, out.len), 0);
            ck_assert(whole.cut == parts.cut && whole.invalid == parts.invalid);
            ck_assert_uint_eq(whole.full, parts.full);
        }
        ck_assert_uint_le(one.len, limit);
        buf_done(&one);
        buf_done(&out);
    }
}
END_TEST

/* What the short way has to say about n bytes: exactly so many are read and written, so that the
 * sanitizer sees one that is too many. */
static void check_short_way(const char *text, size_t n, bool blank)
{
    bool plain = true;
    char *from = mem_alloc(n + 1), *to = mem_alloc(n + 1), *p = from + 1, *q = to + 1;

    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];

        p[i] = text[i];
        if (!(blank && c == 0) && (c < 0x20 || c > 0x7f || c == '"' || c == '\\'))
            plain = false;
    }
    /* check tells its parent of each assertion: not half a million times */
    if (plain != (blank ? json_copy_blank(q, p, n) : json_copy_plain(q, p, n)))
        ck_abort_msg("%zu bytes: that should be %s", n, plain ? "plain" : "refused");
    for (size_t i = 0; i < n && plain; i++)
        if (q[i] != (blank && !p[i] ? ' ' : p[i]))
            ck_abort_msg("%zu bytes: number %zu is another one", n, i);
    free(from);
    free(to);
}

/* Each byte at each place of values of each length that is copied in another way. */
START_TEST(the_short_way_takes_what_is_plain)
{
    char text[50];

    memset(text, 'x', sizeof(text));
    for (size_t n = 0; n <= sizeof(text); n++) {
        check_short_way(text, n, false);
        check_short_way(text, n, true);
        for (size_t at = 0; at < n; at++) {
            for (int c = 0; c < 256; c++) {
                text[at] = (char)c;
                check_short_way(text, n, false);
                check_short_way(text, n, true);
            }
            text[at] = 'x';
        }
    }
}
END_TEST

/* Whatever room there is: it writes all, or refuses and leaves no trace. */
START_TEST(the_short_way_writes_all_or_nothing)
{
    static const struct json_key key = JSON_KEY("key"), list = JSON_KEY_LIST("list");
    const char *want = "{\"list\":[\"a\",\"b\"],\"key\":\"c d\"}";

    for (size_t limit = 0; limit < 120; limit++) {
        struct json_string s = JSON_STRING(100);

        begin(limit);
        json_open(&w, '{');
        json_begin(&w, &list, true);
        for (const char *p = "ab"; *p; p++) {
            if (!json_plain(&w, &json_element_key, p, 1)) {
                json_element(&w);
                json_string(&w, &s, p, 1);
            }
        }
        json_close(&w, ']');
        s.nul_blank = true;
        if (!json_plain_blank(&w, &key, "c\0d", 3))
            json_member(&w, "key", 3, &s, "c\0d", 3);
        json_close(&w, '}');
        ck_assert_uint_le(json_written(&w), limit);
        ck_assert(w.over == (limit < strlen(want)));
        if (!w.over)
            ck_assert_str_eq(buf_cstr(&out), want);
        buf_done(&out);
    }
}
END_TEST

UNIT_MAIN("json_writer", escapes_what_must_be_and_nothing_else, every_byte_at_every_offset,
          each_bad_byte_is_replaced, cuts_at_a_character, after_a_cut_nothing_is_added,
          blanks_for_nul_and_lf_on_request, commas_stand_between_members_only,
          never_passes_its_limit, a_member_is_its_parts, the_short_way_takes_what_is_plain,
          the_short_way_writes_all_or_nothing)
