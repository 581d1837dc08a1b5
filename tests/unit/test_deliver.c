/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing, bounds, order and finishing, with receivers that need no network. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "rig.h"
#include "unit.h"

static struct rig rig;

static void file_rig(void)
{
    char url[128];

    rig_init(&rig, CONF_RECEIVER_FILE);
    snprintf(url, sizeof(url), "file://%s", rig_path(&rig, "out.json"));
    rig.urls[rig.conf.url.n++] = strdup(url);
}

static const char *contents(void)
{
    static char text[200000];
    int fd = open(rig_path(&rig, "out.json"), O_RDONLY);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

    if (fd >= 0)
        close(fd);
    text[n] = '\0';
    return text;
}

START_TEST(seals_by_count)
{
    file_rig();
    rig.conf.batch_events = 3;
    rig.conf.in_flight = 4;
    rig_start(&rig);
    deliver_set_next_batch(rig.d, 70);
    for (int i = 0; i < 7; i++)
        ck_assert(rig_add(&rig, "x"));
    ck_assert_uint_eq(rig.n_sealed, 0); /* not before deliver_run() */
    ck_assert_int_le(deliver_next_ms(rig.d), rig_now(&rig));
    deliver_run(rig.d, rig_now(&rig));
    ck_assert_uint_eq(rig.n_sealed, 2);
    ck_assert_uint_eq(rig.sealed[0], 70);
    ck_assert_uint_eq(rig.sealed[1], 71);
    ck_assert_uint_eq(rig.sealed_events[0], 3);
    ck_assert_uint_eq(rig.n_done, 6);
    ck_assert(!deliver_idle(rig.d));
    rig_finish(&rig);
    ck_assert_uint_eq(rig.n_sealed, 3);
    ck_assert_uint_eq(rig.sealed_events[2], 1);
    ck_assert_uint_eq(deliver_counts(rig.d).delivered, 7);
    rig_done(&rig);
}
END_TEST

START_TEST(seals_by_bytes)
{
    char text[500];

    file_rig();
    rig.conf.batch_events = 100;
    rig.conf.batch_bytes = 1000;
    rig_start(&rig);
    memset(text, 'x', sizeof(text));
    text[400] = '\0';
    ck_assert(rig_add(&rig, text));
    ck_assert(rig_add(&rig, text));
    ck_assert(rig_add(&rig, text)); /* does not fit with the two before it */
    deliver_run(rig.d, rig_now(&rig));
    ck_assert_uint_eq(rig.n_sealed, 1);
    ck_assert_uint_eq(rig.sealed_events[0], 2);
    rig.conf.batch_bytes = 300; /* one document larger than the bound goes alone */
    ck_assert(rig_add(&rig, text));
    rig_finish(&rig);
    ck_assert_uint_eq(rig.n_sealed, 3);
    ck_assert_uint_eq(rig.sealed_events[1], 1);
    ck_assert_uint_eq(rig.sealed_events[2], 1);
    rig_done(&rig);
}
END_TEST

START_TEST(seals_by_age)
{
    int64_t t = 1000000;
    struct deliver_event ev = {.doc = "{}", .doc_len = 2, .id = "e0", .id_len = 2};
    uint64_t seqs[2] = {0, 1};

    file_rig();
    rig.conf.batch_events = 100;
    rig_start(&rig);
    ev.seqs = seqs;
    ev.n_seqs = 2;
    ck_assert_int_eq(deliver_next_ms(rig.d), CLOCK_NEVER);
    deliver_add(rig.d, &ev, t);
    ck_assert_int_eq(deliver_next_ms(rig.d), t + 1000);
    deliver_run(rig.d, t + 999);
    ck_assert_uint_eq(rig.n_sealed, 0);
    ck_assert_int_eq(deliver_next_ms(rig.d), t + 1000);
    deliver_run(rig.d, t + 1000);
    ck_assert_uint_eq(rig.n_sealed, 1);
    ck_assert_uint_eq(rig.n_done, 1);
    ck_assert_int_eq(deliver_next_ms(rig.d), CLOCK_NEVER);
    ck_assert(deliver_idle(rig.d));
    rig_done(&rig);
}
END_TEST

