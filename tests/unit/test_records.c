/* SPDX-License-Identifier: Apache-2.0 */
/* The format records: what stands where, what is interpreted, what happens at its bounds; and that
 * the lines come back in any case. */
#include "config.h"

#include "audisp_doc.h"
#include "records_rewrite.h"

#define USER "type=USER " AT
#define SEPARATOR "\x1d"

static struct json_object *record_at(struct json_object *o, size_t i)
{
    struct json_object *rec = json_object_array_get_idx(json_object_object_get(o, "records"), i);

    ck_assert_ptr_nonnull(rec);
    return rec;
}

/* The lines that the document gives are those of text, and nothing was cut but what truncated says.
 */
static const char *truncated;

static void expect_lines(struct json_object *o, const char *text, size_t len)
{
    struct buf line = BUF_INIT((size_t)4 * 1024 * 1024);

    for (size_t i = 0; i < records_rewrite_count(o); i++) {
        const char *stop = memchr(text, '\n', len);
        size_t n = stop ? (size_t)(stop - text) : len;

        buf_truncate(&line, 0);
        ck_assert_ptr_null(records_rewrite(o, i, true, &line));
        ck_assert_msg(line.len == n && memcmp(line.data, text, n) == 0, "%s\n%.*s", buf_cstr(&line),
                      (int)n, text);
        text += n + (stop ? 1 : 0);
        len -= n + (stop ? 1 : 0);
    }
    ck_assert_uint_eq(len, 0);
    is(o, "truncated", truncated);
    buf_done(&line);
}

static struct json_object *records(const char *text)
{
    struct json_object *o;

    conf.format = CONF_FORMAT_RECORDS;
    o = document(text);
    expect_lines(o, text, strlen(text));
    return o;
}

/* The only record of an event with that body has members as given, a name and a value in turn. */
static void expect(const char *body, const char *const *members)
{
    static const char *const all[] = {"text",      "fields",      "msg_text",        "msg",
                                      "enriched",  "interpreted", "interpreted_msg", "raw",
                                      "raw_base64"};
    char *text = NULL;
    struct json_object *o, *rec;

    ck_assert_int_gt(asprintf(&text, "%s%s", USER, body), 0);
    o = records(text);
    rec = record_at(o, 0);
    is(rec, "type", "USER");
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        const char *value = NULL;

        for (size_t k = 0; members[k]; k += 2) {
            if (strcmp(members[k], all[i]) == 0)
                value = members[k + 1];
        }
        is(rec, all[i], value);
    }
    json_object_put(o);
    free(text);
}

#define EXPECT(body, ...) expect((body), (const char *const[]){__VA_ARGS__, NULL})

/* A record that ends within a quote, which the kernel never writes: it was cut before. */
#define EXPECT_OPEN(body, ...)                    \
    do {                                          \
        truncated = "[ \"lines_cut_before=1\" ]"; \
        EXPECT(body, __VA_ARGS__);                \
        truncated = NULL;                         \
    } while (0)

START_TEST(the_document_has_what_the_event_has)
{
    struct json_object *o = records("node=web1 type=CWD " AT "cwd=\"/\"\nnode=web1 type=EOE " AT);

    is(o, "hostname", "web1");
    is(o, "node", "web1");
    is(o, "time", "2023-11-14T22:13:20.023+00:00");
    is(o, "serial", "7");
    is(o, "complete", "eoe");
    is(o, "part", NULL);
    ck_assert_uint_eq(records_rewrite_count(o), 2);
    is(record_at(o, 1), "type", "EOE");
    is(record_at(o, 1), "fields", NULL);
    json_object_put(o);
    o = records("type=BOGUS[9] " AT "a=1");
    is(o, "hostname", "host.example");
    is(o, "node", NULL);
    is(record_at(o, 0), "type", "BOGUS[9]");
    json_object_put(o);
}
END_TEST

