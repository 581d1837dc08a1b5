/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "conf/conf.h"
#include "deliver/batch.h"
#include "deliver/compress.h"
#include "deliver/receivers/receivers.h"
#include "unit.h"

static void add(struct batch *b, const char *id, const char *doc)
{
    const uint64_t seqs[] = {1, 2, 3};
    struct deliver_event ev = {.doc = doc,
                               .doc_len = strlen(doc),
                               .id = id,
                               .id_len = strlen(id),
                               .seqs = seqs,
                               .n_seqs = 3,
                               .part = 2,
                               .complete = 4};

    batch_add(b, &ev);
}

static struct batch *three(void)
{
    struct batch *b = batch_new(7, 100);

    add(b, "a", "{\"n\":1}");
    add(b, "b", "{\"n\":2}");
    add(b, "c", "{\"n\":3}");
    return b;
}

START_TEST(events_are_copied)
{
    struct batch *b = batch_new(1, 0);
    char doc[] = "{}", id[] = "id";
    uint64_t seq = 42;
    struct deliver_event ev = {.doc = doc,
                               .doc_len = 2,
                               .id = id,
                               .id_len = 2,
                               .seqs = &seq,
                               .n_seqs = 1,
                               .part = 3,
                               .complete = 1};

    batch_add(b, &ev);
    memset(doc, 'x', sizeof(doc));
    memset(id, 'x', sizeof(id));
    seq = 0;
    ck_assert_mem_eq(b->events[0].doc, "{}", 2);
    ck_assert_str_eq(b->events[0].id, "id");
    ck_assert_uint_eq(b->events[0].seqs[0], 42);
    ck_assert_uint_eq(b->events[0].part, 3);
    ck_assert_uint_eq(b->events[0].complete, 1);
    batch_free(b);
    batch_free(NULL);
}
END_TEST

START_TEST(limits_of_filling)
{
    struct batch *b = batch_new(1, 0);

    ck_assert(batch_fits(b, 1000, 3, 20)); /* an empty one takes any */
    ck_assert(!batch_full(b, 3, 20));
    add(b, "a", "1234567");
    ck_assert(batch_fits(b, 13, 3, 20));
    ck_assert(!batch_fits(b, 14, 3, 20));
    add(b, "b", "1234567");
    ck_assert(!batch_full(b, 3, 20));
    ck_assert(batch_full(b, 2, 20));
    ck_assert(batch_full(b, 3, 14));
    ck_assert(!batch_fits(b, 0, 2, 20));
    batch_free(b);
}
END_TEST

static void check_body(int receiver, const char *want)
{
    struct batch *b = three();
    const struct receiver *row = receiver_get(receiver);

    ck_assert_int_eq(batch_frame(b, row, NULL, CONF_COMPRESS_NONE), 0);
    ck_assert_str_eq(buf_cstr(&b->body), want);
    ck_assert_ptr_null(b->encoding);
    ck_assert_ptr_eq(b->row, row);
    batch_free(b);
}