START_TEST(flush_seals_now)
{
    file_rig();
    rig.conf.batch_events = 100;
    rig_start(&rig);
    deliver_flush(rig.d); /* nothing there: nothing happens */
    deliver_run(rig.d, rig_now(&rig));
    ck_assert(deliver_idle(rig.d));
    rig_add(&rig, "x");
    rig_add(&rig, "y");
    deliver_flush(rig.d);
    deliver_run(rig.d, rig_now(&rig));
    ck_assert_uint_eq(rig.n_sealed, 1);
    ck_assert_uint_eq(rig.n_done, 2);
    rig_done(&rig);
}
END_TEST

START_TEST(waits_for_the_journal)
{
    file_rig();
    rig.conf.in_flight = 2;
    rig_start(&rig);
    rig.sealed_result = -ENOSPC;
    rig_add(&rig, "a");
    rig_add(&rig, "b");
    deliver_run(rig.d, rig_now(&rig));
    deliver_run(rig.d, rig_now(&rig));
    ck_assert_str_eq(contents(), "");
    ck_assert_uint_eq(rig_logged(&rig, "cannot record a batch"), 1);
    ck_assert_int_gt(deliver_next_ms(rig.d), rig_now(&rig));
    ck_assert_int_lt(deliver_next_ms(rig.d), CLOCK_NEVER);
    rig.sealed_result = 0;
    rig_finish(&rig);
    ck_assert_uint_eq(rig.n_sealed, 2);
    ck_assert_uint_eq(rig.sealed[0], 0);
    ck_assert_str_eq(contents(), "{\"n\":0,\"t\":\"a\"}\n{\"n\":1,\"t\":\"b\"}\n");
    rig_done(&rig);
}
END_TEST

START_TEST(memory_has_a_bound)
{
    unsigned n = 0;

    file_rig();
    rig.conf.batch_events = 5;
    rig.conf.in_flight = 3;
    rig_start(&rig);
    rig.sealed_result = -ENOSPC;
    while (rig_add(&rig, "x"))
        ck_assert_uint_lt(n++, 1000);
    ck_assert_uint_eq(n, 5 * (3 + 1) + 5);
    deliver_flush(rig.d);
    deliver_run(rig.d, rig_now(&rig));
    ck_assert(!deliver_has_room(rig.d));
    rig.sealed_result = 0;
    deliver_run(rig.d, rig_now(&rig));
    ck_assert(deliver_has_room(rig.d));
    rig_finish(&rig);
    rig_done(&rig);

    /* Documents that leave each batch half empty. */
    file_rig();
    rig.conf.batch_events = 100;
    rig.conf.batch_bytes = 100;
    rig.conf.in_flight = 3;
    rig_start(&rig);
    rig.sealed_result = -ENOSPC;
    for (n = 0; rig_add(&rig, "123456789012345678901234567890123456789012345678901234567890"); n++)
        ck_assert_uint_lt(n, 1000);
    ck_assert_uint_eq(n, 3 + 2 + 1);
    rig.sealed_result = 0;
    rig_finish(&rig);
    rig_done(&rig);
}
END_TEST

START_TEST(a_former_lifes_batches_go_first)
{
    file_rig();
    rig.conf.batch_events = 10;
    rig_start(&rig);
    for (unsigned batch = 0; batch < 3; batch++) {
        deliver_resume_begin(rig.d, 40 + batch);
        for (unsigned i = 0; i < batch; i++) { /* the first one is empty */
            char doc[20], id[20];
            uint64_t seqs[2] = {2 * (uint64_t)rig.added, 0};
            struct deliver_event ev = {.doc = doc, .id = id, .seqs = seqs, .n_seqs = 2};

            ev.id_len = (size_t)snprintf(id, sizeof(id), "e%u", rig.added);
            ev.doc_len = (size_t)snprintf(doc, sizeof(doc), "{\"n\":%u}", rig.added++);
            deliver_resume_add(rig.d, &ev);
        }
        deliver_resume_end(rig.d);
    }
    deliver_set_next_batch(rig.d, 43);
    rig_add(&rig, "new");
    rig_finish(&rig);
    ck_assert_uint_eq(rig.n_sealed, 1);
    ck_assert_uint_eq(rig.sealed[0], 43);
    ck_assert_str_eq(contents(), "{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n{\"n\":3,\"t\":\"new\"}\n");
    rig_done(&rig);
}
END_TEST

