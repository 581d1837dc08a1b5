/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>

#include "audisp_doc.h"

/* -- values ------------------------------------------------------------------------------------ */

START_TEST(missing_and_odd_values)
{
    CHECK_DOC("type=SYSCALL " AT "arch=c000003e syscall=62 auid=4294967295 uid=77 tty=(none) "
              "key=(null) comm=\"(null)\" ppid= exe=?",
              {"details.originaluser", "unset"}, {"details.originaluid", "4294967295"},
              {"details.user", NULL}, {"details.uid", "77"}, {"details.tty", "(none)"},
              {"details.auditkey", NULL}, {"details.processname", "(null)"}, {"details.ppid", NULL},
              {"details.process", "?"});
}
END_TEST

START_TEST(enriched_names_win)
{
    CHECK_DOC("type=SYSCALL " AT "arch=c000003e syscall=62 auid=1000 uid=0"
              "\x1d"
              "ARCH=x86_64 AUID=\"carol\" UID=\"unknown(0)\"",
              {"details.originaluser", "carol"}, {"details.user", NULL});
}
END_TEST

START_TEST(ip_addresses_only_where_they_are)
{
    CHECK_DOC("type=USER_LOGIN " AT "msg='op=x addr=? terminal=? res=1'",
              {"details.sourceipaddress", NULL}, {"details.addr", "?"}, {"details.terminal", "?"});
    CHECK_DOC("type=USER_LOGIN " AT "msg='op=x addr=2001:db8::1 res=1'",
              {"details.sourceipaddress", "2001:db8::1"});
    CHECK_DOC("type=USER_LOGIN " AT "msg='op=x addr=host.example res=1'",
              {"details.sourceipaddress", NULL});
    CHECK_DOC("type=SYSCALL " AT "arch=c000003e syscall=42 uid=0\ntype=SOCKADDR " AT
              "saddr=02000050C0000207",
              {"details.destinationipaddress", "192.0.2.7"}, {"details.destinationport", "80"},
              {"details.sourceipaddress", NULL});
    CHECK_DOC("type=SYSCALL " AT "arch=c000003e syscall=43 uid=0\ntype=SOCKADDR " AT
              "saddr=02000050C0000207",
              {"details.sourceipaddress", "192.0.2.7"}, {"details.sourceport", "80"});
}
END_TEST

START_TEST(several_keys)
{
    CHECK_DOC("type=SYSCALL " AT "arch=c000003e syscall=62 key=61620163640165",
              {"details.auditkey", "ab"}, {"details.auditkeys", "[ \"ab\", \"cd\", \"e\" ]"});
    CHECK_DOC("type=SYSCALL " AT "arch=c000003e syscall=62 key=\"one\"",
              {"details.auditkeys", NULL});
}
END_TEST

START_TEST(socket_arguments)
{
    CHECK_DOC("type=SYSCALL " AT "arch=c000003e syscall=41 a0=2 a1=80001 a2=6 uid=0",
              {"details.domain", "2"}, {"details.type", "80001"}, {"details.protocol", "6"});
    CHECK_DOC("type=SYSCALL " AT "arch=c000003e syscall=50 a0=2 a1=80001 uid=0",
              {"details.domain", NULL});
}
END_TEST

START_TEST(the_rest_is_in_fields)
{
    CHECK_DOC("type=SYSCALL " AT "arch=c000003e syscall=62 a0=1 items=0 "
              "uid=0 subj=u:r:t\ntype=OBJ_PID " AT "opid=1 ocomm=610A62\n"
              "type=OBJ_PID " AT "opid=2 ocomm=\"c\"",
              {"details.fields",
               "{ \"syscall_a0\": \"1\", \"syscall_items\": \"0\", \"syscall_subj\": \"u:r:t\", "
               "\"obj_pid_opid\": \"1\\n2\", \"obj_pid_ocomm\": \"a b\\nc\" }"});
}
END_TEST

static void late_and_cut(struct event_source *src)
{
    src->part = 3;
    src->complete = EVENT_BY_LIMIT;
    src->cut_records = 10;
    src->cut_bytes = 99;
}

START_TEST(completeness)
{
    static const char text[] = "type=SYSCALL " AT "arch=c000003e syscall=62\ntype=EOE " AT;
    struct json_object *o;

    CHECK_DOC(text, {"details.records", "2"}, {"details.complete", "eoe"}, {"details.part", NULL});
    ck_assert_int_eq(write_event(text, sizeof(text) - 1, late_and_cut), 0);
    o = parsed();
    is(o, "details.complete", "limit");
    is(o, "details.part", "3");
    is(o, "details.truncated", "[ \"records=12\", \"line_bytes_lost=99\" ]");
    ck_assert_ptr_nonnull(strstr(json_object_get_string(at(o, "details.auditid")), ":7:3:"));
    json_object_put(o);
}
END_TEST