START_TEST(fields_are_as_they_stand)
{
    EXPECT("pid=1 op=a-b x= res=?", "fields",
           "{ \"pid\": \"1\", \"op\": \"a-b\", \"x\": \"\", \"res\": \"?\" }");
    EXPECT("a[1]=x b.c=y _d=z", "fields", "{ \"a[1]\": \"x\", \"b.c\": \"y\", \"_d\": \"z\" }");
    EXPECT("acct=\"a b=c\" id=1", "fields", "{ \"acct\": \"\\\"a b=c\\\"\", \"id\": \"1\" }",
           "interpreted", "{ \"acct\": \"a b=c\" }");
    /* a quote without its end quotes nothing */
    EXPECT_OPEN("acct=\"a b=c", "fields", "{ \"acct\": \"\\\"a\", \"b\": \"c\" }");
}
END_TEST

START_TEST(a_name_again_has_a_number)
{
    EXPECT("a=1 b=2 a=3 a=4 b=5", "fields",
           "{ \"a\": \"1\", \"b\": \"2\", \"a#2\": \"3\", \"a#3\": \"4\", \"b#2\": \"5\" }");
    EXPECT("a=1 msg='a=2 a=3'", "fields", "{ \"a\": \"1\" }", "msg",
           "{ \"a\": \"2\", \"a#2\": \"3\" }");
}
END_TEST

START_TEST(blanks_and_words_are_kept)
{
    EXPECT("", NULL);
    EXPECT(" ", "text", " ");
    EXPECT(" a=1", "text", "", "fields", "{ \"a\": \"1\" }");
    EXPECT("  a=1", "text", " ", "fields", "{ \"a\": \"1\" }");
    EXPECT("a=1  b=2 ", "fields", "{ \"a\": \"1 \", \"b\": \"2 \" }", "interpreted",
           "{ \"a\": \"1\", \"b\": \"2\" }");
    EXPECT("some words", "text", "some words");
    EXPECT("for  a=1 two words b=2", "text", "for ", "fields",
           "{ \"a\": \"1 two words\", \"b\": \"2\" }", "interpreted", "{ \"a\": \"1\" }");
    EXPECT("\ta=1\tb=2", "text", "\ta=1\tb=2", "interpreted", "{ \"a\": \"1\", \"b\": \"2\" }");
}
END_TEST

/* No name from a record needs an escape as a key of JSON. */
START_TEST(what_is_no_name_is_text)
{
    EXPECT("a\"b=1", "text", "a\"b=1");
    EXPECT("=1 ==2", "text", "=1 ==2");
    EXPECT("\\=1 9a=2 -b=3 a#2=4", "text", "\\=1 9a=2 -b=3 a#2=4");
    EXPECT("a\x01=1 b=2", "text", "a\x01=1", "fields", "{ \"b\": \"2\" }");
    EXPECT("x=1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=2", "fields",
           "{ \"x\": \"1 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=2\" }",
           "interpreted", "{ \"x\": \"1\" }");
}
END_TEST

START_TEST(msg_is_a_part_of_its_own)
{
    EXPECT("pid=1 msg='op=login res=success'", "fields", "{ \"pid\": \"1\" }", "msg",
           "{ \"op\": \"login\", \"res\": \"success\" }");
    EXPECT("msg=''", "msg", "{ }");
    EXPECT("text msg='words'", "text", "text", "msg_text", "words", "msg", "{ }");
    EXPECT("msg=' a=1 '", "msg_text", "", "msg", "{ \"a\": \"1 \" }", "interpreted_msg",
           "{ \"a\": \"1\" }");
    EXPECT("msg='a=it's b=\"x' y\"'", "msg", "{ \"a\": \"it's\", \"b\": \"\\\"x' y\\\"\" }",
           "interpreted_msg", "{ \"b\": \"x' y\" }");
    /* without its end, or with something behind it, it is a value like others */
    EXPECT_OPEN("pid=1 msg='op=x res=no", "fields", "{ \"pid\": \"1\", \"msg\": \"'op=x res=no\" }",
                "interpreted_msg", "{ \"op\": \"x\", \"res\": \"no\" }");
    EXPECT("msg='op=x' b=2", "fields", "{ \"msg\": \"'op=x'\", \"b\": \"2\" }", "interpreted_msg",
           "{ \"op\": \"x\" }");
    EXPECT_OPEN("msg='", "fields", "{ \"msg\": \"'\" }");
}
END_TEST

