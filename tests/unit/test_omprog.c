/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input/omprog.h"
#include "unit.h"

#define BEGIN "BEGIN TRANSACTION"
#define COMMIT "COMMIT TRANSACTION"

static enum omprog_action line(struct omprog *o, const char *s)
{
    return omprog_line(o, s, strlen(s));
}

/* One lock-step exchange. */
static const char *talk(struct omprog *o, const char *s)
{
    return omprog_reply(o, line(o, s));
}

START_TEST(marks_are_exact)
{
    static const char *const records[] = {
        "",          "BEGIN",    BEGIN "\r", BEGIN " ",           " " BEGIN,   "begin transaction",
        COMMIT "\r", COMMIT " ", "COMMIT",   "COMMIT TRANSACTIO", BEGIN BEGIN,
    };
    struct omprog o;

    ck_assert_int_eq(omprog_init(&o, BEGIN, COMMIT), 0);
    ck_assert_int_eq(line(&o, BEGIN), OMPROG_BEGIN);
    ck_assert_int_eq(line(&o, COMMIT), OMPROG_COMMIT);
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        ck_assert_int_eq(line(&o, records[i]), OMPROG_RECORD);
        ck_assert_uint_eq(o.depth, 0);
    }
    /* a NUL behind the mark makes it another line */
    ck_assert_int_eq(omprog_line(&o, BEGIN "\0", sizeof(BEGIN)), OMPROG_RECORD);
    omprog_done(&o);
}
END_TEST

START_TEST(marks_can_be_configured)
{
    struct omprog o;
    char mark[] = "<<";

    ck_assert_int_eq(omprog_init(&o, mark, ">>"), 0);
    mark[0] = 'x'; /* o has a copy */
    ck_assert_int_eq(line(&o, "<<"), OMPROG_BEGIN);
    ck_assert_int_eq(line(&o, ">>"), OMPROG_COMMIT);
    ck_assert_int_eq(line(&o, BEGIN), OMPROG_RECORD);
    omprog_done(&o);
}
END_TEST

START_TEST(impossible_marks_are_refused)
{
    struct omprog o;

    ck_assert_int_eq(omprog_init(&o, "", COMMIT), -EINVAL);
    ck_assert_int_eq(omprog_init(&o, BEGIN, ""), -EINVAL);
    ck_assert_int_eq(omprog_init(&o, BEGIN, BEGIN), -EINVAL);
    omprog_done(&o);
    omprog_done(NULL);
}
END_TEST

START_TEST(a_transaction_is_answered_as_omprog_wants)
{
    struct omprog o;

    ck_assert_int_eq(omprog_init(&o, BEGIN, COMMIT), 0);
    ck_assert_str_eq(omprog_first_reply(), "OK\n");
    ck_assert_str_eq(talk(&o, "outside"), "OK\n");
    ck_assert_str_eq(talk(&o, BEGIN), "OK\n");
    ck_assert_str_eq(talk(&o, "type=SYSCALL msg=audit(1.000:1): x"), "DEFER_COMMIT\n");
    ck_assert_str_eq(talk(&o, "garbage"), "DEFER_COMMIT\n");
    ck_assert_str_eq(talk(&o, ""), "DEFER_COMMIT\n");
    ck_assert_str_eq(talk(&o, COMMIT), "OK\n");
    ck_assert_str_eq(talk(&o, "outside"), "OK\n");
    omprog_done(&o);
}
END_TEST

START_TEST(transactions_of_two_workers_interleave)
{
    struct omprog o;

    ck_assert_int_eq(omprog_init(&o, BEGIN, COMMIT), 0);
    ck_assert_str_eq(talk(&o, BEGIN), "OK\n");
    ck_assert_str_eq(talk(&o, "a"), "DEFER_COMMIT\n");
    ck_assert_str_eq(talk(&o, BEGIN), "OK\n");
    ck_assert_str_eq(talk(&o, "b"), "DEFER_COMMIT\n");
    ck_assert_str_eq(talk(&o, COMMIT), "OK\n");
    ck_assert_str_eq(talk(&o, "a"), "DEFER_COMMIT\n");
    ck_assert_str_eq(talk(&o, COMMIT), "OK\n");
    ck_assert_str_eq(talk(&o, "c"), "OK\n");
    omprog_done(&o);
}
END_TEST

START_TEST(a_commit_without_begin_does_no_harm)
{
    struct omprog o;

    ck_assert_int_eq(omprog_init(&o, BEGIN, COMMIT), 0);
    ck_assert_str_eq(talk(&o, COMMIT), "OK\n");
    ck_assert_str_eq(talk(&o, COMMIT), "OK\n");
    ck_assert_str_eq(talk(&o, BEGIN), "OK\n");
    ck_assert_str_eq(talk(&o, "x"), "DEFER_COMMIT\n");
    omprog_done(&o);
}
END_TEST

START_TEST(a_reply_and_its_dots_fit_into_one_read_of_omprog)
{
    struct omprog o;
    unsigned n;

    ck_assert_int_eq(omprog_init(&o, BEGIN, COMMIT), 0);
    for (int round = 0; round < 2; round++) {
        for (n = 0; n < 10000 && omprog_dot(&o); n++)
            ;
        ck_assert_uint_eq(n, 3999);
        ck_assert_uint_lt(n + strlen("DEFER_COMMIT\n"), 4095);
        ck_assert(!omprog_dot(&o));
        (void)omprog_reply(&o, OMPROG_RECORD);
    }
    omprog_done(&o);
}
END_TEST

/* stdout and stderr as omprog of 8.2302 sets them up. */
START_TEST(the_wire_is_recognised)
{
    int one[2], other[2], null = open("/dev/null", O_RDWR);
    char path[] = "/tmp/test_omprog.XXXXXX";
    int file = mkstemp(path);
    int dup_of_one;

    ck_assert_int_eq(pipe(one), 0);
    ck_assert_int_eq(pipe(other), 0);
    ck_assert_int_ge(null, 0);
    ck_assert_int_ge(file, 0);
    dup_of_one = dup(one[1]);
    /* confirmMessages on, without and with output= */
    ck_assert_int_eq(omprog_wire_detect(one[1], null), OMPROG_CONFIRMING);
    ck_assert_int_eq(omprog_wire_detect(one[1], other[1]), OMPROG_CONFIRMING);
    /* off, without and with output= */
    ck_assert_int_eq(omprog_wire_detect(null, null), OMPROG_SILENT);
    ck_assert_int_eq(omprog_wire_detect(one[1], dup_of_one), OMPROG_SILENT);
    /* by hand */
    ck_assert_int_eq(omprog_wire_detect(file, other[1]), OMPROG_CONFIRMING);
    ck_assert_int_eq(omprog_wire_detect(null, other[1]), OMPROG_SILENT);
    /* closed ones */
    close(dup_of_one);
    ck_assert_int_eq(omprog_wire_detect(one[1], dup_of_one), OMPROG_CONFIRMING);
    ck_assert_int_eq(omprog_wire_detect(dup_of_one, one[1]), OMPROG_SILENT);
    close(one[0]);
    close(one[1]);
    close(other[0]);
    close(other[1]);
    close(null);
    close(file);
    unlink(path);
}
END_TEST

UNIT_MAIN("omprog", marks_are_exact, marks_can_be_configured, impossible_marks_are_refused,
          a_transaction_is_answered_as_omprog_wants, transactions_of_two_workers_interleave,
          a_commit_without_begin_does_no_harm, a_reply_and_its_dots_fit_into_one_read_of_omprog,
          the_wire_is_recognised)
