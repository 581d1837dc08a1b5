/* SPDX-License-Identifier: Apache-2.0 */
/* Records that no kernel writes, and ones as large as it can: right where that can be, marked where
 * it can't, and one document in any case. The smaller ones are in tests/golden/data/bad.log. */
#include "config.h"

#include "audisp_doc.h"

#define EXEC "type=SYSCALL " AT "arch=c000003e syscall=59 " IDS "\ntype=EXECVE " AT

static const char *text_at(struct json_object *o, const char *path)
{
    ck_assert_ptr_nonnull(at(o, path));
    return json_object_get_string(at(o, path));
}

START_TEST(argc_is_larger_than_the_arguments)
{
    CHECK_DOC(EXEC "argc=5 a0=\"ls\" a1=\"-l\"", {"details.argv", "[ \"ls\", \"-l\" ]"},
              {"details.argc", "5"}, {"details.truncated", "[ \"argv[]=5\" ]"});
}
END_TEST

START_TEST(a_piece_without_the_ones_before)
{
    CHECK_DOC(EXEC "argc=2 a0=\"sh\" a1_len=30 a1[5]=\"tail\"",
              {"details.argv", "[ \"sh\", \"tail\" ]"},
              {"details.truncated", "[ \"argv[1]=30\" ]"});
}
END_TEST

START_TEST(arguments_out_of_order)
{
    CHECK_DOC(EXEC "argc=3 a2=\"third\" a1[1]=\"nd\" a0=\"first\" a1[0]=\"seco\"",
              {"details.command", "first second third"}, {"details.truncated", NULL});
}
END_TEST

START_TEST(an_argument_twice)
{
    CHECK_DOC(EXEC "argc=2 a0=\"sh\" a0=\"other\" a1=\"x\"", {"details.argv", "[ \"sh\", \"x\" ]"},
              {"details.truncated", "[ \"argv[0]=7\" ]"});
}
END_TEST

START_TEST(hexadecimal_of_odd_length)
{
    CHECK_DOC("type=SYSCALL " AT "arch=c000003e syscall=2 comm=61621 uid=0\n"
              "type=PATH " AT "name=2F6 nametype=NORMAL\n"
              "type=PROCTITLE " AT "proctitle=616",
              {"details.processname", "61621"}, /* all that the record says, as it says it */
              {"details.path", "2F6"}, {"details.proctitle", "616"});
}
END_TEST

START_TEST(keys_glued_together)
{
    CHECK_DOC("type=SYSCALL " AT "arch=c000003e syscall=2 uid=0 key=6B310133016B33",
              {"details.auditkey", "k1"}, {"details.auditkeys", "[ \"k1\", \"3\", \"k3\" ]"});
    CHECK_DOC("type=SYSCALL " AT "arch=c000003e syscall=2 uid=0 key=\"a\x01"
              "b\"",
              {"details.auditkeys", "[ \"a\", \"b\" ]"});
}
END_TEST

START_TEST(quotes_within_quotes)
{
    CHECK_DOC("type=USER_AUTH " AT "pid=1 msg='op=\"a\"b\"c\" acct=\"o'neil\" exe=\"/bin/su\" "
              "hostname=? addr=? terminal=? res=failed'",
              {"details.op", "a\"b\"c"}, {"details.acct", "o'neil"}, {"details.res", "failed"});
}
END_TEST

START_TEST(a_programs_message_without_an_end)
{
    CHECK_DOC("type=USER_AUTH " AT "pid=1 msg='op=login acct=\"alice\" res=success",
              {"details.acct", "alice"}, {"details.res", "success"});
}
END_TEST

START_TEST(fields_that_repeat)
{
    CHECK_DOC(
        "type=SYSCALL " AT "arch=c000003e syscall=62 uid=0 uid=1000 "
        "uid=33 comm=\"one\" comm=\"two\"",
        {"details.uid", "0"}, /* the first: what follows it a program may have had a hand in */
        {"details.processname", "one"},
        {"details.fields", "{ \"syscall_uid\": \"1000\\n33\", \"syscall_comm\": \"two\" }"});
}
END_TEST

