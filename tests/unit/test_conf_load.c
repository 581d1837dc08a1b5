/* SPDX-License-Identifier: Apache-2.0 */
/* Files, command lines and the checks across options: what is wrong is said, where, and all of it.
 */
#include "config.h"

#include <errno.h>
#include <sys/stat.h>

#include "conf/conf.h"
#include "conf/conf_table.h"
#include "base/err.h"
#include "base/mem.h"
#include "conf_fixture.h"
#include "unit.h"

/* Reads the text; the errors, without the path at each line's begin, must be these. */
static void expect_file_errors(const char *text, const char *expected)
{
    struct buf got = BUF_INIT(64 << 10);
    struct fixture f;
    char *line;
    int r;

    fixture_bytes(&f, text, strlen(text));
    r = fixture_read(&f);
    ck_assert_int_eq(r, *expected ? ERR_CONFIG : 0);
    buf_cstr(&f.errors);
    for (line = f.errors.data; *line;) {
        char *end = strchr(line, '\n');

        ck_assert_ptr_nonnull(end);
        if (strncmp(line, f.path, strlen(f.path)) == 0)
            line += strlen(f.path);
        buf_append(&got, line, (size_t)(end + 1 - line));
        line = end + 1;
    }
    ck_assert_str_eq(buf_cstr(&got), expected);
    buf_done(&got);
    fixture_done(&f);
}

START_TEST(mistakes_are_all_told_with_line_and_near_name)
{
    expect_file_errors("ulr = https://a/\n"
                       "# fine\n"
                       "batch_evnts = 3\n"
                       "timeout = soon\n"
                       "mozdef_ulr = x\n"
                       "complete_nonsense = 1\n"
                       "state-dir = /x\n"
                       "config = /x\n",
                       ":1: key 'ulr': unknown key (did you mean 'url'?)\n"
                       ":3: key 'batch_evnts': unknown key (did you mean "
                       "'batch_events'?)\n"
                       ":4: key 'timeout': 'soon' is not a time such as 500ms, 2s, 5m or 1h\n"
                       ":5: key 'mozdef_ulr': unknown key (did you mean 'mozdef_url'?)\n"
                       ":6: key 'complete_nonsense': unknown key\n"
                       ":7: key 'state-dir': unknown key (did you mean 'state_dir'?)\n"
                       ":8: key 'config': only valid on the command line\n");
}
END_TEST

START_TEST(what_is_no_key_and_value_is_told)
{
    expect_file_errors("[omauditjson]\nhello\n= 3\nlog = a\nlog = b\ncurl_logfile = c\n",
                       ":1: sections are not supported; remove this line\n"
                       ":2: not of the form key = value\n"
                       ":3: not of the form key = value\n"
                       ":5: key 'log': set twice; first set in line 4\n"
                       ":6: key 'curl_logfile': set twice; first set in line 4\n");
}
END_TEST

START_TEST(the_twentieth_mistake_is_the_last_shown)
{
    struct buf text = BUF_INIT(4096);
    size_t lines = 0;
    struct fixture f;

    for (int i = 0; i < 50; i++)
        buf_append_str(&text, "zzzzzzzzzz = 1\n");
    fixture_bytes(&f, text.data, text.len);
    ck_assert_int_eq(fixture_read(&f), ERR_CONFIG);
    for (size_t i = 0; i < f.errors.len; i++)
        lines += f.errors.data[i] == '\n';
    ck_assert_uint_eq(lines, CONF_ERRORS_MAX + 1);
    ck_assert_ptr_nonnull(strstr(buf_cstr(&f.errors), "\n... and more; the first 20 are shown\n"));
    buf_done(&text);
    fixture_done(&f);
}
END_TEST

static void expect_refused(const char *path, const char *reason)
{
    struct buf errors = BUF_INIT(8192);
    char expected[300];
    struct conf c;

    conf_init(&c);
    ck_assert_int_eq(conf_read_file(&c, path, &errors), ERR_CONFIG);
    snprintf(expected, sizeof(expected), "%s: %s\n", path, reason);
    ck_assert_str_eq(buf_cstr(&errors), expected);
    buf_done(&errors);
    conf_done(&c);
}

