/* SPDX-License-Identifier: Apache-2.0 */
/* Elasticsearch's and OpenSearch's _bulk: the request's bytes, and what answers mean. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/conf_index.h"
#include "deliver/batch.h"
#include "deliver/receivers/receivers.h"
#include "unit.h"

static void add(struct batch *b, const char *id, const char *doc)
{
    struct deliver_event ev = {
        .doc = doc, .doc_len = strlen(doc), .id = id, .id_len = strlen(id), .part = 1};

    batch_add(b, &ev);
}

static void check_frame(int receiver, char *index, const char *id, const char *want)
{
    struct batch *b = batch_new(1, 0);
    struct conf conf = {.index = index};

    add(b, id, "{\"n\":1}");
    add(b, "h:0.001:2:1:ff", "{\"n\":2}");
    ck_assert_int_eq(batch_frame(b, receiver_get(receiver), &conf, CONF_COMPRESS_NONE), 0);
    ck_assert_str_eq(buf_cstr(&b->body), want);
    ck_assert_uint_eq(b->headers.len, 0);
    batch_free(b);
}

START_TEST(a_create_line_before_each_event)
{
    static char plain[] = "audit", dated[] = "audit-%Y.%m.%d-%H", week[] = "a%G-%V-%j";

    check_frame(CONF_RECEIVER_ELASTICSEARCH, NULL, "h:1700000000.123:9:1:ab",
                "{\"create\":{\"_id\":\"h:1700000000.123:9:1:ab\"}}\n{\"n\":1}\n"
                "{\"create\":{\"_id\":\"h:0.001:2:1:ff\"}}\n{\"n\":2}\n");
    check_frame(CONF_RECEIVER_OPENSEARCH, plain, "h:1700000000.123:9:1:ab",
                "{\"create\":{\"_index\":\"audit\",\"_id\":\"h:1700000000.123:9:1:ab\"}}\n"
                "{\"n\":1}\n{\"create\":{\"_index\":\"audit\",\"_id\":\"h:0.001:2:1:ff\"}}\n"
                "{\"n\":2}\n");
    /* the event's date, not today's */
    check_frame(CONF_RECEIVER_ELASTICSEARCH, dated, "h%3A1:1700000000.123:9:1:ab",
                "{\"create\":{\"_index\":\"audit-2023.11.14-22\",\"_id\":"
                "\"h%3A1:1700000000.123:9:1:ab\"}}\n{\"n\":1}\n"
                "{\"create\":{\"_index\":\"audit-1970.01.01-00\",\"_id\":\"h:0.001:2:1:ff\"}}\n"
                "{\"n\":2}\n");
    check_frame(CONF_RECEIVER_ELASTICSEARCH, week, "h:1700000000.123:9:1:ab",
                "{\"create\":{\"_index\":\"a2023-46-318\",\"_id\":\"h:1700000000.123:9:1:ab\"}}\n"
                "{\"n\":1}\n{\"create\":{\"_index\":\"a1970-01-001\",\"_id\":"
                "\"h:0.001:2:1:ff\"}}\n{\"n\":2}\n");
}
END_TEST

/* No id of ours has them, but a request must not be made malformed by one. */
START_TEST(odd_ids)
{
    static char dated[] = "a-%Y";
    static const char *const ids[] = {"",
                                      "x",
                                      ":::",
                                      "::::",
                                      "a:9:1:1:1",
                                      "h:-5.000:1:1:a",
                                      "h:99999999999999999999999.000:1:1:a"};
    static const char *const years[] = {"1970", "1970", "1970", "1970", "1970", "1970", "9999"};

    check_frame(CONF_RECEIVER_ELASTICSEARCH, NULL, "a\"b\\c",
                "{\"create\":{\"_id\":\"a\\\"b\\\\c\"}}\n{\"n\":1}\n"
                "{\"create\":{\"_id\":\"h:0.001:2:1:ff\"}}\n{\"n\":2}\n");
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        char want[400];

        snprintf(want, sizeof(want),
                 "{\"create\":{\"_index\":\"a-%s\",\"_id\":\"%s\"}}\n{\"n\":1}\n"
                 "{\"create\":{\"_index\":\"a-1970\",\"_id\":\"h:0.001:2:1:ff\"}}\n{\"n\":2}\n",
                 years[i], ids[i]);
        check_frame(CONF_RECEIVER_ELASTICSEARCH, dated, ids[i], want);
    }
}
END_TEST