START_TEST(what_auditd_added_is_a_part_of_its_own)
{
    EXPECT("uid=7 gid=8" SEPARATOR "UID=\"alice\" GID=\"a b\"", "fields",
           "{ \"uid\": \"7\", \"gid\": \"8\" }", "enriched",
           "{ \"UID\": \"\\\"alice\\\"\", \"GID\": \"\\\"a b\\\"\" }", "interpreted",
           "{ \"uid\": \"alice\", \"gid\": \"a b\" }");
    EXPECT("a=1" SEPARATOR, "fields", "{ \"a\": \"1\" }", "enriched", "{ }");
    EXPECT("a=1" SEPARATOR "SADDR={ saddr_fam=inet laddr=::1 }", "fields", "{ \"a\": \"1\" }",
           "enriched", "{ \"SADDR\": \"{ saddr_fam=inet laddr=::1 }\" }");
    EXPECT("a=1" SEPARATOR "words", "fields", "{ \"a\": \"1\" }", "enriched", "{ }", "raw",
           USER "a=1" SEPARATOR "words");
}
END_TEST

START_TEST(what_is_no_utf8_is_there_in_base64)
{
    static const char text[] = USER "a=\xff" SEPARATOR "U=\"\xc3\"";
    struct json_object *o = records(text);

    is(record_at(o, 0), "fields", "{ \"a\": \"\xef\xbf\xbd\" }");
    is(o, "invalid_utf8", "[ \"records.fields\", \"records.enriched\", \"records.values\" ]");
    ck_assert_ptr_null(at(record_at(o, 0), "raw"));
    json_object_put(o);
    o = records("node=\xfe type=CWD " AT "cwd=\"/\"");
    is(o, "node", "\xef\xbf\xbd");
    is(o, "invalid_utf8", "[ \"hostname\", \"node\" ]");
    ck_assert_ptr_nonnull(at(record_at(o, 0), "raw_base64"));
    json_object_put(o);
}
END_TEST

START_TEST(a_head_that_the_rule_does_not_make_is_kept)
{
    static const char far[] = "type=USER msg=audit(9999999999999.023:7): a=1";
    static const char tight[] = "type=USER msg=audit(1700000000.023:7):a=1";
    struct json_object *o = records(far);

    is(record_at(o, 0), "raw", far);
    json_object_put(o);
    o = records(tight);
    is(record_at(o, 0), "raw", tight);
    json_object_put(o);
}
END_TEST

static void interprets(const char *line, const char *expected)
{
    struct json_object *o = records(line);

    is(record_at(o, 0), "interpreted", expected);
    json_object_put(o);
}

