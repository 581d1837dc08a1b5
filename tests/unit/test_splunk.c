/* SPDX-License-Identifier: Apache-2.0 */
/* Splunk's HTTP Event Collector: the request's bytes, and what answers mean. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "conf/conf.h"
#include "deliver/batch.h"
#include "deliver/receivers/eventid.h"
#include "deliver/receivers/receivers.h"
#include "unit.h"

static char source[] = "omauditjson", type[] = "t", an_index[] = "linux_audit";

static void check_frame(const struct conf *conf, const char *id, const char *want)
{
    struct batch *b = batch_new(1, 0);
    struct deliver_event ev = {
        .doc = "{\"n\":1}", .doc_len = 7, .id = id, .id_len = strlen(id), .part = 1};

    batch_add(b, &ev);
    ev.id = "h:0.001:2:1:ff";
    ev.id_len = strlen(ev.id);
    batch_add(b, &ev);
    ck_assert_int_eq(
        batch_frame(b, receiver_get(CONF_RECEIVER_SPLUNK_HEC), conf, CONF_COMPRESS_NONE), 0);
    ck_assert_str_eq(buf_cstr(&b->body), want);
    ck_assert_uint_eq(b->headers.len, 0);
    batch_free(b);
}

START_TEST(each_event_in_its_envelope)
{
    struct conf conf = {.source = source, .sourcetype = type};

    check_frame(
        &conf, "web.example.com:1700000000.023:9:1:ab",
        "{\"time\":1700000000.023,\"host\":\"web.example.com\",\"source\":\"omauditjson\","
        "\"sourcetype\":\"t\",\"event\":{\"n\":1}}"
        "{\"host\":\"h\",\"source\":\"omauditjson\",\"sourcetype\":\"t\",\"event\":{\"n\":1}"
        "}");
    conf.index = an_index;
    check_frame(&conf, "a%3Ab%22:1.5:9:1:ab",
                "{\"time\":1.500,\"host\":\"a:b\\\"\",\"source\":\"omauditjson\","
                "\"sourcetype\":\"t\",\"index\":\"linux_audit\",\"event\":{\"n\":1}}"
                "{\"host\":\"h\",\"source\":\"omauditjson\",\"sourcetype\":\"t\","
                "\"index\":\"linux_audit\",\"event\":{\"n\":1}}");
    /* no id of ours */
    check_frame(&conf, "",
                "{\"source\":\"omauditjson\",\"sourcetype\":\"t\",\"index\":\"linux_audit\","
                "\"event\":{\"n\":1}}"
                "{\"host\":\"h\",\"source\":\"omauditjson\",\"sourcetype\":\"t\","
                "\"index\":\"linux_audit\",\"event\":{\"n\":1}}");
}
END_TEST

START_TEST(long_texts_fit)
{
    struct batch *b = batch_new(1, 0);
    char text[65], id[1000];
    struct conf conf = {.source = text, .sourcetype = text, .index = text};
    struct deliver_event ev = {.doc = "{}", .doc_len = 2, .id = id, .part = 1};

    memset(text, 'x', 64);
    text[64] = '\0';
    memset(id, '"', 900);
    snprintf(id + 900, sizeof(id) - 900, "%s", ":99999999999999999999999.999:1:1:a");
    ev.id_len = strlen(id);
    for (int i = 0; i < 100; i++)
        batch_add(b, &ev);
    ck_assert_int_eq(
        batch_frame(b, receiver_get(CONF_RECEIVER_SPLUNK_HEC), &conf, CONF_COMPRESS_NONE), 0);
    ck_assert_ptr_nonnull(strstr(buf_cstr(&b->body), "\"time\":253402300799.999,"));
    batch_free(b);
}
END_TEST