START_TEST(a_long_name_and_a_long_id_fit)
{
    struct batch *b = batch_new(1, 0);
    char index[256], id[1000];
    struct conf conf = {.index = index};

    memset(index, 'x', 255);
    index[255] = '\0';
    memset(id, '"', sizeof(id) - 1);
    id[sizeof(id) - 1] = '\0';
    for (int i = 0; i < 100; i++)
        add(b, id, "{}");
    ck_assert_int_eq(
        batch_frame(b, receiver_get(CONF_RECEIVER_OPENSEARCH), &conf, CONF_COMPRESS_NONE), 0);
    batch_free(b);
}
END_TEST

START_TEST(names_of_an_index)
{
    static const char *const good[] = {"a", "audit-%Y.%m.%d", "%Y", "logs-auditd.log-default",
                                       ".x"};
    static const char *const bad[] = {"",    ".",   "..",   "-a", "_a",  "+a",        "Audit",
                                      "a b", "a/b", "a\\b", "a*", "a?",  "a\"",       "a<",
                                      "a>",  "a|",  "a,",   "a#", "a:b", "a\xc3\xa4", "a\n",
                                      "%",   "a%",  "%y",   "%s", "%%",  "a-%B"};
    char name[CONF_INDEX_SIZE], long_name[300];

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        ck_assert_msg(!conf_index_fault(good[i]), "%s", good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(conf_index_fault(bad[i]), "%s", bad[i]);
    memset(long_name, 'a', sizeof(long_name));
    long_name[255] = '\0';
    ck_assert_ptr_null(conf_index_fault(long_name));
    memcpy(long_name + 253, "%Y", 3);
    ck_assert_ptr_nonnull(conf_index_fault(long_name));
    ck_assert_int_eq(conf_index_name("%Y-%m-%dT", INT64_MIN, name), 0);
    ck_assert_str_eq(name, "1970-01-01T");
    ck_assert_int_eq(conf_index_name("%Y-%m-%dT", INT64_MAX, name), 0);
    ck_assert_str_eq(name, "9999-12-31T");
}
END_TEST

/* -- answers ----------------------------------------------------------------------------------- */

#define N 3

static struct verdict judge(const char *body, bool cut, size_t n, enum outcome *item)
{
    struct answer a = {.status = 200, .body = body, .body_len = strlen(body), .cut = cut};
    struct verdict v = {.item = item, .by_item = true, .known = 9, .status = 9, .fault = "old"};

    receiver_judge(receiver_get(CONF_RECEIVER_ELASTICSEARCH), &a, n, &v);
    return v;
}

#define OK_ "{\"create\":{\"status\":201}}"
#define ITEM(status, type) \
    "{\"create\":{\"status\":" #status ",\"error\":{\"type\":\"" type "\",\"reason\":\"r\"}}}"
#define D OUTCOME_DELIVERED
#define R OUTCOME_RETRY
#define X OUTCOME_REJECT
#define THREE(a, b, c) "{\"errors\":true,\"items\":[" a "," b "," c "]}"

START_TEST(each_event_is_judged)
{
    static const struct {
        const char *body;
        enum outcome whole, item[N];
        long status;
        size_t known;
    } cases[] = {
        {"{\"errors\":false,\"items\":[" OK_ "," OK_ "," OK_ "]}", D, {D, D, D}, 0, 0},
        {"{\"took\":3,\"errors\":false,\"items\":[{\"create\":{\"_index\":\"a\",\"_id\":\"1\","
         "\"status\":201}}," OK_ "," OK_ "]}\n",
         D,
         {D, D, D},
         0,
         0},
        {THREE(OK_, ITEM(409, "version_conflict_engine_exception"),
               "{\"create\":{\"status\":409}}"),
         D,
         {D, D, D},
         0,
         2},
        {THREE(OK_, ITEM(409, "other_exception"), OK_), D, {D, X, D}, 0, 0},
        {THREE(OK_, ITEM(400, "document_parsing_exception"), OK_), D, {D, X, D}, 0, 0},
        {THREE(ITEM(400, "a"), ITEM(400, "a"), ITEM(413, "a")), OUTCOME_SPLIT, {X, X, X}, 400, 0},
        {THREE(OK_, ITEM(429, "es_rejected_execution_exception"), ITEM(503, "x")),
         R,
         {D, R, R},
         429,
         0},
        {THREE(ITEM(400, "a"), ITEM(500, "x"), OK_), R, {X, R, D}, 500, 0},
        {THREE(OK_, ITEM(403, "cluster_block_exception"), OK_), R, {D, R, D}, 403, 0},
        {THREE(OK_, ITEM(403, "security_exception"), ITEM(429, "x")),
         OUTCOME_HOLD,
         {D, R, R},
         403,
         0},
        {THREE(ITEM(404, "index_not_found_exception"), OK_, OK_), OUTCOME_HOLD, {R, D, D}, 404, 0},
    };
    enum outcome item[N];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct verdict v = judge(cases[i].body, false, N, item);

        ck_assert_msg(v.by_item, "%zu", i);
        ck_assert_msg(v.whole == cases[i].whole, "%zu: %d", i, (int)v.whole);
        ck_assert_msg(v.status == cases[i].status, "%zu: %ld", i, v.status);
        ck_assert_msg(v.known == cases[i].known, "%zu: %zu", i, v.known);
        ck_assert_ptr_null(v.fault);
        for (size_t k = 0; k < N; k++)
            ck_assert_msg(item[k] == cases[i].item[k], "%zu, %zu: %d", i, k, (int)item[k]);
    }
    ck_assert_int_eq(judge("{\"items\":[" ITEM(400, "a") "]}", false, 1, item).whole,
                     OUTCOME_REJECT);
}
END_TEST

