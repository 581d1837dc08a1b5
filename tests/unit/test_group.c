/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "event/group.h"
#include "unit.h"

static struct group *g;
static uint64_t seq;

static void make(size_t max_records, size_t max_events, size_t max_bytes)
{
    struct group_conf conf = {.timeout_ms = 2000,
                              .settle_ms = 20,
                              .settle_records = 64,
                              .max_event_bytes = 100000,
                              .max_records = max_records,
                              .max_events = max_events,
                              .max_bytes = max_bytes};

    g = group_new(&conf);
    seq = 0;
}

static void add_part(const char *text, unsigned part, int64_t now_ms)
{
    struct buf scratch = BUF_INIT(100000);
    struct record rec;

    ck_assert_int_eq(record_parse(text, strlen(text), &scratch, &rec), RECORD_OK);
    seq++;
    group_add(g, &rec, seq, 0, part, now_ms);
    buf_done(&scratch);
}

static void add(const char *text, int64_t now_ms)
{
    add_part(text, 1, now_ms);
}

static void expect(int64_t now_ms, uint64_t serial, size_t n_lines, enum event_complete complete)
{
    struct group_event *ev = group_take(g, now_ms, false);

    ck_assert_ptr_nonnull(ev);
    ck_assert_uint_eq(ev->serial, serial);
    ck_assert_uint_eq(ev->n_lines, n_lines);
    ck_assert_int_eq(ev->complete, complete);
    group_release(g, ev);
}

START_TEST(an_event_ends_by_eoe_and_settles)
{
    make(100, 100, 1 << 20);
    add("type=SYSCALL msg=audit(1.000:7): a=1", 100);
    add("type=CWD msg=audit(1.000:7): cwd=\"/\"", 101);
    ck_assert_ptr_null(group_take(g, 101, false));
    add("type=EOE msg=audit(1.000:7): ", 102);
    ck_assert_int_eq(group_next_ms(g), 122);
    ck_assert_ptr_null(group_take(g, 121, false));
    expect(122, 7, 3, EVENT_BY_EOE);
    ck_assert_uint_eq(group_open(g), 0);
    ck_assert_uint_eq(group_bytes(g), 0);
    ck_assert_int_eq(group_next_ms(g), CLOCK_NEVER);
    group_free(g);
}
END_TEST

START_TEST(records_after_proctitle_join_while_it_settles)
{
    make(100, 100, 1 << 20);
    add("type=LOGIN msg=audit(1.000:7): a=1", 0);
    add("type=SYSCALL msg=audit(1.000:7): a=1", 1000);
    add("type=PROCTITLE msg=audit(1.000:7): proctitle=\"x\"", 1000);
    add("type=PATH msg=audit(1.000:7): item=0", 1019);
    expect(1020, 7, 4, EVENT_BY_TYPE);
    group_free(g);
}
END_TEST

START_TEST(sixty_four_records_of_others_settle_an_event)
{
    char text[80];

    make(1000, 1000, 1 << 20);
    add("type=USER_LOGIN msg=audit(1.000:7): a=1", 0);
    for (int i = 0; i < 63; i++) {
        snprintf(text, sizeof(text), "type=SYSCALL msg=audit(1.000:%d): a=1", 100 + i);
        add(text, 0);
    }
    add("type=SYSCALL msg=audit(1.000:7): a=1", 0); /* its own does not count */
    ck_assert_ptr_null(group_take(g, 0, false));
    add("type=SYSCALL msg=audit(1.000:500): a=1", 0);
    expect(0, 7, 2, EVENT_BY_TYPE);
    group_free(g);
}
END_TEST

START_TEST(no_event_waits_for_an_older_one)
{
    make(100, 100, 1 << 20);
    add("type=SECCOMP msg=audit(1.000:1): sig=31", 0);
    add("type=USER_AUTH msg=audit(5.000:2): a=1", 10);
    expect(30, 2, 1, EVENT_BY_TYPE);
    ck_assert_ptr_null(group_take(g, 1999, false));
    expect(2000, 1, 1, EVENT_BY_TIMEOUT);
    group_free(g);
}
END_TEST