START_TEST(files_that_are_none)
{
    size_t big = 10 << 20;
    CLEANUP_FREE char *line = mem_alloc(big);
    struct fixture f;

    memset(line, 'x', big);
    fixture_bytes(&f, line, big);
    expect_refused(f.path, "larger than 1 MiB; name a configuration file");
    expect_refused(f.dir, "is a directory; name a file");
    fixture_done(&f);
    fixture_bytes(&f, "url = a\0b\n", 10);
    expect_refused(f.path, "contains a NUL byte; name a text file");
    ck_assert_int_eq(unlink(f.path), 0);
    expect_refused(f.path, "cannot be read: No such file or directory");
    ck_assert_int_eq(mkfifo(f.path, 0600), 0);
    expect_refused(f.path, "not a regular file; name a file");
    fixture_done(&f);
}
END_TEST

START_TEST(a_long_line_is_told_and_the_next_one_counts)
{
    size_t len = (64 << 10) + 1;
    CLEANUP_FREE char *line = mem_alloc(len + 2);
    struct fixture f;
    struct buf text = BUF_INIT(1 << 20);

    memset(line, 'x', len);
    memcpy(line, "hostname = ", 11);
    line[len] = '\n';
    line[len + 1] = '\0';
    buf_append_str(&text, line);
    buf_append_str(&text, "ulr = 1\n");
    fixture_bytes(&f, text.data, text.len);
    ck_assert_int_eq(fixture_read(&f), ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(buf_cstr(&f.errors), ":1: the line is longer than 64 KiB\n"));
    ck_assert_ptr_nonnull(strstr(buf_cstr(&f.errors), ":2: key 'ulr'"));
    fixture_done(&f);
    fixture_bytes(&f, text.data + 1, len); /* one byte shorter: "ostname" */
    ck_assert_int_eq(fixture_read(&f), ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(buf_cstr(&f.errors), "did you mean 'hostname'?"));
    buf_done(&text);
    fixture_done(&f);
}
END_TEST

START_TEST(binary_garbage_is_shown_escaped)
{
    expect_file_errors("\x01\xff\x1b[31m = 1\n", ":1: key '\\x01\\xff\\x1b[31m': unknown key\n");
    expect_file_errors("\xff\xfe\xfd\n\x80\x81", ":1: not of the form key = value\n"
                                                 ":2: not of the form key = value\n");
}
END_TEST

START_TEST(random_files_do_no_harm)
{
    static const char alphabet[] = "url=timeout \n\n==\"'#;[]0123smhKMi:/_-,\r\t\xff";
    unsigned seed = 4711;

    for (int round = 0; round < 300; round++) {
        char text[400];
        struct fixture f;

        for (size_t i = 0; i < sizeof(text); i++) {
            seed = seed * 1103515245u + 12345u;
            text[i] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
        }
        fixture_bytes(&f, text, sizeof(text));
        ck_assert_int_eq(fixture_read(&f), ERR_CONFIG); /* a line without = is among them */
        ck_assert_uint_gt(f.errors.len, 0);
        fixture_done(&f);
    }
}
END_TEST

START_TEST(the_keys_of_audisp_json_are_read)
{
    struct fixture f;

    fixture_file(&f, "mozdef_url = http://127.0.0.1:8080/events\n"
                     "ssl_verify = no\n"
                     "curl_verbose = yes\n"
                     "curl_logfile = /var/log/audisp-json-curl.debug\n"
                     "curl_cainfo = /etc/ssl/certs/ca.crt\n"
                     "prepend_msg={\"message\":\n"
                     "postpend_msg=}\n");
    ck_assert_msg(fixture_load(&f, "--config", f.path, NULL) == 0, "%s", buf_cstr(&f.errors));
    ck_assert_uint_eq(f.conf.url.n, 1);
    ck_assert_str_eq(f.conf.url.item[0], "http://127.0.0.1:8080/events");
    ck_assert_int_eq(f.conf.receiver, CONF_RECEIVER_MOZDEF);
    ck_assert(!f.conf.tls_verify);
    ck_assert(f.conf.curl_verbose);
    ck_assert_str_eq(f.conf.log, "/var/log/audisp-json-curl.debug");
    ck_assert_str_eq(f.conf.ca_file, "/etc/ssl/certs/ca.crt");
    ck_assert_str_eq(f.conf.message_before, "{\"message\":");
    ck_assert_str_eq(f.conf.message_after, "}");
    fixture_done(&f);
}
END_TEST