/* Nothing is delivered, and nothing refused, by an answer that does not account for each event. */
START_TEST(other_answers_are_failures)
{
    static const char *const bodies[] = {
        "",
        "OK",
        "{}",
        "[]",
        "null",
        "{\"errors\":false}",
        "{\"errors\":false,\"items\":null}",
        "{\"errors\":false,\"items\":{}}",
        "{\"errors\":false,\"items\":[]}",
        "{\"errors\":false,\"items\":[" OK_ "," OK_ "]}",
        "{\"errors\":false,\"items\":[" OK_ "," OK_ "," OK_ "," OK_ "]}",
        THREE(OK_, OK_, "{}"),
        THREE(OK_, OK_, "null"),
        THREE(OK_, OK_, "7"),
        THREE(OK_, OK_, "{\"create\":7}"),
        THREE(OK_, OK_, "{\"create\":{}}"),
        THREE(OK_, OK_, "{\"create\":{\"status\":\"201\"}}"),
        THREE(OK_, OK_, "{\"create\":{\"status\":0}}"),
        THREE(OK_, OK_, "{\"create\":{\"status\":302}}"),
        THREE(OK_, OK_, "{\"create\":{\"status\":99999999999999999999}}"),
        THREE(ITEM(409, "version_conflict_engine_exception"), OK_, "{}"),
        "{\"errors\":false,\"items\":[" OK_ "," OK_ "," OK_ "]",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    };
    enum outcome item[N];

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        struct verdict v = judge(bodies[i], false, N, item);

        ck_assert_msg(!v.by_item && v.whole == OUTCOME_RETRY && v.fault, "%zu", i);
        ck_assert_uint_eq(v.known, 0);
        ck_assert_int_eq(v.status, 0);
        v = judge(bodies[i], true, N, item); /* longer than answer_max */
        ck_assert_msg(!v.by_item && v.whole == OUTCOME_SPLIT && !v.fault, "%zu", i);
        v = judge(bodies[i], true, 1, item);
        if (!v.by_item)
            ck_assert_msg(v.whole == OUTCOME_RETRY && v.fault, "%zu", i);
    }
}
END_TEST

START_TEST(a_status_for_all)
{
    static const struct {
        long status;
        enum outcome one, many;
    } cases[] = {
        {400, OUTCOME_REJECT, OUTCOME_SPLIT}, {401, OUTCOME_HOLD, OUTCOME_HOLD},
        {403, OUTCOME_HOLD, OUTCOME_HOLD},    {404, OUTCOME_HOLD, OUTCOME_HOLD},
        {413, OUTCOME_REJECT, OUTCOME_SPLIT}, {429, OUTCOME_RETRY, OUTCOME_RETRY},
        {500, OUTCOME_RETRY, OUTCOME_RETRY},  {503, OUTCOME_RETRY, OUTCOME_RETRY},
        {302, OUTCOME_HOLD, OUTCOME_HOLD},
    };
    static const char body[] = THREE(OK_, OK_, OK_);
    enum outcome item[N];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (size_t n = 1; n <= N; n += N - 1) {
            struct answer a = {
                .status = cases[i].status, .body = body, .body_len = sizeof(body) - 1};
            struct verdict v = {.item = item};

            receiver_judge(receiver_get(CONF_RECEIVER_OPENSEARCH), &a, n, &v);
            ck_assert(!v.by_item);
            ck_assert_int_eq(v.whole, n == 1 ? cases[i].one : cases[i].many);
        }
}
END_TEST

UNIT_MAIN("bulk", a_create_line_before_each_event, odd_ids, a_long_name_and_a_long_id_fit,
          names_of_an_index, each_event_is_judged, other_answers_are_failures, a_status_for_all)