START_TEST(stopped_sends_nothing_more)
{
    file_rig();
    rig.conf.in_flight = 2;
    rig_start(&rig);
    rig_add(&rig, "a");
    deliver_run(rig.d, rig_now(&rig));
    deliver_stop_sending(rig.d);
    rig_add(&rig, "b");
    deliver_run(rig.d, rig_now(&rig));
    ck_assert_uint_eq(rig.n_done, 1);
    ck_assert_int_eq(deliver_next_ms(rig.d), CLOCK_NEVER);
    ck_assert(!deliver_in_flight(rig.d));
    ck_assert(!deliver_idle(rig.d));
    rig_done(&rig);
}
END_TEST

START_TEST(a_file_is_healed_and_held)
{
    int fd;

    file_rig();
    rig_start(&rig);
    fd = open(rig_path(&rig, "out.json"), O_WRONLY | O_CREAT, 0600);
    ck_assert_int_eq(write(fd, "{\"half", 6), 6);
    close(fd);
    rig_add(&rig, "a");
    rig_finish(&rig);
    ck_assert_str_eq(contents(), "{\"half\n{\"n\":0,\"t\":\"a\"}\n");
    /* Renamed away: a new one is made. A folder in its place: the operator must correct that. */
    unlink(rig_path(&rig, "out.json"));
    ck_assert_int_eq(mkdir(rig_path(&rig, "out.json"), 0700), 0);
    rig_add(&rig, "b");
    for (int i = 0; i < 10; i++)
        rig_turn(&rig);
    ck_assert_uint_eq(rig.n_done, 1);
    ck_assert_uint_eq(rig_logged(&rig, "accepted nothing"), 1);
    ck_assert_uint_eq(rig_logged(&rig, "Is a directory"), 1);
    rmdir(rig_path(&rig, "out.json"));
    rig_finish(&rig);
    ck_assert_str_eq(contents(), "{\"n\":1,\"t\":\"b\"}\n");
    ck_assert_uint_eq(rig_logged(&rig, "up again"), 1);
    rig_done(&rig);
}
END_TEST

START_TEST(a_descriptor_takes_what_it_can)
{
    struct pollfd other = {.fd = -1};
    char text[500], *got = malloc(300000);
    size_t n = 0, lines = 0;
    int p[2];

    rig_init(&rig, CONF_RECEIVER_STDOUT);
    rig.conf.batch_events = 400;
    rig_start(&rig);
    ck_assert_int_eq(pipe2(p, O_CLOEXEC), 0);
    deliver_set_output(rig.d, p[1]);
    memset(text, 'x', sizeof(text));
    text[499] = '\0';
    for (int i = 0; i < 400; i++)
        rig_add(&rig, text);
    deliver_run(rig.d, rig_now(&rig)); /* more than a pipe holds: it does not wait */
    ck_assert(deliver_in_flight(rig.d));
    ck_assert_uint_eq(rig.n_done, 0);
    ck_assert_int_eq(deliver_poll(rig.d, &other, 1, 0), 0);
    while (rig.n_done < 400) {
        ssize_t got_now = read(p[0], got + n, 5000);

        ck_assert_int_gt(got_now, 0);
        n += (size_t)got_now;
        ck_assert_int_eq(deliver_poll(rig.d, &other, 1, 10), 0);
        deliver_run(rig.d, rig_now(&rig));
    }
    close(p[1]);
    for (ssize_t r; (r = read(p[0], got + n, 300000 - n)) > 0;)
        n += (size_t)r;
    for (size_t i = 0; i < n; i++)
        lines += got[i] == '\n';
    ck_assert_uint_eq(lines, 400);
    free(got);
    close(p[0]);
    rig_done(&rig);
}
END_TEST