START_TEST(frames)
{
    struct batch *b = batch_new(1, 0);

    check_body(CONF_RECEIVER_JSON_ARRAY, "[{\"n\":1},{\"n\":2},{\"n\":3}]");
    check_body(CONF_RECEIVER_NDJSON, "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
    check_body(CONF_RECEIVER_FILE, "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
    check_body(CONF_RECEIVER_MOZDEF_BULK, "{\"index\":{}}\n{\"n\":1}\n{\"index\":{}}\n{\"n\":2}\n"
                                          "{\"index\":{}}\n{\"n\":3}\n");
    add(b, "a", "{}");
    ck_assert_int_eq(batch_frame(b, receiver_get(CONF_RECEIVER_MOZDEF), NULL, CONF_COMPRESS_GZIP),
                     0);
    ck_assert_str_eq(buf_cstr(&b->body), "{}");
    ck_assert_ptr_null(b->encoding);
    add(b, "b", "{}");
    ck_assert_int_eq(batch_frame(b, receiver_get(CONF_RECEIVER_SINGLE), NULL, 0), -EINVAL);
    batch_free(b);
}
END_TEST

START_TEST(a_split_keeps_order_and_forgets_the_body)
{
    struct batch *b = three(), *last = batch_new(8, 0), *second;

    b->next = last;
    b->refusals = 5;
    b->accepted = 9;
    batch_frame(b, receiver_get(CONF_RECEIVER_NDJSON), NULL, 0);
    second = batch_split(b);
    ck_assert_ptr_eq(b->next, second);
    ck_assert_ptr_eq(second->next, last);
    ck_assert_uint_eq(b->n, 2);
    ck_assert_uint_eq(second->n, 1);
    ck_assert_uint_eq(b->bytes, 14);
    ck_assert_uint_eq(second->bytes, 7);
    ck_assert_str_eq(b->events[1].id, "b");
    ck_assert_str_eq(second->events[0].id, "c");
    ck_assert_uint_eq(second->no, 7);
    ck_assert_uint_eq(second->refusals, 5);
    ck_assert_uint_eq(second->accepted, 9);
    ck_assert_ptr_null(b->row);
    batch_frame(second, receiver_get(CONF_RECEIVER_NDJSON), NULL, 0);
    ck_assert_str_eq(buf_cstr(&second->body), "{\"n\":3}\n");
    batch_free(b);
    batch_free(second);
    batch_free(last);
}
END_TEST

START_TEST(events_are_taken_by_their_outcome)
{
    struct batch *b = three(), *taken;
    const enum outcome want[] = {OUTCOME_DELIVERED, OUTCOME_RETRY, OUTCOME_DELIVERED};

    ck_assert_ptr_null(batch_take(b, want, OUTCOME_REJECT));
    taken = batch_take(b, want, OUTCOME_DELIVERED);
    ck_assert_uint_eq(taken->n, 2);
    ck_assert_str_eq(taken->events[1].id, "c");
    ck_assert_uint_eq(b->n, 1);
    ck_assert_str_eq(b->events[0].id, "b");
    ck_assert_uint_eq(b->bytes, 7);
    batch_free(b);
    batch_free(taken);
}
END_TEST

START_TEST(the_id_depends_on_the_events_ids_alone)
{
    struct batch *b = three(), *c = batch_new(99, 5), *d = batch_new(7, 0);
    char one[BATCH_ID_SIZE], two[BATCH_ID_SIZE];

    add(c, "a", "x");
    add(c, "b", "y");
    add(c, "c", "z");
    batch_id(b, one);
    batch_id(c, two);
    ck_assert_str_eq(one, two);
    ck_assert_uint_eq(strlen(one), 16);
    add(d, "ab", "x"); /* where one id ends counts */
    add(d, "c", "x");
    batch_id(d, two);
    ck_assert_str_ne(one, two);
    batch_free(b);
    batch_free(c);
    batch_free(d);
}
END_TEST

/* -- compression ------------------------------------------------------------------------------- */

static void fill(struct buf *b, size_t n, bool noise)
{
    uint64_t state = 88172645463325252ULL;

    for (size_t i = 0; i < n; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        buf_append_char(b, noise ? (char)state : "abcdefgh"[state % 3]);
    }
}

START_TEST(gzip_comes_out_as_it_went_in)
{
    const size_t sizes[] = {1000, 64 * 1024, 3000000};

    for (size_t i = 0; i < 3; i++) {
        struct buf in = BUF_INIT(4000000), out = BUF_INIT(sizes[i]);
        char *back = malloc(sizes[i] + 1);
        z_stream z = {0};

        fill(&in, sizes[i], false);
        ck_assert_int_eq(compress_buf(CONF_COMPRESS_GZIP, &in, &out), 0);
        ck_assert_uint_lt(out.len, in.len / 2);
        ck_assert_int_eq(inflateInit2(&z, 15 + 16), Z_OK);
        z.next_in = (Bytef *)out.data;
        z.avail_in = (uInt)out.len;
        z.next_out = (Bytef *)back;
        z.avail_out = (uInt)sizes[i] + 1;
        ck_assert_int_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
        ck_assert_uint_eq(z.total_out, sizes[i]);
        ck_assert(memcmp(back, in.data, in.len) == 0);
        inflateEnd(&z);
        free(back);
        buf_done(&in);
        buf_done(&out);
    }
}
END_TEST

START_TEST(noise_is_sent_as_it_is)
{
    struct batch *b = batch_new(1, 0);
    struct buf in = BUF_INIT(1000000), out = BUF_INIT(300000);

    fill(&in, 300000, true);
    ck_assert_int_eq(compress_buf(CONF_COMPRESS_GZIP, &in, &out), -EMSGSIZE);
    buf_done(&out);
    if (compress_available(CONF_COMPRESS_ZSTD))
        ck_assert_int_eq(compress_buf(CONF_COMPRESS_ZSTD, &in, &out), -EMSGSIZE);
    buf_done(&in);
    buf_done(&out);

    add(b, "a", "{}");
    ck_assert_int_eq(batch_frame(b, receiver_get(CONF_RECEIVER_SINGLE), NULL, CONF_COMPRESS_GZIP),
                     0);
    ck_assert_ptr_null(b->encoding);
    ck_assert_str_eq(buf_cstr(&b->body), "{}");
    batch_free(b);
}
END_TEST

START_TEST(a_batch_is_compressed_when_that_helps)
{
    struct batch *b = batch_new(1, 0);
    char doc[2000];

    memset(doc, '7', sizeof(doc) - 1);
    doc[sizeof(doc) - 1] = '\0';
    add(b, "a", doc);
    ck_assert_int_eq(batch_frame(b, receiver_get(CONF_RECEIVER_NDJSON), NULL, CONF_COMPRESS_GZIP),
                     0);
    ck_assert_str_eq(b->encoding, "gzip");
    ck_assert_uint_lt(b->body.len, 200);
    ck_assert_int_eq(
        batch_frame(b, receiver_get(CONF_RECEIVER_MOZDEF_BULK), NULL, CONF_COMPRESS_GZIP), 0);
    ck_assert_ptr_null(b->encoding); /* MozDef takes none */
#ifdef HAVE_ZSTD
    {
        char back[4000];

        batch_frame(b, receiver_get(CONF_RECEIVER_NDJSON), NULL, CONF_COMPRESS_ZSTD);
        ck_assert_str_eq(b->encoding, "zstd");
        ck_assert_uint_eq(ZSTD_decompress(back, sizeof(back), b->body.data, b->body.len),
                          sizeof(doc));
        ck_assert_mem_eq(back, doc, sizeof(doc) - 1);
    }
#endif
    batch_free(b);
}
END_TEST

/* -- the judges -------------------------------------------------------------------------------- */

static enum outcome judge(int receiver, enum answer_kind kind, long status, size_t n)
{
    struct answer a = {.kind = kind, .status = status};
    struct verdict v = {.by_item = true};

    receiver_judge(receiver_get(receiver), &a, n, &v);
    ck_assert(!v.by_item);
    return v.whole;
}

START_TEST(every_status_has_its_outcome)
{
    for (int row = CONF_RECEIVER_MOZDEF; row <= CONF_RECEIVER_STDOUT; row++)
        for (long status = 0; status < 1000; status++) {
            enum outcome one = judge(row, ANSWER_STATUS, status, 1);
            enum outcome many = judge(row, ANSWER_STATUS, status, 2);
            enum outcome want = OUTCOME_RETRY;

            if (status >= 200 && status <= 299)
                want = OUTCOME_DELIVERED;
            else if ((status >= 300 && status <= 399) || status == 401 || status == 403 ||
                     status == 404 || status == 407)
                want = OUTCOME_HOLD;
            else if (status >= 400 && status <= 499 && status != 408 && status != 425 &&
                     status != 429)
                want = OUTCOME_REJECT;
            ck_assert_msg(one == want, "%ld", status);
            ck_assert_msg(many == (want == OUTCOME_REJECT ? OUTCOME_SPLIT : want), "%ld", status);
        }
}
END_TEST

/* A 400 about the connection drops no event; one that only quotes such a text does. */
START_TEST(pages_about_the_connection)
{
    static const struct {
        long status;
        const char *body, *advice;
    } cases[] = {
        {400, "<html>\r\n<head><title>400 No required SSL certificate was sent</title>",
         "client_key"},
        {400, "<html>\r\n<head><title>400 The SSL certificate error</title>", "client_cert"},
        {400, "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title>",
         "https://"},
        {400, "bad event: <html>\r\n<head><title>400 No required SSL certificate was sent</title>",
         NULL},
        {400, "<html>\r\n<head><title>400 No required SSL certificate was sent", NULL},
        {422, "<html>\r\n<head><title>400 No required SSL certificate was sent</title>", NULL},
        {400, "<html>\r\n<head><title>400 Bad Request</title>", NULL},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct answer a = {
            .status = cases[i].status, .body = cases[i].body, .body_len = strlen(cases[i].body)};
        const struct receiver *row = receiver_get(CONF_RECEIVER_NDJSON);
        struct verdict v = {.by_item = true};
        char advice[200];

        receiver_judge(row, &a, 1, &v);
        ck_assert_int_eq(v.whole, cases[i].advice ? OUTCOME_HOLD : OUTCOME_REJECT);
        receiver_advice(row, &a, advice, sizeof(advice));
        ck_assert_ptr_nonnull(strstr(advice, cases[i].advice ? cases[i].advice : "own log"));
    }
}
END_TEST

START_TEST(without_a_status)
{
    ck_assert_int_eq(judge(CONF_RECEIVER_SINGLE, ANSWER_NONE, 0, 1), OUTCOME_RETRY);
    ck_assert_int_eq(judge(CONF_RECEIVER_SINGLE, ANSWER_NONE, 200, 9), OUTCOME_RETRY);
    ck_assert_int_eq(judge(CONF_RECEIVER_SINGLE, ANSWER_TLS, 0, 1), OUTCOME_HOLD);
    ck_assert_int_eq(judge(CONF_RECEIVER_SINGLE, ANSWER_SETTINGS, 0, 1), OUTCOME_HOLD);
}
END_TEST

START_TEST(every_receiver_has_a_row)
{
    static const char *const names[] = {"mozdef",     "mozdef-bulk", "single", "json-array",
                                        "ndjson",     "file",        "stdout", "elasticsearch",
                                        "opensearch", "splunk-hec"};
    const struct answer not_found = {.status = 404}, who_are_you = {.status = 401};
    char advice[200];

    ck_assert_uint_eq(CONF_RECEIVERS, sizeof(names) / sizeof(names[0]));
    for (int i = 0; i < CONF_RECEIVERS; i++)
        ck_assert_str_eq(receiver_get(i)->name, names[i]);
    ck_assert_ptr_null(receiver_get(-1));
    ck_assert_ptr_null(receiver_get(CONF_RECEIVERS));
    receiver_advice(receiver_get(CONF_RECEIVER_MOZDEF), &not_found, advice, sizeof(advice));
    ck_assert_ptr_nonnull(strstr(advice, "/events"));
    receiver_advice(receiver_get(CONF_RECEIVER_SINGLE), &who_are_you, advice, sizeof(advice));
    ck_assert_ptr_nonnull(strstr(advice, "bearer_file"));
}
END_TEST

UNIT_MAIN("batch", events_are_copied, limits_of_filling, frames,
          a_split_keeps_order_and_forgets_the_body, events_are_taken_by_their_outcome,
          the_id_depends_on_the_events_ids_alone, gzip_comes_out_as_it_went_in,
          noise_is_sent_as_it_is, a_batch_is_compressed_when_that_helps,
          every_status_has_its_outcome, pages_about_the_connection, without_a_status,
          every_receiver_has_a_row)
