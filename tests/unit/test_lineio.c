/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "input/lineio.h"
#include "unit.h"

static void put(int fd, const char *p, size_t n)
{
    ck_assert_int_eq(write(fd, p, n), (ssize_t)n);
}

/* A pipe whose reading end does not block and that takes `size` bytes without a reader. */
static void make_pipe(int fd[2], int size)
{
    ck_assert_int_eq(pipe2(fd, O_CLOEXEC), 0);
    ck_assert_int_eq(fcntl(fd[0], F_SETFL, O_NONBLOCK), 0);
    ck_assert_int_ge(fcntl(fd[1], F_SETPIPE_SZ, size), size);
}

static void expect_cut(struct lineio *l, const char *text, size_t max_line)
{
    size_t len = strlen(text);
    size_t kept = len < max_line ? len : max_line;
    struct line line;

    ck_assert(lineio_next(l, &line));
    ck_assert_uint_eq(line.len, kept);
    ck_assert_mem_eq(line.data, text, kept);
    ck_assert_uint_eq(line.cut, len - kept);
}

static void expect(struct lineio *l, const char *text)
{
    expect_cut(l, text, SIZE_MAX);
}

START_TEST(lines_come_out_as_they_went_in)
{
    struct lineio l;
    struct line line;
    int fd[2];

    make_pipe(fd, 65536);
    lineio_init(&l, 100);
    ck_assert(!lineio_next(&l, &line));
    ck_assert(!lineio_rest(&l, &line));
    put(fd[1], "one\n\ntwo\r\nthr", 13);
    ck_assert_int_eq(lineio_read(&l, fd[0]), 13);
    ck_assert_int_eq(lineio_read(&l, fd[0]), -EBUSY);
    expect(&l, "one");
    expect(&l, "");
    expect(&l, "two\r");
    ck_assert(!lineio_next(&l, &line));
    ck_assert_int_eq(lineio_read(&l, fd[0]), -EAGAIN);
    put(fd[1], "ee", 2);
    ck_assert_int_eq(lineio_read(&l, fd[0]), 2);
    ck_assert(!lineio_next(&l, &line));
    put(fd[1], "\nfour\nno end", 12);
    ck_assert_int_eq(lineio_read(&l, fd[0]), 12);
    expect(&l, "three");
    expect(&l, "four");
    ck_assert(!lineio_next(&l, &line));
    close(fd[1]);
    ck_assert_int_eq(lineio_read(&l, fd[0]), 0);
    ck_assert(!lineio_next(&l, &line));
    ck_assert(lineio_rest(&l, &line));
    ck_assert_uint_eq(line.len, 6);
    ck_assert_mem_eq(line.data, "no end", 6);
    ck_assert(!lineio_rest(&l, &line));
    lineio_done(&l);
    lineio_done(NULL);
    close(fd[0]);
}
END_TEST

START_TEST(nuls_are_bytes)
{
    struct lineio l;
    struct line line;
    int fd[2];

    make_pipe(fd, 65536);
    lineio_init(&l, 100);
    put(fd[1], "a\0b\n\0\n", 6);
    ck_assert_int_eq(lineio_read(&l, fd[0]), 6);
    ck_assert(lineio_next(&l, &line));
    ck_assert_uint_eq(line.len, 3);
    ck_assert_mem_eq(line.data, "a\0b", 3);
    ck_assert(lineio_next(&l, &line));
    ck_assert_uint_eq(line.len, 1);
    ck_assert_mem_eq(line.data, "\0", 1);
    lineio_done(&l);
    close(fd[0]);
    close(fd[1]);
}
END_TEST

START_TEST(whole_lines_are_not_copied)
{
    struct lineio l;
    struct line line;
    int fd[2];

    make_pipe(fd, 65536);
    lineio_init(&l, 100);
    put(fd[1], "abc\ndef\n", 8);
    ck_assert_int_eq(lineio_read(&l, fd[0]), 8);
    ck_assert(lineio_next(&l, &line));
    ck_assert_ptr_eq(line.data, l.chunk);
    ck_assert(lineio_next(&l, &line));
    ck_assert_ptr_eq(line.data, l.chunk + 4);
    ck_assert_ptr_null(l.held.data);
    lineio_done(&l);
    close(fd[0]);
    close(fd[1]);
}
END_TEST

START_TEST(errors_are_negative_errno)
{
    struct lineio l;

    lineio_init(&l, 100);
    ck_assert_int_eq(lineio_read(&l, -1), -EBADF);
    lineio_done(&l);
}
END_TEST

/* A line of n bytes, in pieces of `piece`, then a good one. */
static void long_line(size_t max_line, size_t n, size_t piece)
{
    struct lineio l;
    struct line line;
    int fd[2];
    size_t kept = n < max_line ? n : max_line;
    CLEANUP_FREE char *text = mem_alloc(piece);

    make_pipe(fd, 1 << 20);
    lineio_init(&l, max_line);
    memset(text, 'x', piece);
    for (size_t done = 0; done < n;) {
        size_t now = n - done < piece ? n - done : piece;

        put(fd[1], text, now);
        done += now;
        while (lineio_read(&l, fd[0]) > 0)
            ck_assert(!lineio_next(&l, &line));
        ck_assert_uint_le(l.held.cap, max_line < 256 ? 256 : max_line);
    }
    put(fd[1], "\ngood\n", 6);
    ck_assert_int_eq(lineio_read(&l, fd[0]), 6);
    ck_assert(lineio_next(&l, &line));
    ck_assert_uint_eq(line.len, kept);
    ck_assert_uint_eq(line.cut, n - kept);
    for (size_t i = 0; i < line.len; i++)
        ck_assert_int_eq(line.data[i], 'x');
    expect_cut(&l, "good", max_line);
    ck_assert_uint_le(l.held.cap, LINEIO_CHUNK);
    lineio_done(&l);
    close(fd[0]);
    close(fd[1]);
}