START_TEST(file_log_takes_the_place_of_sending)
{
    struct fixture f;

    fixture_file(&f, "file_log = /var/log/audit.json\nmozdef_url = http://127.0.0.1/events\n");
    ck_assert_msg(fixture_load(&f, "--config", f.path, NULL) == 0, "%s", buf_cstr(&f.errors));
    ck_assert_uint_eq(f.conf.url.n, 1);
    ck_assert_str_eq(f.conf.url.item[0], "file:///var/log/audit.json");
    ck_assert_int_eq(f.conf.receiver, CONF_RECEIVER_FILE);
    fixture_done(&f);
    fixture_file(&f, "mozdef_url = http://127.0.0.1/events\nfile_log = /dev/stdout\n");
    ck_assert_msg(fixture_load(&f, "--config", f.path, NULL) == 0, "%s", buf_cstr(&f.errors));
    ck_assert_uint_eq(f.conf.url.n, 0);
    ck_assert_int_eq(f.conf.receiver, CONF_RECEIVER_STDOUT);
    fixture_done(&f);
    expect_file_errors("file_log = here.json\n", ":1: key 'file_log': requires an absolute path\n");
}
END_TEST

START_TEST(command_line_goes_over_file)
{
    struct fixture f;

    fixture_file(&f, "url = https://a/\nurl = https://b/\nheader = A: b\ntimeout = 5s\n"
                     "in_flight = 2\nbad_key_later = 1\n");
    ck_assert_int_eq(fixture_load(&f, "--url", "https://c/", "--config", f.path, "--url=https://d/",
                                  "--timeout=7", "--tls-verify=no", "--curl-verbose", NULL),
                     ERR_CONFIG);
    ck_assert_uint_eq(f.conf.url.n, 2);
    ck_assert_str_eq(f.conf.url.item[0], "https://c/");
    ck_assert_str_eq(f.conf.url.item[1], "https://d/");
    ck_assert_uint_eq(f.conf.header.n, 1);
    ck_assert_int_eq(f.conf.timeout, 7000);
    ck_assert_uint_eq(f.conf.in_flight, 2);
    ck_assert(!f.conf.tls_verify);
    ck_assert(f.conf.curl_verbose);
    ck_assert_ptr_nonnull(strstr(buf_cstr(&f.errors), ":6: key 'bad_key_later'"));
    fixture_done(&f);
}
END_TEST

START_TEST(mistakes_on_the_command_line)
{
    struct fixture f;

    fixture_file(&f, "url = https://a/\n");
    ck_assert_int_eq(fixture_load(&f, "--config", f.path, "--ulr=https://u:secret@x/", "--timeout",
                                  "soon", "--help-me", "--batch=1", "--check-config=1", "-x",
                                  "--max-line", "1", "--window", NULL),
                     ERR_CONFIG);
    ck_assert_str_eq(
        buf_cstr(&f.errors),
        "command line: option '--ulr': unknown option (did you mean "
        "'--url'?)\n"
        "command line: option '--help-me': unknown option\n"
        "command line: option '--batch': ambiguous, matches 3 options\n"
        "command line: option '--check-config': takes no value\n"
        "command line: option '-x': unknown option\n"
        "command line: option '--window': requires a value\n"
        "command line: option '--timeout': 'soon' is not a time such as 500ms, 2s, 5m "
        "or 1h\n"
        "command line: option '--max-line': '1' is out of range, expected 4KiB to 2MiB\n");
    fixture_done(&f);
}
END_TEST

