/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <libaudit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "event/parse.h"
#include "event_lines.h"
#include "unit.h"

#define AT "msg=audit(1700000000.123:7): "

static struct parser *parser;
static struct event_lines lines;

/* The first event of the text. */
static const struct event *parse_n(const char *text, size_t len)
{
    const struct event *ev = NULL;

    if (!parser)
        parser = parser_new();
    event_lines_done(&lines);
    event_lines_init(&lines, text, len);
    ck_assert_uint_ge(lines.n, 1);
    ck_assert_int_eq(parse_event(parser, &lines.sources[0], &ev), 0);
    ck_assert_uint_eq(ev->n_records, lines.sources[0].n_lines);
    return ev;
}

static const struct event *parse(const char *text)
{
    return parse_n(text, strlen(text));
}

static void check_field(const struct event_record *rec, enum event_name name, const char *value)
{
    const struct event_field *f = event_field(rec, name);

    if (!value) {
        ck_assert_ptr_null(f);
        return;
    }
    ck_assert_ptr_nonnull(f);
    ck_assert_msg(f->value_len == strlen(value) && memcmp(f->value, value, f->value_len) == 0,
                  "%.*s is not %s", (int)f->value_len, f->value, value);
}

static void check_argv(const struct event *ev, const char *const *expected)
{
    size_t n = 0;

    for (; expected[n]; n++) {
        ck_assert_uint_lt(n, ev->n_argv);
        ck_assert_msg(ev->argv[n].len == strlen(expected[n]) &&
                          memcmp(ev->argv[n].value, expected[n], ev->argv[n].len) == 0,
                      "%.*s is not %s", (int)ev->argv[n].len, ev->argv[n].value, expected[n]);
    }
    ck_assert_uint_eq(ev->n_argv, n);
}

#define ARGV(ev, ...) check_argv((ev), (const char *const[]){__VA_ARGS__, NULL})

static size_t value_length(const struct event_record *rec, enum event_name name)
{
    const struct event_field *f = event_field(rec, name);

    ck_assert_ptr_nonnull(f);
    return f ? f->value_len : 0;
}

START_TEST(an_event_is_its_records)
{
    const struct event *ev = parse("type=SYSCALL " AT "syscall=2 comm=\"a b\" key=(null)\n"
                                   "type=CWD " AT "cwd=2F20\n"
                                   "type=PROCTITLE " AT "proctitle=61006200\n"
                                   "type=EOE " AT "\n");

    ck_assert_int_eq(ev->sec, 1700000000);
    ck_assert_uint_eq(ev->ms, 123);
    ck_assert_uint_eq(ev->serial, 7);
    ck_assert_ptr_null(ev->node);
    ck_assert_uint_eq(ev->n_records, 4);
    ck_assert_int_eq(ev->records[0].type, AUDIT_SYSCALL);
    ck_assert_int_eq(ev->records[1].type, AUDIT_CWD);
    ck_assert_int_eq(ev->records[3].type, AUDIT_EOE);
    ck_assert_uint_eq(ev->records[3].n_fields, 0);
    for (int i = 0; i < 3; i++)
        ck_assert(ev->records[i].by_library);
    ck_assert(!ev->records[3].by_library);
    check_field(&ev->records[0], EVENT_NAME_comm, "a b");
    check_field(&ev->records[0], EVENT_NAME_key, NULL);
    check_field(&ev->records[0], EVENT_NAME_cwd, NULL);
    check_field(&ev->records[1], EVENT_NAME_cwd, "/ ");
    ck_assert_uint_eq(value_length(&ev->records[2], EVENT_NAME_proctitle), 4);
}
END_TEST

/* libauparse delivers a login as two events, and what follows a PROCTITLE as a second one. */
START_TEST(what_libauparse_splits_stays_one)
{
    const struct event *ev =
        parse("type=LOGIN " AT "pid=1 uid=0 old-auid=4294967295 auid=1000 ses=5 res=1\n"
              "type=SYSCALL " AT "arch=c000003e syscall=1 uid=0\n"
              "type=BOGUS_NEW " AT "a=1\n"
              "type=UNKNOWN[1425] " AT "b=2\n"
              "type=PROCTITLE " AT "proctitle=\"x\"\n"
              "type=PATH " AT "item=0 name=\"late\"\n");

    ck_assert_uint_eq(ev->n_records, 6);
    ck_assert_int_eq(ev->records[0].type, AUDIT_LOGIN);
    ck_assert_int_eq(ev->records[2].type, -1);
    ck_assert_int_eq(ev->records[3].type, 1425);
    ck_assert_uint_eq(ev->records[3].type_name_len, strlen("UNKNOWN[1425]"));
    ck_assert_mem_eq(ev->records[3].type_name, "UNKNOWN[1425]", 13);
    check_field(&ev->records[5], EVENT_NAME_name, "late");
    for (size_t i = 0; i < 6; i++)
        ck_assert_uint_gt(ev->records[i].n_fields, 0);
}
END_TEST