START_TEST(compatible_details)
{
    struct json_object *o;

    conf.details = CONF_DETAILS_COMPATIBLE;
    o = document("type=SYSCALL " AT "arch=c000003e syscall=59 success=yes exit=0 a0=1 " IDS "\n"
                 "type=EXECVE " AT "argc=1 a0=\"x\"\ntype=PATH " AT "name=\"y\" nametype=NORMAL\n"
                 "type=PROCTITLE " AT "proctitle=\"x\"");
    is(o, "details.command", "x");
    is(o, "details.path", "y");
    is(o, "details.argv", NULL);
    is(o, "details.syscall", NULL);
    is(o, "details.paths", NULL);
    is(o, "details.fields", NULL);
    is(o, "details.records", NULL);
    ck_assert_ptr_nonnull(at(o, "details.auditid")); /* the id is in each document */
    json_object_put(o);
    reset();
}
END_TEST

START_TEST(events_of_audisp_json)
{
    static const struct {
        const char *text;
        int result;
    } cases[] = {
        {"type=SYSCALL " AT "arch=c000003e syscall=59", 0},
        {"type=SYSCALL " AT "arch=c000003e syscall=2", 0},
        {"type=SYSCALL " AT "arch=c000003e syscall=42", 1},
        {"type=SYSCALL " AT "arch=c000003e syscall=62", 1},
        {"type=SYSCALL " AT "arch=c000003e syscall=9999", 1},
        {"type=USER_LOGIN " AT "msg='op=x'", 1},
        {"type=ANOM_PROMISCUOUS " AT "dev=eth0 prom=256", 0},
        {"type=AVC " AT "apparmor=\"DENIED\"", 0},
        {"type=AVC " AT "avc:  denied  { read } for pid=1", 1},
    };

    conf.events = CONF_EVENTS_AUDISP_JSON;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ck_assert_int_eq(write_event(cases[i].text, strlen(cases[i].text), NULL), cases[i].result);
        ck_assert_int_eq(doc.len == 0, cases[i].result == 1);
    }
    reset();
}
END_TEST

/* -- limits ------------------------------------------------------------------------------------ */

START_TEST(a_huge_event_is_cut_and_marked)
{
    struct buf text = BUF_INIT((size_t)32 * 1024 * 1024);
    struct json_object *o;

    buf_printf(&text, "type=SYSCALL " AT "arch=c000003e syscall=59 " IDS);
    for (int i = 0; i < 400; i++)
        buf_printf(&text, "\ntype=EXECVE " AT "argc=400 a%d=\"%05000d\"", i, i);
    for (int i = 0; i < 400; i++)
        buf_printf(&text, "\ntype=PATH " AT "item=%d name=\"%04000d\" nametype=NORMAL", i, i);
    for (int i = 0; i < 400; i++)
        buf_printf(&text, "\ntype=OBJ_PID " AT "opid=%d x%d=\"%04000d\"", i, i, i);
    for (size_t max = 1024 * 1024; max >= 4096; max /= 4) {
        conf.max_event = max;
        o = document(buf_cstr(&text));
        ck_assert_uint_le(doc.len, max);
        ck_assert_uint_ge(doc.len, max / 64); /* and not more than needed */
        is(o, "category", "execve");
        is(o, "details.records", "1201");
        ck_assert_ptr_nonnull(
            strstr(json_object_get_string(at(o, "details.truncated")), "command=2000399"));
        ck_assert_ptr_nonnull(
            strstr(json_object_get_string(at(o, "details.truncated")), "argv[]=400"));
        json_object_put(o);
    }
    buf_done(&text);
    reset();
}
END_TEST

START_TEST(the_id_is_whole_however_little_room_there_is)
{
    struct buf text = BUF_INIT(100000);
    struct json_object *o;

    buf_append_str(&text, "type=SYSCALL " AT "arch=c000003e syscall=59 " IDS);
    for (int i = 0; i < 40; i++)
        buf_printf(&text, "\ntype=PATH " AT "item=%d name=\"%0900d\" nametype=NORMAL", i, i);
    conf.max_event = 1400;
    o = document(buf_cstr(&text));
    is(o, "details.path", "00000000000000000000000000000000");
    ck_assert_int_eq(json_object_get_string_len(at(o, "details.auditid")),
                     strlen("host.example:1700000000.023:7:1:0123456789abcdef"));
    json_object_put(o);
    buf_done(&text);
    reset();
}
END_TEST