START_TEST(commands_and_operands)
{
    struct fixture f;

    fixture_file(&f, "hostname = h\n");
    ck_assert_int_eq(fixture_load(&f, "convert", "--config", f.path, "a.log", "b.log", NULL), 0);
    ck_assert_int_eq(f.command, CONF_CONVERT);
    ck_assert_int_eq(f.first_arg, 4);
    ck_assert_str_eq(f.argv[4], "a.log");
    ck_assert_str_eq(f.argv[5], "b.log");
    conf_done(&f.conf);
    ck_assert_int_eq(fixture_load(&f, "--config", f.path, "--check-config", NULL), ERR_CONFIG);
    ck_assert_int_eq(f.command, CONF_CHECK_CONFIG);
    ck_assert_ptr_nonnull(strstr(buf_cstr(&f.errors), "key 'url': missing"));
    buf_truncate(&f.errors, 0);
    conf_done(&f.conf);
    ck_assert_int_eq(fixture_load(&f, "--bogus", "--help", "--version", NULL), 0);
    ck_assert_int_eq(f.command, CONF_HELP);
    ck_assert_uint_eq(f.errors.len, 0);
    conf_done(&f.conf);
    ck_assert_int_eq(fixture_load(&f, "-V", NULL), 0);
    ck_assert_int_eq(f.command, CONF_VERSION);
    conf_done(&f.conf);
    ck_assert_int_eq(fixture_load(&f, "--config", f.path, "--url=https://a/", "convrt", NULL),
                     ERR_CONFIG);
    ck_assert_str_eq(buf_cstr(&f.errors), "command line: 'convrt': unknown command (did "
                                          "you mean 'convert'?)\n");
    fixture_done(&f);
}
END_TEST

START_TEST(loading_twice_gives_the_same)
{
    static char name[] = "omauditjson", op[] = "convert", opt[] = "--hostname=x", file[] = "f",
                nul[] = "--config=/dev/null";
    char *argv[] = {name, op, file, nul, opt, NULL};
    struct buf errors = BUF_INIT(4096);

    for (int i = 0; i < 2; i++) {
        enum conf_command command;
        struct conf c;
        int first;

        ck_assert_int_eq(conf_load(&c, 5, argv, &command, &first, &errors), 0);
        ck_assert_int_eq(command, CONF_CONVERT);
        ck_assert_str_eq(argv[first], "f");
        ck_assert_str_eq(c.hostname, "x");
        conf_done(&c);
    }
    buf_done(&errors);
}
END_TEST

static void expect_check(const char *text, const char *expected)
{
    struct fixture f;

    fixture_bytes(&f, text, strlen(text));
    ck_assert_int_eq(fixture_load(&f, "--config", f.path, NULL), *expected ? ERR_CONFIG : 0);
    if (*expected)
        ck_assert_msg(strstr(buf_cstr(&f.errors), expected) != NULL, "%s", buf_cstr(&f.errors));
    else
        ck_assert_str_eq(buf_cstr(&f.errors), "");
    ck_assert_ptr_null(strstr(buf_cstr(&f.errors), "s3cret"));
    fixture_done(&f);
}

#define U "url = https://a/\n"
#define SIXTEEN "abcdefghijklmnop"

/* A receiver's own defaults give way to the file and to the command line. */
START_TEST(defaults_depend_on_the_receiver)
{
    struct fixture f;

    fixture_file(&f, U "receiver = splunk-hec\n");
    ck_assert_msg(fixture_load(&f, "--config", f.path, NULL) == 0, "%s", buf_cstr(&f.errors));
    ck_assert_int_eq(f.conf.format, CONF_FORMAT_ECS);
    ck_assert_int_eq(f.conf.compress, CONF_COMPRESS_GZIP);
    ck_assert_uint_eq(f.conf.max_event, 960 << 10);
    fixture_done(&f);
    fixture_file(&f, U "receiver = splunk-hec\nformat = audisp-json\nmax_event = 1MiB\n");
    ck_assert_msg(fixture_load(&f, "--config", f.path, "--compress=none", NULL) == 0, "%s",
                  buf_cstr(&f.errors));
    ck_assert_int_eq(f.conf.format, CONF_FORMAT_AUDISP_JSON);
    ck_assert_int_eq(f.conf.compress, CONF_COMPRESS_NONE);
    ck_assert_uint_eq(f.conf.max_event, 1 << 20);
    fixture_done(&f);
}
END_TEST