/* A line that libauparse drops is taken from the line itself. */
START_TEST(no_line_is_lost)
{
    char text[2000];
    const struct event *ev;

    /* more than 255 bytes of permissions: 3.0.9 drops the record */
    snprintf(text, sizeof(text),
             "type=AVC " AT "avc:  denied  { %0300d } for pid=5\n"
             "type=TTY " AT "nothing here\n"
             "type=EOE " AT "\n",
             1);
    ev = parse(text);
    ck_assert_uint_eq(ev->n_records, 3);
    ck_assert_uint_eq(value_length(&ev->records[0], EVENT_NAME_seperms), 300);
    check_field(&ev->records[0], EVENT_NAME_pid, "5");
    check_field(&ev->records[1], EVENT_NAME_text, "nothing here");
}
END_TEST

START_TEST(nodes_and_enrichment)
{
    const struct event *ev = parse("node=web.example type=SYSCALL " AT "uid=0 auid=1 key=\"k\"\x1d"
                                   "ARCH=x86_64 SYSCALL=openat AUID=\"ali ce\" UID=\"root\" X=\n"
                                   "node=web.example type=SOCKADDR " AT "saddr=0100\x1dSADDR={ "
                                   "saddr_fam=local path=/x UID=\"evil\" } UID=\"good\"\n");
    const char *p;
    size_t n;

    ck_assert_uint_eq(ev->node_len, 11);
    ck_assert_mem_eq(ev->node, "web.example", 11);
    ck_assert(ev->records[0].by_library);
    ck_assert_mem_eq(ev->records[0].type_name, "SYSCALL", 7);
    check_field(&ev->records[0], EVENT_NAME_key, "k");
    ck_assert(event_enriched(&ev->records[0], "AUID", &p, &n));
    ck_assert(n == 6 && memcmp(p, "ali ce", 6) == 0);
    ck_assert(event_enriched(&ev->records[0], "SYSCALL", &p, &n));
    ck_assert(n == 6 && memcmp(p, "openat", 6) == 0);
    ck_assert(event_enriched(&ev->records[0], "X", &p, &n) && n == 0);
    ck_assert(!event_enriched(&ev->records[0], "GID", &p, &n));
    ck_assert(event_enriched(&ev->records[1], "UID", &p, &n));
    ck_assert(n == 4 && memcmp(p, "good", 4) == 0);
}
END_TEST

/* What a program writes cannot pass for what the kernel wrote. */
START_TEST(nested_fields_are_apart)
{
    const struct event *ev =
        parse("type=USER " AT "pid=1 uid=1000 msg='text=x uid=0 res=success pid=2 exe=\"/bin/x\" "
              "addr=10.0.0.1 res=failed'\n");
    const struct event_record *rec = &ev->records[0];

    check_field(rec, EVENT_NAME_uid, "1000");
    check_field(rec, EVENT_NAME_exe, NULL);
    ck_assert_mem_eq(event_nested_field(rec, EVENT_NAME_res)->value, "failed", 6);
    ck_assert_ptr_null(event_nested_field(rec, EVENT_NAME_acct));
}
END_TEST

START_TEST(arguments_in_several_records)
{
    const struct event *ev = parse("type=EXECVE " AT "argc=4 a0=\"sh\" a1=2D63\n"
                                   "type=EXECVE " AT " a2=6563686F2022220A a3=\"x\"\n");

    ARGV(ev, "sh", "-c", "echo \"\"\n", "x");
    ck_assert_uint_eq(ev->argc, 4);
    ck_assert(!ev->argv_has_gaps);
}
END_TEST

