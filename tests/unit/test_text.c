/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <string.h>

#include "deliver/transport/output.h"
#include "deliver/transport/text.h"
#include "unit.h"

START_TEST(urls_are_shown_without_secrets)
{
    static const char *const t[][2] = {
        {"http://h/p", "http://h/p"},
        {"https://user:pass@h:1/p?token=x#y", "https://h:1/p"},
        {"https://user:p@ss@h", "https://h"},
        {"https://h/a@b", "https://h/a@b"},
        {"https://h?x=a@b", "https://h"},
        {"u:p@h/x", "h/x"},
        {"u:p@h/?a=://b", "h/"},
        {"", ""},
    };

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        char *text = text_url(t[i][0]);

        ck_assert_str_eq(text, t[i][1]);
        free(text);
    }
}
END_TEST

START_TEST(answers_are_shown_in_short)
{
    char out[40];

    text_excerpt("  two\n\n words \t ", 16, out, sizeof(out));
    ck_assert_str_eq(out, "two words");
    text_excerpt("<html><body class='x'>no <b>way</b></body>", 42, out, sizeof(out));
    ck_assert_str_eq(out, "no way");
    text_excerpt("<html", 5, out, sizeof(out));
    ck_assert_str_eq(out, "");
    text_excerpt("a<b", 3, out, sizeof(out));
    ck_assert_str_eq(out, "a<b");
    text_excerpt("\xc3\xa9\xff\x01!", 5, out, sizeof(out));
    ck_assert_str_eq(out, "\xc3\xa9? !");
    text_excerpt(NULL, 0, out, sizeof(out));
    ck_assert_str_eq(out, "");
    for (size_t n = 0; n < 100; n++) {
        char body[100];

        memset(body, 'y', sizeof(body));
        text_excerpt(body, n, out, sizeof(out));
        ck_assert_uint_eq(strlen(out), n < 35 ? n : 35);
    }
}
END_TEST

START_TEST(a_trace_hides_credentials)
{
    char key[] = "X-Api-Key: 123", odd[] = "Odd;";
    char *names[] = {key, odd};
    struct conf_list headers = {.item = names, .n = 2};
    static const char *const secret[] = {
        "Authorization: Bearer x",
        "proxy-AUTHORIZATION: y",
        "h2h3 [authorization: Basic z]",
        "Cookie: a=b",
        "Set-Cookie: a=b",
        "x-api-key: 123",
        "[x-api-key: 123]",
        "Server auth using Basic with user 'u'",
    };
    char out[100];

    for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
        ck_assert_msg(!text_trace_line(&headers, secret[i], strlen(secret[i]), out, sizeof(out)),
                      "%s", secret[i]);
    ck_assert(text_trace_line(&headers, "POST /x?token=1 HTTP/1.1", 24, out, sizeof(out)));
    ck_assert_str_eq(out, "POST /x");
    ck_assert(text_trace_line(&headers, "Content-Type: a", 15, out, sizeof(out)));
    ck_assert_str_eq(out, "Content-Type: a");
}
END_TEST

START_TEST(file_urls)
{
    char *path = output_path("file:///a%20b/%2e%zz%00");

    ck_assert_str_eq(path, "/a b/.%zz%00");
    free(path);
    ck_assert_ptr_null(output_path("file://host/x"));
    ck_assert_ptr_null(output_path("http:///x"));
    ck_assert_ptr_null(output_path("/x"));
}
END_TEST

UNIT_MAIN("text", urls_are_shown_without_secrets, answers_are_shown_in_short,
          a_trace_hides_credentials, file_urls)
