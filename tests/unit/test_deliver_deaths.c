/* SPDX-License-Identifier: Apache-2.0 */
/* Batches at which the process died twice, as the engine says. */
#include "config.h"

#include <string.h>

#include "rig.h"
#include "unit.h"

static struct rig rig;
static unsigned asked, refused, in_hand, bad_event;
static bool dies_plain; /* of the bad event, uncompressed too */

/* As the engine knows it: compressed, this batch kills. */
static bool sending(void *ctx, const struct deliver_event *events, size_t n, bool compress)
{
    bool has_bad = false;

    (void)ctx;
    asked++;
    ck_assert_uint_eq(in_hand, 0);
    for (size_t i = 0; i < n; i++)
        has_bad |= strtoul(events[i].id + 1, NULL, 10) == bad_event;
    if (has_bad && (compress || dies_plain)) {
        refused++;
        return false;
    }
    in_hand++;
    return true;
}

static void sent(void *ctx)
{
    (void)ctx;
    ck_assert_uint_eq(in_hand, 1);
    in_hand--;
}

static void start(unsigned bad, bool plain)
{
    rig.conf.batch_events = 8;
    rig.conf.compress = CONF_COMPRESS_GZIP;
    rig_start(&rig);
    rig.d->ops.sending = sending;
    rig.d->ops.sent = sent;
    bad_event = bad;
    dies_plain = plain;
    asked = refused = in_hand = 0;
    for (int i = 0; i < 24; i++)
        rig_add(&rig, "some text that is always the same, some text that is always the same");
}

static void end(struct httpd *h)
{
    ck_assert_uint_eq(in_hand, 0);
    rig_done(&rig);
    httpd_free(h);
}

START_TEST(what_died_compressed_goes_uncompressed)
{
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_NDJSON, NULL, NULL);

    start(11, false);
    rig_finish(&rig);
    ck_assert_uint_eq(httpd_count(h), 3);
    ck_assert_str_eq(httpd_request(h, 0)->encoding, "gzip");
    ck_assert_str_eq(httpd_request(h, 1)->encoding, "");
    ck_assert_str_eq(httpd_request(h, 2)->encoding, "gzip");
    ck_assert_uint_eq(rig_count_events(httpd_request(h, 1)), 8);
    for (unsigned i = 0; i < 24; i++)
        ck_assert_uint_eq(rig.how[i], DELIVER_DELIVERED);
    ck_assert_uint_eq(asked, 4);
    ck_assert_uint_eq(refused, 1);
    end(h);
}
END_TEST

START_TEST(one_that_kills_alone_is_rejected)
{
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_NDJSON, NULL, NULL);

    start(11, true);
    rig_finish(&rig);
    ck_assert_uint_eq(httpd_count(h), 2 + 7);
    for (unsigned i = 0; i < 24; i++)
        ck_assert_uint_eq(rig.how[i], i == 11 ? DELIVER_REJECTED : DELIVER_DELIVERED);
    ck_assert_uint_eq(refused, 4);
    ck_assert_ptr_nonnull(
        strstr(rig_dead(&rig), "\"reason\":\"the process died twice while sending this event\""));
    ck_assert_ptr_nonnull(strstr(rig_dead(&rig), "\"n\":11"));
    ck_assert_uint_eq(rig_logged(&rig, "dead letters"), 1);
    ck_assert_uint_eq(deliver_counts(rig.d).splits, 1);
    ck_assert_uint_eq(deliver_counts(rig.d).rejected, 1);
    ck_assert_uint_eq(deliver_counts(rig.d).delivered, 23);
    end(h);
}
END_TEST

/* Tried again, it is not compressed again; nor does it count as a second death. */
START_TEST(a_retry_is_in_hand_too)
{
    struct httpd_answer again = {.status = 503};
    struct rig_turns turns = {&again, 1};
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_NDJSON, rig_in_turn, &turns);

    start(1000, true);
    rig_finish(&rig);
    ck_assert_uint_eq(httpd_count(h), 4);
    ck_assert_str_eq(httpd_request(h, 1)->encoding, "gzip");
    ck_assert_uint_eq(asked, 4);
    ck_assert_uint_eq(refused, 0);
    end(h);
}
END_TEST

UNIT_MAIN("deliver_deaths", what_died_compressed_goes_uncompressed,
          one_that_kills_alone_is_rejected, a_retry_is_in_hand_too)
