/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "input/cutoff.h"
#include "unit.h"

#define S " msg=audit(1700000000.123:42): "

static bool came_cut(const char *line, size_t len)
{
    struct buf scratch = BUF_INIT((size_t)1 << 20);
    struct record rec;
    bool cut;

    ck_assert_int_eq(record_parse(line, len, &scratch, &rec), RECORD_OK);
    cut = cutoff_before(&rec, len);
    buf_done(&scratch);
    return cut;
}

static const char *const whole[] = {
    "type=SYSCALL" S "arch=c000003e a0=1 comm=\"x\" key=(null)",
    "type=SYSCALL" S "a0=7ff a1=3 comm=\"x=\" exe=\"/a\"",
    "type=SYSCALL" S "comm=\"x\" key=\"k\"\x1d"
    "ARCH=x86_64 AUID=\"unset\"",
    "type=EOE" S,
    "type=EXECVE" S "argc=3 a0=\"a\" a1=2D6C a2=\"\"",
    "type=EXECVE" S "argc=1",
    "type=EXECVE" S "a1_len=123",
    "type=EXECVE" S "a1[0]=\"=\"",
    "type=PROCTITLE" S "proctitle=2D6C",
    "type=PROCTITLE" S "proctitle=(null)",
    "type=CWD" S "cwd=\"/\"",
    "type=SOCKADDR" S "saddr=0",
    "type=PATH" S "item=1 name=\"/a\" ouid=0",
    /* a user may write what he likes between the kernel's quotes */
    "type=USER_LOGIN" S "pid=1 msg='op=login acct=\"root\" res=success'",
    "type=USER_LOGIN" S "pid=1 msg='acct=\"root'",
    "type=USER_LOGIN" S "pid=1 msg='it's a \"quote=\"'",
    "type=USER_LOGIN" S "pid=1 msg='x msg='",
    "type=USER_LOGIN" S "pid=1 msg=''",
    "type=USER_LOGIN" S "pid=1 msg='a=\"'\x1d"
    "UID=\"root\"",
    "type=USER_LOGIN" S "pid=1 msg='a=\"' UID=\"root\"",
    "type=USER_LOGIN" S "pid=1 msg='res=successUID=\"root\"", /* a relay lost quote and separator */
    "type=DAEMON_START" S "op=start res=success",
    "type=KERNEL" S "5\" disk",
};

static const char *const cut[] = {
    "type=SYSCALL" S "arch=c000003e comm=\"x",
    "type=SYSCALL" S "arch=c000003e comm=\"",
    "type=SYSCALL" S "a=\"x\" comm=\"y=\" exe=\"/usr/b",
    "type=SYSCALL" S "comm=\"x\"\x1d"
    "ARCH=x86_64 AUID=\"un",
    "type=EXECVE" S "argc=3 a0=\"a\" a1=2D6",
    "type=EXECVE" S "argc=3 a1[17]=2D6",
    "type=PROCTITLE" S "proctitle=2D6",
    "type=CWD" S "cwd=2F6",
    "type=USER_LOGIN" S "pid=1 msg='op=login acct=\"root\" res=succ",
    "type=USER_LOGIN" S "pid=1 msg='",
};

START_TEST(a_whole_record_is_not_called_cut)
{
    for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++)
        ck_assert_msg(!came_cut(whole[i], strlen(whole[i])), "%s", whole[i]);
}
END_TEST

START_TEST(what_lacks_its_end_is)
{
    for (size_t i = 0; i < sizeof(cut) / sizeof(*cut); i++)
        ck_assert_msg(came_cut(cut[i], strlen(cut[i])), "%s", cut[i]);
}
END_TEST

/* Of so many bytes, all of a name in hexadecimal: nothing but the length tells. */
static bool of_length(const char *head, size_t len)
{
    char *line = malloc(len);
    bool is;

    ck_assert_ptr_nonnull(line);
    memset(line, '4', len);
    memcpy(line, head, strlen(head));
    is = came_cut(line, len);
    free(line);
    return is;
}

START_TEST(the_length_tells)
{
    static const char user[] = "type=TTY" S "data=";
    static const char execve[] = "type=EXECVE" S "argc=1 a0=";

    ck_assert_uint_eq((CUTOFF_DEFAULT - strlen(execve)) % 2, 0);
    ck_assert(of_length(user, CUTOFF_STANZA));
    ck_assert(!of_length(user, CUTOFF_STANZA - 1));
    ck_assert(!of_length(user, CUTOFF_STANZA + 1));
    ck_assert(!of_length(user, CUTOFF_DEFAULT));
    ck_assert(of_length(execve, CUTOFF_DEFAULT));
    ck_assert(!of_length(execve, CUTOFF_DEFAULT - 2));
    ck_assert(!of_length(execve, CUTOFF_DEFAULT + 2));
}
END_TEST

START_TEST(one_number_says_both)
{
    struct buf scratch = BUF_INIT((size_t)1 << 20);
    struct record rec;
    size_t bytes = 0, before = 0;

    ck_assert_int_eq(record_parse(cut[0], strlen(cut[0]), &scratch, &rec), RECORD_OK);
    cutoff_count(cutoff_of(&rec, strlen(cut[0]), 0), &bytes, &before);
    ck_assert_uint_eq(bytes, 0);
    ck_assert_uint_eq(before, 1);
    /* we cut it ourselves: its end says nothing */
    cutoff_count(cutoff_of(&rec, strlen(cut[0]), 99), &bytes, &before);
    ck_assert_uint_eq(bytes, 99);
    ck_assert_uint_eq(before, 1);
    ck_assert_uint_eq(cutoff_of(&rec, strlen(cut[0]), SIZE_MAX), CUTOFF_BYTES);
    ck_assert_int_eq(record_parse(whole[0], strlen(whole[0]), &scratch, &rec), RECORD_OK);
    ck_assert_uint_eq(cutoff_of(&rec, strlen(whole[0]), 0), 0);
    buf_done(&scratch);
}
END_TEST

UNIT_MAIN("cutoff", a_whole_record_is_not_called_cut, what_lacks_its_end_is, the_length_tells,
          one_number_says_both)