/* Names that a record makes up do not fill an index: there is an end to them. */
START_TEST(names_in_fields_are_bounded)
{
    struct buf text = BUF_INIT(2000000);
    struct json_object *o;

    buf_printf(&text, "type=USER " AT "pid=1");
    for (int i = 0; i < 3000; i++)
        buf_printf(&text, " n%d=v", i);
    o = document(buf_cstr(&text));
    ck_assert_int_eq(json_object_object_length(at(o, "details.fields")), 256);
    is(o, "details.truncated", "[ \"fields[]=3000\" ]");
    json_object_put(o);
    buf_done(&text);
}
END_TEST

START_TEST(summary_is_cut_at_a_character)
{
    conf.summary_max = 9;
    CHECK_DOC("type=SYSCALL " AT "arch=c000003e syscall=59\ntype=EXECVE " AT "argc=1 a0=C3A9C3A9",
              {"summary", "Execve: "}, {"details.truncated", "[ \"summary=12\" ]"});
    reset();
}
END_TEST

START_TEST(no_room_leaves_the_buffer_alone)
{
    static const char text[] = "type=SYSCALL " AT "arch=c000003e syscall=62 " IDS;
    struct format *f = format_new(&conf);
    struct parser *p = parser_new();
    const struct event *ev;
    struct event_lines e;
    struct buf small = BUF_INIT(400);

    event_lines_init(&e, text, sizeof(text) - 1);
    ck_assert_int_eq(parse_event(p, &e.sources[0], &ev), 0);
    buf_append_str(&small, "before");
    ck_assert_int_eq(format_write(f, ev, &small), -EMSGSIZE);
    ck_assert_str_eq(buf_cstr(&small), "before");
    format_free(f);
    parser_free(p);
    event_lines_done(&e);
    buf_done(&small);
}
END_TEST

/* -- the id ------------------------------------------------------------------------------------ */

static void check_id(const char *text, const char *expected)
{
    struct format *f = format_new(&conf);
    struct parser *p = parser_new();
    char id[FORMAT_ID_SIZE];
    const struct event *ev;
    struct event_lines e;

    event_lines_init(&e, text, strlen(text));
    ck_assert_int_eq(parse_event(p, &e.sources[0], &ev), 0);
    ck_assert_uint_eq(format_id(f, ev, id), strlen(id));
    ck_assert_msg(strncmp(id, expected, strlen(expected)) == 0, "%s is not %s", id, expected);
    ck_assert_uint_eq(strlen(id), strlen(expected) + 16);
    ck_assert_uint_eq(strspn(id + strlen(expected), "0123456789abcdef"), 16);
    format_free(f);
    parser_free(p);
    event_lines_done(&e);
}

START_TEST(ids)
{
    char text[1000], expected[1000];

    check_id("type=USER " AT "a=b", "host.example:1700000000.023:7:1:");
    check_id("node=web-1.example type=USER " AT "a=b", "web-1.example:1700000000.023:7:1:");
    check_id("node=caf\xc3\xa9%\x01 type=USER " AT "a=b", "caf%C3%A9%25%01:1700000000.023:7:1:");
    check_id("type=USER msg=audit(5.000:18446744073709551615): a=b",
             "host.example:5.000:18446744073709551615:1:");
    memset(text, '\xff', sizeof(text));
    snprintf(text, sizeof(text), "node=%0250d type=USER " AT "a=b", 1);
    snprintf(expected, sizeof(expected), "%0250d:1700000000.023:7:1:", 1);
    check_id(text, expected);
    for (size_t i = 5; i < 255; i++)
        text[i] = '\xff';
    memset(expected, 0, sizeof(expected)); /* the longest that fits, and no half of a byte */
    for (size_t i = 0; i < 85; i++)
        memcpy(expected + 3 * i, "%FF", 3);
    memcpy(expected + 255, ":1700000000.023:7:1:", 20);
    check_id(text, expected);
}
END_TEST

UNIT_MAIN("audisp_values", missing_and_odd_values, enriched_names_win,
          ip_addresses_only_where_they_are, several_keys, socket_arguments, the_rest_is_in_fields,
          completeness, compatible_details, events_of_audisp_json, a_huge_event_is_cut_and_marked,
          the_id_is_whole_however_little_room_there_is, names_in_fields_are_bounded,
          summary_is_cut_at_a_character, no_room_leaves_the_buffer_alone, ids)