START_TEST(values_are_interpreted)
{
    interprets("type=SYSCALL " AT "arch=c000003e syscall=59 success=no exit=-13 auid=4294967295 "
               "uid=0 gid=0 fsuid=1000 ses=4294967295 comm=6C73 key=\"k\"",
               "{ \"arch\": \"x86_64\", \"syscall\": \"execve\", \"exit\": \"EACCES\", "
               "\"auid\": \"unset\", \"uid\": \"root\", \"fsuid\": \"alice\", \"ses\": \"unset\", "
               "\"comm\": \"ls\", \"key\": \"k\" }");
    interprets("type=SYSCALL " AT "arch=40000003 syscall=11 exit=3 auid=12 uid=x fsuid=-1",
               "{ \"arch\": \"i386\", \"syscall\": \"execve\", \"fsuid\": \"unset\" }");
    /* newer than libaudit, but auditd knew */
    interprets("type=SYSCALL " AT "arch=c000003e syscall=99999 uid=12" SEPARATOR
               "SYSCALL=new_call UID=\"unknown(12)\"",
               "{ \"arch\": \"x86_64\", \"syscall\": \"new_call\" }");
    interprets("type=PATH " AT "name=2F61 mode=0104755 ouid=0 ouid=0",
               "{ \"name\": \"/a\", \"mode\": \"file,suid,755\", \"ouid\": \"root\", "
               "\"ouid#2\": \"root\" }");
    interprets("type=ANOM_ABEND " AT "sig=11 res=1", "{ \"sig\": \"SIGSEGV\", \"res\": \"yes\" }");
    interprets("type=CONFIG_CHANGE " AT "list=4 res=0 old-auid=0",
               "{ \"list\": \"exit\", \"res\": \"no\", \"old-auid\": \"root\" }");
    interprets("type=SYSCALL " AT "exit=-512 key=6101622063",
               "{ \"exit\": \"ERESTARTSYS\", \"key\": [ \"a\", \"b c\" ] }");
    interprets("type=SECCOMP " AT "sig=31 code=0x80000000",
               "{ \"sig\": \"SIGSYS\", \"code\": \"kill-process\" }");
    interprets("type=SOCKADDR " AT "saddr=100000000102000000000000",
               "{ \"saddr\": \"{ saddr_fam=netlink nlnk-pid=513 }\" }");
    interprets("type=SOCKADDR " AT "saddr=28000000901F000003000000",
               "{ \"saddr\": \"{ saddr_fam=vsock cid=3 port=8080 }\" }");
    interprets("type=SOCKADDR " AT "saddr=0A0001BB00000000FE80000000000000000000000000000102000000",
               "{ \"saddr\": \"{ saddr_fam=inet6 laddr=fe80::1%2 lport=443 }\" }");
    interprets("type=SOCKADDR " AT "saddr=0100006162",
               "{ \"saddr\": \"{ saddr_fam=local path=@ab }\" }");
    interprets("type=PROCTITLE " AT "proctitle=6C73002D6C0000", "{ \"proctitle\": \"ls -l\" }");
    interprets("type=SOCKADDR " AT "saddr=02000050C00002070000000000000000",
               "{ \"saddr\": \"{ saddr_fam=inet laddr=192.0.2.7 lport=80 }\" }");
    interprets("type=SOCKADDR " AT "saddr=01002F6100",
               "{ \"saddr\": \"{ saddr_fam=local path=/a }\" }");
    interprets("type=AVC " AT "avc:  denied  { read open } for  pid=1",
               "{ \"seresult\": \"denied\", \"seperms\": \"read,open\" }");
    interprets("type=USER " AT "sig=99 mode=x list=77 res=7 saddr=zz exit=-13",
               "{ \"exit\": \"EACCES\" }");
}
END_TEST

/* A program may write uid=0 into its text; only the record's own uid gets a name. */
START_TEST(a_programs_text_gets_no_names)
{
    EXPECT("uid=7 msg='uid=0 id=9 ses=4294967295 res=1 acct=\"bob\"'" SEPARATOR
           "UID=\"carol\" ID=\"dave\"",
           "fields", "{ \"uid\": \"7\" }", "msg",
           "{ \"uid\": \"0\", \"id\": \"9\", \"ses\": \"4294967295\", \"res\": \"1\", "
           "\"acct\": \"\\\"bob\\\"\" }",
           "enriched", "{ \"UID\": \"\\\"carol\\\"\", \"ID\": \"\\\"dave\\\"\" }", "interpreted",
           "{ \"uid\": \"carol\" }", "interpreted_msg", "{ \"id\": \"dave\", \"acct\": \"bob\" }");
}
END_TEST

static void means(const char *line, const char *expected)
{
    struct json_object *o = records(line);

    is(record_at(o, 0), "values", expected);
    json_object_put(o);
}