/* No row of the table is misspelt. */
START_TEST(defaults_of_receivers_can_be_set)
{
    static const struct {
        const char *option, *value;
    } rows[] = {
#define DEFAULT(RECEIVER, option, value) {#option, value},
#include "conf/receiver_defaults.def"
#undef DEFAULT
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct conf_option *o = conf_option_find(rows[i].option);
        struct buf why = BUF_INIT(256);
        struct conf c;

        ck_assert_ptr_nonnull(o);
        ck_assert_int_ne(o->type, CONF_TYPE_LIST);
        conf_init(&c);
        ck_assert_msg(conf_value_set(&c, o, rows[i].value, &why) == 0, "%s", buf_cstr(&why));
        conf_done(&c);
        buf_done(&why);
    }
}
END_TEST

START_TEST(options_are_checked_together)
{
    expect_check(U, "");
    expect_check("url = https://a/\nbearer_file = /x\n", "");
    expect_check("url = http://a/\nbearer_file = /x\n", "credential of 'bearer_file' in clear");
    expect_check("url = http://a/\nbearer_file = /x\ninsecure_credentials = yes\n", "");
    expect_check("receiver = stdout\n", "");
    expect_check("receiver = file\nurl = file:///x\n", "");
    expect_check(U "client_cert = /c\nclient_key = /k\n", "");
    expect_check("", "key 'url': missing");
    expect_check(U "receiver = stdout\n", "not used with receiver = stdout; remove it");
    expect_check(U "receiver = file\n", "receiver = file requires file:///PATH");
    expect_check("receiver = file\nurl = file:///dev/stdout\n",
                 "standard output is reserved for rsyslog");
    expect_check("receiver = file\nurl = file:///a\nurl = file:///b\n", "accepts only one");
    expect_check("url = file:///x\n", "file:// requires receiver = file");
    expect_check("url = ftp://x/\n", "must begin with http:// or https://");
    expect_check("url = https://\n", "has no host");
    expect_check("url = https://:8080/\n", "has no host");
    expect_check("url = https://me:s3cret@a/\n", "contains a user name");
    expect_check("url = https://a/@x\n", "");
    expect_check("url = https://a/ s3cret\n", "contains a blank or a control character");
    expect_check(U "client_key = /k\n", "key 'client_key': requires client_cert");
    expect_check(U "bearer_file = /b\nuser_file = /u\n", "cannot be combined with user_file");
    expect_check(U "tls_pin = abc\n", "sha256//BASE64");
    expect_check(U "retry_min = 2s\nretry_max = 1s\n", "must not exceed retry_max");
    expect_check(U "begin_mark = X\ncommit_mark = X\n", "must differ from commit_mark");
    expect_check(U "window = 4MiB\nmax_event = 1025K\n", "at least four times max_event");
    expect_check(U "compress = gzip\n", "MozDef accepts no compression");
    expect_check(U "compress = gzip\nreceiver = ndjson\n", "");
    expect_check("url = https://a/_bulk\nreceiver = elasticsearch\nindex = a-%Y\n", "");
    expect_check("url = https://a:9200/es/i/_bulk?x=y\nreceiver = opensearch\n", "");
    expect_check("url = https://a/_bulk\nreceiver = elasticsearch\n", "names no index; set index");
    expect_check("url = https://a/i\nreceiver = elasticsearch\n", "must end with /_bulk");
    expect_check("url = https://a\nreceiver = opensearch\nindex = i\n", "must end with /_bulk");
    expect_check("url = https://a/_bulk\nreceiver = opensearch\nindex = I\n", "in lower case");
    expect_check(U "index = a\n", "key 'index': requires receiver = elasticsearch, opensearch or");
    expect_check("url = https://a/i/_bulk\nreceiver = elasticsearch\ncompress = gzip\n", "");
    expect_check(U "receiver = splunk-hec\nindex = a_b-1\nsource = x:y z\n", "");
    expect_check(U "receiver = splunk-hec\nindex = a.b\n", "lower-case letters, digits, _ and -");
    expect_check(U "receiver = splunk-hec\nindex = _audit\n", "must not begin with _ or -");
    expect_check(U "receiver = splunk-hec\nindex = " SIXTEEN SIXTEEN SIXTEEN SIXTEEN "a\n",
                 "more than 64 bytes");
    expect_check(U "receiver = splunk-hec\nsource = a\\b\n", "key 'source': must be at most 64");
    expect_check(U "receiver = splunk-hec\nsourcetype = a\"b\n", "key 'sourcetype': must be at");
    expect_check(U "source = a\n", "key 'source': requires receiver = splunk-hec");
    expect_check(U "sourcetype = a\n", "key 'sourcetype': requires receiver = splunk-hec");
#ifdef HAVE_ZSTD
    expect_check("url = https://a/i/_bulk\nreceiver = elasticsearch\ncompress = zstd\n",
                 "accept gzip only");
#endif
    expect_check(U "message_before = <\n", "together are not valid JSON");
    expect_check(U "message_before = {\"a\":\nmessage_after = }\n", "");
    expect_check("receiver = file\nurl = file:///x\nmessage_before = @cee:\n", "");
#ifdef HAVE_ZSTD
    expect_check(U "compress = zstd\nreceiver = single\n", "");
#else
    expect_check(U "compress = zstd\nreceiver = single\n", "no zstd support");
#endif
}
END_TEST

