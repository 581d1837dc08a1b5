/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/seal.h"
#include "unit.h"

static struct buf out;

static int count(void *ctx, uint64_t first, uint64_t n)
{
    uint64_t *sum = ctx;

    *sum += first * 1000 + n;
    return 0;
}

static struct marks_reader reader(size_t len)
{
    const unsigned char *data = (const unsigned char *)buf_cstr(&out);

    return (struct marks_reader){data, data + len};
}

/* Forty events with marks of which some are repeats, far and near. */
START_TEST(events_come_back)
{
    struct seal_recent seen = {.n = 0};
    char marks[40][16];
    uint64_t seqs[2];
    struct marks_reader r;

    out = BUF_INIT(65536);
    for (size_t i = 0; i < 40; i++) {
        struct deliver_event ev = {.part = (uint8_t)(i % 3 + 1),
                                   .complete = (uint8_t)(i % 4),
                                   .seqs = seqs,
                                   .n_seqs = 2,
                                   .mark = marks[i],
                                   .mark_len = i % 5 == 4 ? 0 : 8};

        snprintf(marks[i], sizeof(marks[i]), "mark %03zu", i % 7 == 0 ? i : i % 7 * 3);
        seqs[0] = i * 2 + 1;
        seqs[1] = i * 2 + 2;
        ck_assert_int_eq(seal_put(&out, &seen, &ev), 0);
    }
    ck_assert_uint_lt(out.len, 40 * 8 + 11 * 8); /* a repeat takes a byte */
    seen.n = 0;
    r = reader(out.len);
    for (size_t i = 0; i < 40; i++) {
        struct seal_event ev;
        uint64_t sum = 0;

        ck_assert_int_eq(seal_get(&r, &seen, &ev, count, &sum), 0);
        ck_assert_uint_eq(ev.part, i % 3 + 1);
        ck_assert_uint_eq(ev.complete, i % 4);
        ck_assert_uint_eq(sum, (i * 2 + 1) * 1000 + 2);
        ck_assert_uint_eq(ev.mark_len, i % 5 == 4 ? 0 : 8);
        if (ev.mark_len)
            ck_assert_mem_eq(ev.mark, marks[i], 8);
    }
    ck_assert_ptr_eq(r.p, r.end);
    /* Cut anywhere, it ends; it never reads past its end. */
    for (size_t len = 0; len < out.len; len++) {
        char *copy = malloc(len + 1);
        struct seal_event ev;
        uint64_t sum;

        memcpy(copy, out.data, len);
        r = (struct marks_reader){(unsigned char *)copy, (unsigned char *)copy + len};
        seen.n = 0;
        while (r.p < r.end && seal_get(&r, &seen, &ev, count, &sum) == 0)
            ck_assert_uint_le(ev.mark_len, 8);
        free(copy);
    }
    buf_done(&out);
}
END_TEST

START_TEST(any_bytes_are_borne)
{
    unsigned x = 99;

    out = BUF_INIT(4096);
    for (int round = 0; round < 20000; round++) {
        size_t len = (size_t)(round % 40);
        struct seal_recent seen = {.n = 0};
        struct event_lineage l;
        struct seal_event ev;
        struct marks_reader r;
        uint64_t sum;

        out.len = 0;
        for (size_t i = 0; i < len; i++) {
            x = x * 1103515245u + 12345u;
            buf_append_char(&out, (char)((x >> 16) % 3 ? (x >> 20) % 24 : x >> 18));
        }
        r = reader(len);
        while (r.p < r.end && seal_get(&r, &seen, &ev, count, &sum) == 0)
            (void)seal_get_lineage(ev.mark, ev.mark_len, &l);
        if (seal_get_lineage(out.data, len, &l) < 0)
            ck_assert_uint_eq(l.n, 0);
    }
    buf_done(&out);
}
END_TEST

START_TEST(a_lineage_comes_back)
{
    struct event_lineage l = {.n = 3}, back;

    l.process[0] = (struct event_process){.pid = 4194303,
                                          .start_sec = 1700000000,
                                          .start_ms = 999,
                                          .start_serial = UINT64_MAX,
                                          .comm = "a b",
                                          .comm_len = 3,
                                          .exe = "/bin/a",
                                          .exe_len = 6};
    l.process[1] = (struct event_process){.pid = 1, .comm = "", .comm_len = 0};
    l.process[2] = (struct event_process){.pid = 2, .start_sec = -5, .exe = "x\0y", .exe_len = 3};
    out = BUF_INIT(SEAL_MARK_MAX);
    ck_assert_int_eq(seal_put_lineage(&out, &l), 0);
    ck_assert_int_eq(seal_get_lineage(out.data, out.len, &back), 0);
    ck_assert_uint_eq(back.n, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct event_process *a = &l.process[i], *b = &back.process[i];

        ck_assert_uint_eq(a->pid, b->pid);
        ck_assert_int_eq(a->start_sec, b->start_sec);
        ck_assert_uint_eq(a->start_ms, b->start_ms);
        ck_assert_uint_eq(a->start_serial, b->start_serial);
        ck_assert_int_eq(!a->comm, !b->comm);
        ck_assert_uint_eq(a->comm_len, b->comm_len);
        ck_assert_uint_eq(a->exe_len, b->exe_len);
        if (a->exe_len)
            ck_assert_mem_eq(a->exe, b->exe, a->exe_len);
    }
    for (size_t len = 1; len < out.len; len++) {
        if (seal_get_lineage(out.data, len, &back) < 0)
            ck_assert_uint_eq(back.n, 0);
        else
            ck_assert_uint_lt(back.n, 3);
    }
    buf_done(&out);
}
END_TEST

UNIT_MAIN("seal", events_come_back, any_bytes_are_borne, a_lineage_comes_back)