START_TEST(split_arguments)
{
    const struct event *ev = parse("type=EXECVE " AT "argc=3 a0=\"sh\" a1_len=10 a1[0]=414220\n"
                                   "type=EXECVE " AT " a1[1]=C3 a1[2]=A9 a2=\"x\"\n");

    ARGV(ev, "sh", "AB \xc3\xa9", "x");
    ck_assert(!ev->argv_has_gaps);
    ck_assert_uint_eq(ev->argv[1].full_len, 0);
    /* pieces may be quoted and hexadecimal by turns: each is encoded by itself */
    ev = parse("type=EXECVE " AT "argc=1 a0_len=8 a0[0]=\"CAFE\" a0[1]=4142\n");
    ARGV(ev, "CAFEAB");
    /* out of order, over records */
    ev = parse("type=EXECVE " AT " a2=\"z\" a1[1]=\"d\"\n"
               "type=EXECVE " AT "argc=3 a0=\"a\" a1_len=4 a1[0]=\"bc\"\n");
    ARGV(ev, "a", "bcd", "z");
    ck_assert(!ev->argv_has_gaps);
    ck_assert_uint_eq(ev->argc, 3);
}
END_TEST

START_TEST(missing_arguments_are_marked)
{
    const struct event *ev =
        parse("type=EXECVE " AT "argc=9 a0=\"sh\" a1_len=100 a1[5]=\"tail\"\n");

    ARGV(ev, "sh", "tail");
    ck_assert(ev->argv_has_gaps);
    ck_assert_uint_eq(ev->argv[1].full_len, 100);
    ev = parse("type=EXECVE " AT "argc=2 a0=\"sh\" a2=\"x\"\n");
    ARGV(ev, "sh", "x");
    ck_assert(ev->argv_has_gaps);
    ev = parse("type=EXECVE " AT "argc=2 a0=\"x\" a1[0]=\"a\" a1[2]=\"c\"\n");
    ARGV(ev, "x", "ac");
    ck_assert_uint_gt(ev->argv[1].full_len, 2);
    ev = parse("type=EXECVE " AT "argc=18446744073709551615 a0=\"x\" a0=\"y\" a1_len=5\n");
    ck_assert_uint_eq(ev->argc, UINT64_MAX);
    ck_assert(ev->argv_has_gaps);
    ck_assert_mem_eq(ev->argv[0].value, "x", 1);
    ck_assert_uint_eq(ev->argv[0].full_len, 2); /* another a0 was there */
    ev = parse("type=EXECVE " AT "argc=1 a0=\"x\" a0=\"x\"\n");
    ck_assert_uint_eq(ev->argv[0].full_len, 0);
    for (const char *const *argc = (const char *const[]){"-1", "x", "18446744073709551616", NULL};
         *argc; argc++) {
        char text[100];

        snprintf(text, sizeof(text), "type=EXECVE " AT "argc=%s a0=\"x\"\n", *argc);
        ck_assert(parse(text)->argv_has_gaps);
    }
    ev = parse("type=EXECVE " AT "argc=0\n");
    ck_assert_uint_eq(ev->n_argv, 0);
    ck_assert(!ev->argv_has_gaps);
}
END_TEST

START_TEST(five_thousand_records)
{
    struct buf b = BUF_INIT((size_t)4 * 1024 * 1024);
    const struct event *ev;

    buf_printf(&b, "type=SYSCALL " AT "syscall=62\n");
    for (int i = 0; i < 5000; i++)
        buf_printf(&b, "type=OBJ_PID " AT "opid=%d ocomm=6120\n", i);
    ev = parse_n(b.data, b.len);
    ck_assert_uint_eq(ev->n_records, 5001);
    for (int i = 1; i <= 5000; i++) {
        char text[16];

        snprintf(text, sizeof(text), "%d", i - 1);
        ck_assert(ev->records[i].by_library);
        check_field(&ev->records[i], EVENT_NAME_opid, text);
        check_field(&ev->records[i], EVENT_NAME_ocomm, "a ");
    }
    buf_done(&b);
    ev = parse("type=SYSCALL " AT "syscall=1\n"); /* and nothing is left behind */
    ck_assert_uint_eq(ev->n_records, 1);
}
END_TEST