START_TEST(two_megabytes_of_arguments)
{
    struct buf text = BUF_INIT((size_t)8 * 1024 * 1024);
    struct json_object *o;

    buf_printf(&text, EXEC "argc=3 a0=\"sh\" a1_len=2000000");
    for (int i = 0; i < 250; i++)
        buf_printf(&text, "%s a1[%d]=\"%08000d\"", i % 5 ? "" : "\ntype=EXECVE " AT, i, i);
    buf_printf(&text, "\ntype=EXECVE " AT " a2=\"end\"");
    o = document(buf_cstr(&text));
    is(o, "category", "execve");
    is(o, "details.records", "53");
    ck_assert_uint_eq(strlen(text_at(o, "details.command")), 32765);
    ck_assert_ptr_nonnull(strstr(text_at(o, "details.truncated"), "\"command=2000007\""));
    ck_assert_ptr_nonnull(strstr(text_at(o, "details.truncated"), "\"argv[1]=2000000\""));
    ck_assert_uint_eq(json_object_array_length(at(o, "details.argv")), 3);
    json_object_put(o);
    buf_done(&text);
}
END_TEST

START_TEST(a_name_of_4096_bytes_of_invalid_utf8)
{
    struct buf text = BUF_INIT(65536);
    struct json_object *o;
    const char *path;

    buf_printf(&text, "type=SYSCALL " AT "arch=c000003e syscall=2 " IDS "\ntype=PATH " AT "name=");
    for (int i = 0; i < 4096; i++)
        buf_printf(&text, "%s", i % 2 ? "FF" : "C3");
    buf_printf(&text, " nametype=NORMAL");
    o = document(buf_cstr(&text));
    path = text_at(o, "details.path");
    ck_assert_uint_eq(strlen(path), 4096 * 3); /* U+FFFD for each */
    for (size_t i = 0; i < 4096; i++)
        ck_assert_mem_eq(path + 3 * i, "\xef\xbf\xbd", 3);
    is(o, "details.invalid_utf8", "[ \"summary\", \"path\", \"paths\" ]");
    ck_assert_ptr_nonnull(strstr(text_at(o, "details.truncated"), "summary="));
    json_object_put(o);
    buf_done(&text);
}
END_TEST

START_TEST(three_hundred_paths)
{
    struct buf text = BUF_INIT((size_t)4 * 1024 * 1024);
    struct json_object *o;

    buf_printf(&text, "type=SYSCALL " AT "arch=c000003e syscall=82 " IDS);
    for (int i = 0; i < 300; i++)
        buf_printf(&text, "\ntype=PATH " AT "item=%d name=\"/d/%d\" inode=%d nametype=NORMAL", i, i,
                   i);
    o = document(buf_cstr(&text));
    is(o, "details.records", "301");
    is(o, "details.path", "/d/0");
    ck_assert_uint_eq(json_object_array_length(at(o, "details.paths")), 300);
    is(json_object_array_get_idx(at(o, "details.paths"), 299), "name", "/d/299");
    is(o, "details.truncated", NULL);
    json_object_put(o);
    buf_truncate(&text, 0);
    buf_printf(&text, "type=SYSCALL " AT "arch=c000003e syscall=82 " IDS);
    for (int i = 0; i < 300; i++)
        buf_printf(&text, "\ntype=PATH " AT "item=%d name=\"%04096d\" nametype=NORMAL", i, i);
    o = document(buf_cstr(&text)); /* they do not all fit, and the document says so */
    is(o, "details.records", "301");
    ck_assert_ptr_nonnull(strstr(text_at(o, "details.truncated"), "\"paths[]=300\""));
    json_object_put(o);
    buf_done(&text);
}
END_TEST

UNIT_MAIN("bad_input", argc_is_larger_than_the_arguments, a_piece_without_the_ones_before,
          arguments_out_of_order, an_argument_twice, hexadecimal_of_odd_length, keys_glued_together,
          quotes_within_quotes, a_programs_message_without_an_end, fields_that_repeat,
          two_megabytes_of_arguments, a_name_of_4096_bytes_of_invalid_utf8, three_hundred_paths)