START_TEST(a_descriptor_that_nobody_reads)
{
    int p[2];

    rig_init(&rig, CONF_RECEIVER_STDOUT);
    rig_start(&rig);
    rig_add(&rig, "a");
    rig_turn(&rig); /* none was handed in: held, not lost, and not written anywhere */
    ck_assert_uint_eq(rig.n_done, 0);
    ck_assert_int_eq(pipe2(p, O_CLOEXEC), 0);
    close(p[0]);
    deliver_set_output(rig.d, p[1]);
    rig.skew += 100000;
    rig_turn(&rig);
    ck_assert_uint_eq(rig.n_done, 0);
    ck_assert(deliver_output_closed(rig.d));
    close(p[1]);
    rig_done(&rig);
}
END_TEST

START_TEST(what_cannot_work_is_refused)
{
    char nowhere[] = "/nowhere/at/all";
    struct deliver_ops ops = {0};
    struct deliver *d = NULL;

    file_rig();
    rig.conf.receiver = 99;
    ck_assert_int_eq(deliver_new(&rig.conf, NULL, &ops, &d), -EINVAL);
    rig.conf.receiver = CONF_RECEIVER_FILE;
    rig.urls[0][0] = 'F';
    ck_assert_int_eq(deliver_new(&rig.conf, NULL, &ops, &d), -EINVAL);
    rig.conf.receiver = CONF_RECEIVER_SINGLE;
    rig.conf.url.n = 0;
    ck_assert_int_eq(deliver_new(&rig.conf, NULL, &ops, &d), -EINVAL);
    rig.conf.url.n = 1;
    rig.conf.bearer_file = nowhere;
    ck_assert_int_lt(deliver_new(&rig.conf, NULL, &ops, &d), 0);
    ck_assert_uint_eq(rig_logged(&rig, "/nowhere/at/all: No such file"), 1);
    ck_assert_ptr_null(d);
    deliver_free(NULL);
    rig_done(&rig);
}
END_TEST

/* A row as Elasticsearch's will be: the answer speaks of each event. Then come the canary and those
 * that are to be tried again; after them, one by one, those that were refused. */
static unsigned judged;
static void judge_items(const struct answer *a, size_t n, struct verdict *v)
{
    (void)a;
    v->whole = OUTCOME_DELIVERED;
    v->by_item = true;
    for (size_t i = 0; i < n; i++)
        v->item[i] = judged == 0 && i % 3 == 1   ? OUTCOME_RETRY
                     : judged == 0 && i % 3 == 2 ? OUTCOME_REJECT
                     : judged > 2                ? OUTCOME_REJECT
                                                 : OUTCOME_DELIVERED;
    judged++;
}

START_TEST(an_answer_may_speak_of_each_event)
{
    struct receiver row;

    file_rig();
    rig.conf.batch_events = 9;
    rig_start(&rig);
    row = *receiver_get(CONF_RECEIVER_FILE);
    row.judge = judge_items;
    rig.d->row = &row;
    for (int i = 0; i < 9; i++)
        rig_add(&rig, "x");
    rig_finish(&rig);
    for (unsigned i = 0; i < 9; i++)
        ck_assert_uint_eq(rig.how[i], i % 3 == 2 ? DELIVER_REJECTED : DELIVER_DELIVERED);
    ck_assert_uint_eq(judged, 6);
    ck_assert_ptr_nonnull(strstr(contents(), "{\"n\":8,\"t\":\"x\"}\n{\"n\":0,\"t\":\"x\"}\n"
                                             "{\"n\":1,\"t\":\"x\"}\n"
                                             "{\"n\":4,\"t\":\"x\"}\n{\"n\":7,\"t\":\"x\"}\n"));
    ck_assert_ptr_nonnull(strstr(rig_dead(&rig), "\"id\":\"e5\""));
    ck_assert_uint_eq(deliver_counts(rig.d).rejected, 3);
    rig_done(&rig);
}
END_TEST

UNIT_MAIN("deliver", seals_by_count, seals_by_bytes, seals_by_age, flush_seals_now,
          waits_for_the_journal, memory_has_a_bound, a_former_lifes_batches_go_first,
          stopped_sends_nothing_more, a_file_is_healed_and_held, a_descriptor_takes_what_it_can,
          a_descriptor_that_nobody_reads, what_cannot_work_is_refused,
          an_answer_may_speak_of_each_event)