START_TEST(two_megabytes_of_arguments)
{
    struct buf b = BUF_INIT((size_t)16 * 1024 * 1024);
    const struct event *ev;
    size_t bytes = 0;

    buf_printf(&b, "type=EXECVE " AT "argc=202 a0=\"x\" a1_len=2000000");
    for (int i = 0; i < 267; i++)
        buf_printf(&b, "%s a1[%d]=%07000d", i % 2 ? "" : "\ntype=EXECVE " AT, i, 41);
    for (int i = 2; i < 202; i++)
        buf_printf(&b, "%s a%d=\"%05000d\"", i % 2 ? "" : "\ntype=EXECVE " AT, i, i);
    ev = parse_n(b.data, b.len);
    ck_assert_uint_eq(ev->n_argv, 202);
    for (size_t i = 0; i < ev->n_argv; i++)
        bytes += ev->argv[i].len;
    ck_assert_uint_eq(bytes, 1 + 267 * 3500 + 200 * 5000);
    ck_assert_uint_eq(ev->argv[1].full_len, 2000000);
    buf_done(&b);
}
END_TEST

/* Whatever lines come, the next event is right: libauparse is left empty each time. */
START_TEST(nothing_is_left_after_hostile_lines)
{
    static const char *const hostile[] = {
        "type=SYSCALL msg=audit(9999999999.999:18446744073709551615): a=b\n",
        "type=SYSCALL msg=audit(0.0:0): a=b\n",
        "type=SYSCALL " AT "a\n",
        "type=USER " AT "msg=audit(1.000:9): x=y type=EOE msg='\n",
        "type=CWD " AT "cwd=\"/a\" cwd=\"/b\"\n",
        "type=USER " AT "proctitle=(a)AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA key=\"\x01\x02\"\n",
        "type= " AT "a=b\n",
        "type=SYSCALL " AT "=\n",
        "type=SYSCALL " AT "key=\n",
        "node=nope type=SYSCALL " AT "a=b\n",
    };

    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        const struct event *ev = parse(hostile[i]);

        ck_assert_uint_eq(ev->n_records, 1);
        ev = parse("type=SYSCALL msg=audit(5.000:5): syscall=1\n"
                   "type=PATH msg=audit(5.000:5): name=\"x\"\n");
        ck_assert(ev->records[0].by_library && ev->records[1].by_library);
        check_field(&ev->records[1], EVENT_NAME_name, "x");
    }
}
END_TEST

START_TEST(refuses_impossible_sources)
{
    struct event_line l = {.line = "type=X msg=audit(1.000:1): a=b", .len = 30, .type = -1};
    struct event_source src = {.lines = &l, .n_lines = 1};
    struct parser *p = parser_new();
    const struct event *ev;

    l.body = 31;
    l.raw_len = 30;
    ck_assert_int_eq(parse_event(p, &src, &ev), -EINVAL);
    l.body = 27;
    l.raw_len = 31;
    ck_assert_int_eq(parse_event(p, &src, &ev), -EINVAL);
    l.len = l.raw_len = SIZE_MAX / 2;
    ck_assert_int_eq(parse_event(p, &src, &ev), -EMSGSIZE);
    src.n_lines = 0;
    ck_assert_int_eq(parse_event(p, &src, &ev), 0);
    ck_assert_uint_eq(ev->n_records, 0);
    parser_free(p);
    parser_free(NULL);
}
END_TEST

/* The digest is the event's, not the order's, the node's, the enrichment's or the EOE's. */
START_TEST(digest)
{
    uint64_t a = parse("type=SYSCALL " AT "a=1\ntype=CWD " AT "cwd=\"/\"\n")->digest;

    ck_assert_uint_eq(parse("type=CWD " AT "cwd=\"/\"\ntype=SYSCALL " AT "a=1\n")->digest, a);
    ck_assert_uint_eq(parse("type=SYSCALL " AT "a=1\x1d"
                            "AUID=\"x\"\ntype=CWD " AT "cwd=\"/\"\n"
                            "type=EOE " AT "\n")
                          ->digest,
                      a);
    ck_assert_uint_eq(
        parse("node=n type=SYSCALL " AT "a=1\nnode=n type=CWD " AT "cwd=\"/\"\n")->digest, a);
    ck_assert_uint_ne(parse("type=SYSCALL " AT "a=2\ntype=CWD " AT "cwd=\"/\"\n")->digest, a);
    ck_assert_uint_ne(parse("type=SYSCALL " AT "a=1\n")->digest, a);
}
END_TEST

UNIT_MAIN("parse", an_event_is_its_records, what_libauparse_splits_stays_one, no_line_is_lost,
          nodes_and_enrichment, nested_fields_are_apart, arguments_in_several_records,
          split_arguments, missing_arguments_are_marked, five_thousand_records,
          two_megabytes_of_arguments, nothing_is_left_after_hostile_lines,
          refuses_impossible_sources, digest)