START_TEST(age_counts_from_the_last_record)
{
    make(100, 100, 1 << 20);
    add("type=SYSCALL msg=audit(1.000:1): a=1", 0);
    add("type=SYSCALL msg=audit(1.000:2): a=1", 500);
    add("type=CWD msg=audit(1.000:1): cwd=\"/\"", 1500);
    ck_assert_ptr_null(group_take(g, 2499, false));
    expect(2500, 2, 1, EVENT_BY_TIMEOUT);
    ck_assert_ptr_null(group_take(g, 3499, false));
    expect(3500, 1, 2, EVENT_BY_TIMEOUT);
    group_free(g);
}
END_TEST

START_TEST(node_time_and_serial_are_the_key)
{
    make(100, 100, 1 << 20);
    add("node=a type=SYSCALL msg=audit(1.000:1): a=1", 0);
    add("node=b type=SYSCALL msg=audit(1.000:1): a=1", 0);
    add("type=SYSCALL msg=audit(1.000:1): a=1", 0);
    add("type=SYSCALL msg=audit(1.001:1): a=1", 0);
    add("type=SYSCALL msg=audit(2.000:1): a=1", 0);
    ck_assert_uint_eq(group_open(g), 5);
    add("node=b type=CWD msg=audit(1.000:1): cwd=\"/\"", 0);
    ck_assert_uint_eq(group_open(g), 5);
    group_end_all(g, EVENT_BY_SHUTDOWN, 1);
    for (int i = 0; i < 5; i++) {
        struct group_event *ev = group_take(g, 1, true);

        ck_assert_ptr_nonnull(ev);
        ck_assert_int_eq(ev->complete, EVENT_BY_SHUTDOWN);
        group_release(g, ev);
    }
    ck_assert_ptr_null(group_take(g, 1, true));
    group_free(g);
}
END_TEST

START_TEST(an_event_over_its_bound_goes_on_as_the_next_part)
{
    struct group_event *ev;

    make(3, 100, 1 << 20);
    for (int i = 0; i < 4; i++)
        add("type=SYSCALL msg=audit(1.000:1): a=1", 0);
    ev = group_take(g, 0, false); /* at once: it takes no more */
    ck_assert_ptr_nonnull(ev);
    ck_assert_uint_eq(ev->n_lines, 3);
    ck_assert_uint_eq(ev->part, 1);
    ck_assert_int_eq(ev->complete, EVENT_BY_LIMIT);
    group_release(g, ev);
    ev = group_take(g, 2000, false);
    ck_assert_ptr_nonnull(ev);
    ck_assert_uint_eq(ev->n_lines, 1);
    ck_assert_uint_eq(ev->part, 2);
    group_release(g, ev);
    group_free(g);
}
END_TEST

START_TEST(open_events_are_bounded_and_none_is_lost)
{
    char text[80];
    size_t taken = 0;

    make(100, 100, 1 << 20);
    for (int i = 0; i < 5000; i++) {
        struct group_event *ev;

        snprintf(text, sizeof(text), "type=SYSCALL msg=audit(1.000:%d): a=1", i);
        add(text, 0);
        while ((ev = group_take(g, 0, false))) {
            ck_assert_int_eq(ev->complete, EVENT_BY_LIMIT);
            ck_assert_uint_eq(ev->serial, taken); /* the longest silent one */
            taken++;
            group_release(g, ev);
        }
        ck_assert_uint_le(group_open(g), 100);
    }
    ck_assert_uint_eq(taken + group_open(g), 5000);
    group_free(g);
}
END_TEST

START_TEST(bytes_of_open_events_are_bounded)
{
    char text[1100];

    make(100, 100000, 64 << 10);
    for (int i = 0; i < 1000; i++) {
        struct group_event *ev;

        snprintf(text, sizeof(text), "type=SYSCALL msg=audit(1.000:%d): a=%01000d", i, 7);
        add(text, 0);
        while ((ev = group_take(g, 0, false)))
            group_release(g, ev);
        ck_assert_uint_le(group_bytes(g), 64 << 10);
    }
    group_free(g);
}
END_TEST