START_TEST(one_map_has_every_field)
{
    means("type=SYSCALL " AT "arch=c000003e syscall=59 success=yes exit=0 a0=7f auid=4294967295 "
          "uid=0 comm=6C73 exe=\"/bin/ls\" key=6101622063",
          "{ \"type\": \"SYSCALL\", \"arch\": [ \"x86_64\", \"c000003e\" ], "
          "\"syscall\": [ \"execve\", \"59\" ], \"SYSCALL\": \"execve\", "
          "\"success\": \"yes\", \"exit\": \"0\", \"a0\": \"7f\", "
          "\"auid\": [ \"unset\", \"4294967295\" ], \"uid\": [ \"root\", \"0\" ], "
          "\"comm\": \"ls\", \"exe\": \"/bin/ls\", \"key\": [ \"a\", \"b c\" ] }");
    means("type=EXECVE " AT "argc=2 a0=\"sh\" a1=2D63",
          "{ \"type\": \"EXECVE\", \"argc\": \"2\", \"a0\": \"sh\", \"a1\": \"-c\" }");
    means("type=SOCKADDR " AT "saddr=01002F6100",
          "{ \"type\": \"SOCKADDR\", \"saddr\": \"{ saddr_fam=local path=/a }\" }");
    means("type=PROCTITLE " AT "proctitle=6C73002D6C",
          "{ \"type\": \"PROCTITLE\", \"proctitle\": \"ls -l\" }");
    means("type=EOE " AT, "{ \"type\": \"EOE\" }");
    /* auditd's name is that of the number, so it is there once */
    means("type=USER " AT "uid=12" SEPARATOR "UID=\"12\"",
          "{ \"type\": \"USER\", \"uid\": \"12\" }");
}
END_TEST

/* What a program writes never takes the place of what the kernel wrote. */
START_TEST(the_records_own_fields_keep_their_names)
{
    means(USER
          "uid=7 type=x msg='uid=0 type=SYSCALL op=login acct=\"bob\" id=9 res=success'" SEPARATOR
          "UID=\"carol\" ID=\"dave\"",
          "{ \"type\": \"USER\", \"uid\": [ \"carol\", \"7\" ], \"type#2\": \"x\", "
          "\"uid#2\": \"0\", \"type#3\": \"SYSCALL\", \"op\": \"login\", "
          "\"acct\": \"bob\", \"id\": [ \"dave\", \"9\" ], \"res\": \"success\" }");
}
END_TEST

/* -- the bounds -------------------------------------------------------------------------------- */

/* n times the text, with %zu in it for the number. */
static void repeat(struct buf *b, size_t n, const char *before, const char *after)
{
    for (size_t i = 0; i < n; i++) {
        buf_append_str(b, before);
        buf_printf(b, "%zu", i);
        buf_append_str(b, after);
    }
}

START_TEST(the_number_of_names_is_bounded)
{
    struct buf text = BUF_INIT(1 << 20);
    struct json_object *o;

    buf_append_str(&text, USER "a=1");
    repeat(&text, 1023, " n", "=x");
    truncated = "[ \"values[]=1024\" ]"; /* the type is one more */
    o = records(buf_cstr(&text));
    ck_assert_int_eq(json_object_object_length(at(record_at(o, 0), "fields")), 1024);
    is(record_at(o, 0), "raw", NULL);
    json_object_put(o);
    truncated = "[ \"values[]=1026\" ]";
    buf_append_str(&text, " last=1 msg='b=2'");
    o = records(buf_cstr(&text));
    ck_assert_int_eq(json_object_object_length(at(record_at(o, 0), "fields")), 1024);
    is(record_at(o, 0), "raw", buf_cstr(&text));
    json_object_put(o);
    truncated = NULL;
    buf_done(&text);
}
END_TEST

/* The document of a text over a bound, and what its records lack. */
static struct json_object *bounded(struct buf *text, uint64_t max)
{
    struct json_object *o;

    conf.format = CONF_FORMAT_RECORDS;
    conf.max_event = max;
    ck_assert_int_eq(write_event(buf_cstr(text), text->len, NULL), 0);
    ck_assert_uint_le(doc.len, max);
    o = parsed();
    ck_assert_str_eq(
        json_object_get_string(at(o, "id")) + strlen("host.example:1700000000.023:7:1") + 17, "");
    return o;
}