START_TEST(what_an_id_says)
{
    static const struct {
        const char *id;
        int64_t sec;
        unsigned ms;
        const char *host;
    } cases[] = {
        {"h:1700000000.123:9:1:ab", 1700000000, 123, "h"},
        {"h%3A%25:1.002:9:1:ab", 1, 2, "h:%"},
        {"a\\\":1.002:9:1:ab", 1, 2, "a\\\\\\\""},
        {"b%c3%a4:1.002:9:1:ab", 1, 2, "b%c3%a4"}, /* as it is encoded */
        {"b%0a:1.002:9:1:ab", 1, 2, "b%0a"},
        {"b%4:1.002:9:1:ab", 1, 2, "b%4"},
        {"b%zz:1.002:9:1:ab", 1, 2, "b%zz"},
        {"h:1:9:1:ab", 0, 0, "h"},
        {"h:-5.000:1:1:a", 0, 0, "h"},
        {":::", 0, 0, ""},
        {"::::", 0, 0, ""},
        {"x", 0, 0, ""},
        {"", 0, 0, ""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct deliver_event ev = {.id = cases[i].id, .id_len = strlen(cases[i].id)};
        struct buf host = BUF_INIT(2 * ev.id_len + 1);
        struct eventid id;

        eventid_read(&ev, &id);
        ck_assert_msg(id.sec == cases[i].sec && id.ms == cases[i].ms, "%s", cases[i].id);
        ck_assert_int_eq(eventid_put_host(&id, &host), 0);
        ck_assert_str_eq(buf_cstr(&host), cases[i].host);
        buf_done(&host);
    }
}
END_TEST

/* -- answers ----------------------------------------------------------------------------------- */

#define N 3
#define D OUTCOME_DELIVERED
#define R OUTCOME_RETRY
#define X OUTCOME_REJECT
#define H OUTCOME_HOLD
#define S OUTCOME_SPLIT

static struct verdict judge(long status, const char *body, size_t n, enum outcome *item)
{
    struct answer a = {.status = status, .body = body, .body_len = strlen(body)};
    struct verdict v = {.item = item, .by_item = true, .fault = "old", .advice = "old"};

    receiver_judge(receiver_get(CONF_RECEIVER_SPLUNK_HEC), &a, n, &v);
    return v;
}

START_TEST(a_code_for_all)
{
    static const struct {
        long status;
        const char *body;
        enum outcome one, many;
        bool advice;
    } cases[] = {
        {200, "{\"text\":\"Success\",\"code\":0}", D, D, false},
        {200, "{\"text\":\"Success\",\"code\":0,\"ackId\":3}\n", D, D, false},
        {200, "\"OK\"", D, D, false},
        {403, "{\"text\":\"Token disabled\",\"code\":1}", H, H, true},
        {401, "{\"text\":\"Token is required\",\"code\":2}", H, H, true},
        {401, "{\"text\":\"Invalid authorization\",\"code\":3}", H, H, true},
        {403, "{\"text\":\"Invalid token\",\"code\":4}", H, H, true},
        {400, "{\"text\":\"No data\",\"code\":5}", R, R, false},
        {400, "{\"text\":\"Incorrect index\",\"code\":7,\"invalid-event-number\":0}", H, H, true},
        {500, "{\"text\":\"Internal server error\",\"code\":8}", R, R, false},
        {503, "{\"text\":\"Server is busy\",\"code\":9}", R, R, false},
        {400, "{\"text\":\"Data channel is missing\",\"code\":10}", H, H, true},
        {400, "{\"text\":\"Invalid data channel\",\"code\":11}", H, H, true},
        {400, "{\"text\":\"Query string authorization is not enabled\",\"code\":16}", X, S, false},
        {503, "{\"text\":\"HEC is unhealthy, queues are full\",\"code\":18}", R, R, false},
        {400, "{\"text\":\"Invalid data format\",\"code\":6}", X, S, false},
        {400, "{\"code\":6,\"invalid-event-number\":3}", X, S, false}, /* there is none */
        {400, "{\"code\":6,\"invalid-event-number\":-1}", X, S, false},
        {400, "{\"code\":6,\"invalid-event-number\":\"1\"}", X, S, false},
        {400, "{\"code\":6,\"invalid-event-number\":99999999999999999999}", X, S, false},
        {400, "<html><body>Bad Request</body></html>", X, S, false},
        {400, "", X, S, false},
        {400, "{\"code\":0}", X, S, false},
        {401, "", H, H, false},
        {404, "{\"code\":404}", H, H, false},
        {413, "{\"code\":6,\"invalid-event-number\":0}", X, S, false},
        {429, "{\"code\":6,\"invalid-event-number\":0}", R, R, false},
        {502, "<html>", R, R, false},
    };
    enum outcome item[N];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (size_t n = 1; n <= N; n += N - 1) {
            struct verdict v = judge(cases[i].status, cases[i].body, n, item);

            ck_assert_msg(!v.by_item, "%zu", i);
            ck_assert_msg(v.whole == (n == 1 ? cases[i].one : cases[i].many), "%zu: %d", i,
                          (int)v.whole);
            ck_assert_msg(!v.advice == !cases[i].advice, "%zu", i);
            ck_assert_ptr_null(v.fault);
        }
}
END_TEST

START_TEST(an_event_has_a_number)
{
    static const int codes[] = {6, 12, 13, 15};
    enum outcome item[N];
    char body[100];

    for (size_t c = 0; c < sizeof(codes) / sizeof(codes[0]); c++)
        for (size_t bad = 0; bad < N; bad++) {
            struct verdict v;

            snprintf(body, sizeof(body), "{\"code\":%d,\"invalid-event-number\":%zu}", codes[c],
                     bad);
            v = judge(400, body, N, item);
            ck_assert(v.by_item);
            ck_assert_int_eq(v.whole, bad == 0 ? S : D);
            for (size_t i = 0; i < N; i++)
                ck_assert_int_eq(item[i], i < bad ? D : i == bad ? X : R);
        }
    ck_assert_int_eq(judge(400, "{\"code\":6,\"invalid-event-number\":0}", 1, item).whole, X);
}
END_TEST

/* A 2xx that is not Splunk's word delivers nothing. */
START_TEST(other_answers_are_failures)
{
    static const char *const bodies[] = {"",
                                         "OK",
                                         "ok",
                                         "{}",
                                         "[]",
                                         "null",
                                         "0",
                                         "\"\"",
                                         "\"NOT OK\"",
                                         "{\"text\":\"Success\"}",
                                         "{\"code\":\"0\"}",
                                         "{\"code\":null}",
                                         "{\"code\":false}",
                                         "{\"code\":9}",
                                         "{\"code\":6,\"invalid-event-number\":1}",
                                         "{\"code\":0",
                                         "<html><body>Log in</body></html>",
                                         "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["};
    enum outcome item[N];

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        for (size_t n = 1; n <= N; n += N - 1) {
            struct verdict v = judge(200, bodies[i], n, item);

            ck_assert_msg(!v.by_item && v.whole == R && v.fault, "%zu", i);
        }
}
END_TEST

/* No answer: it may have been stored, and is sent again. */
START_TEST(a_lost_answer)
{
    struct answer a = {.kind = ANSWER_NONE, .error = "connection reset"};
    enum outcome item[N];
    struct verdict v = {.item = item};

    receiver_judge(receiver_get(CONF_RECEIVER_SPLUNK_HEC), &a, N, &v);
    ck_assert(!v.by_item && v.whole == R);
}
END_TEST

UNIT_MAIN("splunk", each_event_in_its_envelope, long_texts_fit, what_an_id_says, a_code_for_all,
          an_event_has_a_number, other_answers_are_failures, a_lost_answer)