START_TEST(a_source_shows_the_lines_as_they_came)
{
    struct event_line lines[2];
    struct event_source src;
    struct group_event *ev;

    make(100, 100, 1 << 20);
    add_part("node=n1 type=USER_AUTH msg=audit(12.034:56): a=1\x1d"
             "A=\"b\"",
             3, 0);
    add("node=n1 type=EOE msg=audit(12.034:56): ", 0);
    ev = group_take(g, 0, true);
    ck_assert_ptr_nonnull(ev);
    group_source(ev, lines, &src);
    ck_assert_uint_eq(src.n_lines, 2);
    ck_assert_int_eq(src.sec, 12);
    ck_assert_uint_eq(src.ms, 34);
    ck_assert_uint_eq(src.serial, 56);
    ck_assert_uint_eq(src.part, 3);
    ck_assert_uint_eq(src.node_len, 2);
    ck_assert_int_eq(memcmp(src.node, "n1", 2), 0);
    ck_assert_int_eq(memcmp(lines[0].line + lines[0].body, "a=1", 3), 0);
    ck_assert_int_eq(lines[0].line[lines[0].raw_len], 0x1d);
    ck_assert_uint_eq(lines[1].raw_len, lines[1].len);
    group_release(g, ev);
    group_free(g);
}
END_TEST

START_TEST(events_that_grow_stay_within_the_bytes)
{
    const size_t bound = 4000;
    struct group_event *ev;
    size_t lines = 0, most = 0;
    char text[300];

    make(100, 100, bound);
    for (unsigned round = 0; round < 20; round++) {
        for (unsigned k = 0; k < 10; k++) {
            snprintf(text, sizeof(text), "type=PATH msg=audit(1.000:%u): item=%u name=\"%0200u\"",
                     k, round, 0);
            add(text, 100);
            while ((ev = group_take(g, 100, false))) {
                ck_assert_int_eq(ev->complete, EVENT_BY_LIMIT);
                lines += ev->n_lines;
                group_release(g, ev);
            }
            if (group_bytes(g) > most)
                most = group_bytes(g);
        }
    }
    ck_assert_uint_le(most, bound);
    while ((ev = group_take(g, 5000, false))) {
        lines += ev->n_lines;
        group_release(g, ev);
    }
    ck_assert_uint_eq(lines, 200);
    group_free(g);
}
END_TEST

START_TEST(records_are_taken_out_again)
{
    static const uint64_t seqs[] = {2, 3, 5, 6, 9};
    uint64_t found[5];
    size_t bytes;

    make(100, 100, 1 << 20);
    add("type=SYSCALL msg=audit(1.000:1): a", 0);
    bytes = group_bytes(g);
    add("type=SYSCALL msg=audit(1.000:1): a", 0);
    add("type=SYSCALL msg=audit(1.000:2): all of it", 0);
    add("type=CWD msg=audit(1.000:1): b", 0);
    add("type=PROCTITLE msg=audit(1.000:1): b", 0);
    add("type=USER_LOGIN msg=audit(1.000:3): settles already", 0);
    ck_assert_uint_eq(group_open(g), 3);
    ck_assert_uint_eq(group_take_out(g, seqs, 5, found), 4); /* 9 is not there */
    ck_assert_uint_eq(group_open(g), 1);
    ck_assert_uint_gt(group_bytes(g), bytes);
    expect(100000, 1, 2, EVENT_BY_TYPE);
    ck_assert_ptr_null(group_take(g, 200000, true));
    ck_assert_uint_eq(group_bytes(g), 0);
    add("type=CWD msg=audit(1.000:2): its key is free", 200000);
    expect(300000, 2, 1, EVENT_BY_TIMEOUT);
    group_free(g);
}
END_TEST

UNIT_MAIN("group", records_are_taken_out_again, an_event_ends_by_eoe_and_settles,
          records_after_proctitle_join_while_it_settles,
          sixty_four_records_of_others_settle_an_event, no_event_waits_for_an_older_one,
          age_counts_from_the_last_record, node_time_and_serial_are_the_key,
          an_event_over_its_bound_goes_on_as_the_next_part,
          open_events_are_bounded_and_none_is_lost, bytes_of_open_events_are_bounded,
          a_source_shows_the_lines_as_they_came, events_that_grow_stay_within_the_bytes)