START_TEST(a_long_value_is_cut_and_marked)
{
    struct buf text = BUF_INIT(1 << 20);
    struct json_object *o;

    buf_append_str(&text, "type=EXECVE " AT "argc=2 a0=\"");
    for (size_t i = 0; i < 40000; i++)
        buf_append_char(&text, 'x');
    buf_append_str(&text, "\" a1=\"y\"");
    o = bounded(&text, 1 << 20);
    is(o, "truncated",
       "[ \"records[0].fields.a0=40002\", \"records[0].interpreted.a0=40000\", "
       "\"records[0].values.a0=40000\" ]");
    /* with its name and a NUL it is no longer than a term of Elasticsearch may be */
    ck_assert_int_eq(json_object_get_string_len(at(at(record_at(o, 0), "fields"), "a0")), 32637);
    json_object_put(o);
    buf_done(&text);
}
END_TEST

START_TEST(raw_comes_before_interpreted)
{
    struct buf text = BUF_INIT(1 << 20);
    struct json_object *o;

    for (size_t i = 0; i < 300; i++)
        buf_append_str(&text, "type=PATH " AT "item=0 name=\"/aaaaaaaaaaaaaaaaaaaaaaaaaa\"\n");
    o = bounded(&text, 40000);
    is(o, "truncated", "[ \"values[]=300\", \"interpreted[]=300\" ]");
    ck_assert_uint_eq(records_rewrite_count(o), 300);
    is(record_at(o, 299), "interpreted", NULL);
    json_object_put(o);
    o = bounded(&text, 25000);
    is(o, "truncated", "[ \"values[]=300\", \"interpreted[]=300\", \"records[]=300\" ]");
    ck_assert_uint_gt(records_rewrite_count(o), 150);
    json_object_put(o);
    buf_done(&text);
}
END_TEST

/* One record that is over the maximum by itself: its strings get shorter until it has room. */
START_TEST(the_first_record_has_room)
{
    struct buf text = BUF_INIT(1 << 22);
    struct json_object *o;

    buf_append_str(&text, "type=EXECVE " AT "argc=900");
    for (size_t i = 0; i < 900; i++) {
        buf_printf(&text, " a%zu=\"", i);
        for (size_t k = 0; k < 2000; k++)
            buf_append_char(&text, 'x');
        buf_append_char(&text, '"');
    }
    o = bounded(&text, 1 << 20);
    ck_assert_uint_eq(records_rewrite_count(o), 1);
    ck_assert_int_eq(json_object_object_length(at(record_at(o, 0), "fields")), 901);
    ck_assert_uint_eq(json_object_array_length(at(o, "truncated")), 65);
    json_object_put(o);
    o = bounded(&text, 4096);
    ck_assert_uint_eq(records_rewrite_count(o), 0);
    is(o, "truncated", "[ \"values[]=1\", \"interpreted[]=1\", \"records[]=1\" ]");
    json_object_put(o);
    buf_done(&text);
}
END_TEST

static void cut_and_late(struct event_source *src)
{
    src->cut_records = 3;
    src->cut_bytes = 99;
    src->part = 2;
}

START_TEST(what_was_cut_before_is_told)
{
    static const char text[] = USER "a=1";
    struct json_object *o;

    conf.format = CONF_FORMAT_RECORDS;
    ck_assert_int_eq(write_event(text, strlen(text), cut_and_late), 0);
    o = parsed();
    is(o, "part", "2");
    is(o, "truncated", "[ \"records=4\", \"line_bytes_lost=99\" ]");
    json_object_put(o);
}
END_TEST

UNIT_MAIN("records", the_document_has_what_the_event_has, fields_are_as_they_stand,
          a_name_again_has_a_number, blanks_and_words_are_kept, what_is_no_name_is_text,
          msg_is_a_part_of_its_own, what_auditd_added_is_a_part_of_its_own,
          what_is_no_utf8_is_there_in_base64, a_head_that_the_rule_does_not_make_is_kept,
          values_are_interpreted, one_map_has_every_field, the_records_own_fields_keep_their_names,
          a_programs_text_gets_no_names, the_number_of_names_is_bounded,
          a_long_value_is_cut_and_marked, raw_comes_before_interpreted, the_first_record_has_room,
          what_was_cut_before_is_told)