START_TEST(ten_mebibytes_without_a_newline)
{
    long_line(1 << 20, 10 << 20, 1 << 20);
    long_line(8192, 10 << 20, 1 << 20);
}
END_TEST

START_TEST(max_line_is_exact)
{
    static const size_t max[] = {1, 2, 100, 65535, 65536, 65537, 200000};

    for (size_t i = 0; i < sizeof(max) / sizeof(max[0]); i++) {
        for (size_t n = max[i] - 1; n <= max[i] + 1; n++) {
            long_line(max[i], n ? n : 1, 1 << 18);
            long_line(max[i], n ? n : 1, 4099);
        }
    }
}
END_TEST

START_TEST(a_long_line_in_one_read_is_cut_in_place)
{
    struct lineio l;
    struct line line;
    int fd[2];

    make_pipe(fd, 65536);
    lineio_init(&l, 4);
    put(fd[1], "1234\n12345\n123456789\nabc\n", 25);
    ck_assert_int_eq(lineio_read(&l, fd[0]), 25);
    expect(&l, "1234");
    for (size_t cut = 1; cut <= 5; cut += 4) {
        ck_assert(lineio_next(&l, &line));
        ck_assert_uint_eq(line.len, 4);
        ck_assert_uint_eq(line.cut, cut);
    }
    expect(&l, "abc");
    lineio_done(&l);
    close(fd[0]);
    close(fd[1]);
}
END_TEST

START_TEST(a_rest_beyond_max_line_is_cut_too)
{
    struct lineio l;
    struct line line;
    int fd[2];

    make_pipe(fd, 65536);
    lineio_init(&l, 4);
    put(fd[1], "1234567", 7);
    close(fd[1]);
    ck_assert_int_eq(lineio_read(&l, fd[0]), 7);
    ck_assert(!lineio_next(&l, &line));
    ck_assert_int_eq(lineio_read(&l, fd[0]), 0);
    ck_assert(lineio_rest(&l, &line));
    ck_assert_uint_eq(line.len, 4);
    ck_assert_uint_eq(line.cut, 3);
    lineio_done(&l);
    close(fd[0]);
}
END_TEST

/* Random bytes, random pieces, against splitting the whole text at once. */
START_TEST(random_pieces_give_the_lines_of_a_naive_splitter)
{
    enum { TEXT = 300000 };
    unsigned seed = 20261122u + (unsigned)_i;
    CLEANUP_FREE char *text = mem_alloc(TEXT);
    size_t max_line = (size_t[]){1, 7, 80, 70000}[_i % 4];
    size_t fed = 0, at = 0;
    struct lineio l;
    struct line line;
    int fd[2];

    printf("# seed %u, max_line %zu\n", seed, max_line);
    for (size_t i = 0; i < TEXT; i++) {
        int r = rand_r(&seed) % (_i % 4 == 3 ? 40000 : 50);

        text[i] = r == 0 ? '\n' : r == 1 ? '\0' : (char)('a' + r % 26);
    }
    make_pipe(fd, 1 << 20);
    lineio_init(&l, max_line);
    for (;;) {
        size_t n = (size_t)rand_r(&seed) % (rand_r(&seed) % 4 ? 300 : 70000);
        ssize_t got;

        if (n > TEXT - fed)
            n = TEXT - fed;
        put(fd[1], text + fed, n);
        fed += n;
        if (fed == TEXT && fd[1] >= 0) {
            close(fd[1]);
            fd[1] = -1;
        }
        while ((got = lineio_read(&l, fd[0])) > 0 || (fd[1] < 0 && got == 0)) {
            while (got ? lineio_next(&l, &line) : lineio_rest(&l, &line)) {
                const char *lf = memchr(text + at, '\n', TEXT - at);
                size_t len = lf ? (size_t)(lf - (text + at)) : TEXT - at;
                size_t kept = len < max_line ? len : max_line;

                ck_assert(lf || !got);
                ck_assert_uint_eq(line.len, kept);
                ck_assert_uint_eq(line.cut, len - kept);
                ck_assert(memcmp(line.data, text + at, kept) == 0);
                at += len + (lf ? 1 : 0);
            }
            if (got == 0)
                break;
        }
        if (got == 0)
            break;
        ck_assert_int_eq(got, -EAGAIN);
    }
    ck_assert_uint_eq(at, TEXT);
    lineio_done(&l);
    close(fd[0]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lineio");
    TCase *tc = tcase_create("lineio");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, lines_come_out_as_they_went_in);
    tcase_add_test(tc, nuls_are_bytes);
    tcase_add_test(tc, whole_lines_are_not_copied);
    tcase_add_test(tc, errors_are_negative_errno);
    tcase_add_test(tc, ten_mebibytes_without_a_newline);
    tcase_add_test(tc, max_line_is_exact);
    tcase_add_test(tc, a_long_line_in_one_read_is_cut_in_place);
    tcase_add_test(tc, a_rest_beyond_max_line_is_cut_too);
    tcase_add_loop_test(tc, random_pieces_give_the_lines_of_a_naive_splitter, 0, 12);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