START_TEST(headers_are_checked_and_not_shown)
{
    expect_check(U "header = Authorization: Bearer a ; b # c\n", "");
    expect_check(U "header = s3cret\n", "key 'header' (number 1): not of the form NAME: VALUE");
    expect_check(U "header = A: b\nheader = s3 cret: x\n", "key 'header' (number 2)");
    expect_check(U "header = X-Token:  \n", "has no value");
    expect_check(U "header = content-length: 3\n", "set by the transfer itself");
    expect_check(U "header = X: s3cret\x01\n", "value contains a control character");
    expect_check(U "header = X: s3cret\x7f\n", "contains a control character");
}
END_TEST

START_TEST(help_lists_every_option_with_its_default)
{
    struct buf out = BUF_INIT(64 << 10);
    const struct conf_option *o;
    const char *text, *line;

    conf_help(&out);
    text = buf_cstr(&out);
    for (size_t i = 0; (o = conf_option_at(i)) != NULL; i++) {
        char want[64];

        if (!o->name) {
            snprintf(want, sizeof(want), "\n%s\n", o->arg);
        } else {
            snprintf(want, sizeof(want), "\n  --%s%s", o->name,
                     o->type == CONF_TYPE_BOOL ? "[=" : " ");
            for (char *p = want; *p; p++)
                if (*p == '_')
                    *p = '-';
        }
        ck_assert_msg(strstr(text, want) != NULL, "--help lacks %s", want);
    }
    ck_assert_ptr_nonnull(strstr(text, "[64MiB]"));
    for (line = text; *line; line = strchr(line, '\n') + 1)
        ck_assert_msg(strcspn(line, "\n") < 80, "--help has a long line: %.90s", line);
    buf_done(&out);
}
END_TEST

UNIT_MAIN("conf_load", mistakes_are_all_told_with_line_and_near_name,
          what_is_no_key_and_value_is_told, the_twentieth_mistake_is_the_last_shown,
          files_that_are_none, a_long_line_is_told_and_the_next_one_counts,
          binary_garbage_is_shown_escaped, random_files_do_no_harm,
          the_keys_of_audisp_json_are_read, file_log_takes_the_place_of_sending,
          command_line_goes_over_file, mistakes_on_the_command_line, commands_and_operands,
          loading_twice_gives_the_same, defaults_depend_on_the_receiver,
          defaults_of_receivers_can_be_set, options_are_checked_together,
          headers_are_checked_and_not_shown, help_lists_every_option_with_its_default)
