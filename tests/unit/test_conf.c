/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf/conf_table.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "conf_fixture.h"
#include "unit.h"

/* One value for each option, other than its default, and what the member must be then. */
static const struct sample {
    const char *name, *text;
    int64_t number;
    const char *string; /* NULL: number counts */
} samples[] = {
    {"url", "https://a.example:8443/x?y=1;z#f", 0, "https://a.example:8443/x?y=1;z#f"},
    {"receiver", "ndjson", CONF_RECEIVER_NDJSON, NULL},
    {"format", "audisp-json", CONF_FORMAT_AUDISP_JSON, NULL},
    {"index", "audit-%Y.%m.%d", 0, "audit-%Y.%m.%d"},
    {"source", "auditd", 0, "auditd"},
    {"sourcetype", "linux:audit", 0, "linux:audit"},
    {"state_dir", "/tmp/s d", 0, "/tmp/s d"},
    {"window", "128 MiB", 134217728, NULL},
    {"sync", "always", CONF_SYNC_ALWAYS, NULL},
    {"deadletter_bytes", "1G", 1 << 30, NULL},
    {"batch_events", "7", 7, NULL},
    {"batch_bytes", "2048", 2048, NULL},
    {"batch_age", "1.5s", 1500, NULL},
    {"in_flight", "1", 1, NULL},
    {"deadletter_full", "drop", CONF_DEADLETTER_DROP, NULL},
    {"compress", "gzip", CONF_COMPRESS_GZIP, NULL},
    {"timeout", "2m", 120000, NULL},
    {"connect_timeout", "7", 7000, NULL},
    {"retry_min", "20ms", 20, NULL},
    {"retry_max", "1h", 3600000, NULL},
    {"ca_file", "/etc/ca.pem", 0, "/etc/ca.pem"},
    {"ca_dir", "/etc/ca", 0, "/etc/ca"},
    {"client_cert", "/etc/c.pem", 0, "/etc/c.pem"},
    {"client_key", "/etc/k.pem", 0, "/etc/k.pem"},
    {"tls_min", "1.3", CONF_TLS_1_3, NULL},
    {"tls_verify", "no", 0, NULL},
    {"tls_pin", "sha256//AAAA;sha256//BBBB", 0, "sha256//AAAA;sha256//BBBB"},
    {"bearer_file", "/etc/b", 0, "/etc/b"},
    {"user_file", "/etc/u", 0, "/etc/u"},
    {"insecure_credentials", "yes", true, NULL},
    {"sandbox", "strict", CONF_SANDBOX_STRICT, NULL},
    {"header", "X-A: b ; c # d", 0, "X-A: b ; c # d"},
    {"proxy", "http://p:3128", 0, "http://p:3128"},
    {"answer_max", "4KiB", 4096, NULL},
    {"hostname", "h1", 0, "h1"},
    {"names", "record", CONF_NAMES_RECORD, NULL},
    {"processname", "p1", 0, "p1"},
    {"tags", "t1", 0, "t1"},
    {"add", "host.id = h1", 0, "host.id = h1"},
    {"details", "compatible", CONF_DETAILS_COMPATIBLE, NULL},
    {"events", "audisp-json", CONF_EVENTS_AUDISP_JSON, NULL},
    {"severity_failed", "notice", CONF_SEVERITY_NOTICE, NULL},
    {"severity_denied", "CRITICAL", CONF_SEVERITY_CRITICAL, NULL},
    {"message_before", "{\"m\":", 0, "{\"m\":"},
    {"message_after", "}", 0, "}"},
    {"pretty", "yes", true, NULL},
    {"processes", "17", 17, NULL},
    {"summary_max", "64", 64, NULL},
    {"end_of_event_timeout", "500ms", 500, NULL},
    {"settle", "0", 0, NULL},
    {"max_line", "2MiB", 2 << 20, NULL},
    {"max_event", "16K", 16384, NULL},
    {"max_event_records", "3", 3, NULL},
    {"max_open_events", "9", 9, NULL},
    {"begin_mark", "B", 0, "B"},
    {"commit_mark", "C", 0, "C"},
    {"keepalive", "9s", 9000, NULL},
    {"shutdown_timeout", "0", 0, NULL},
    {"log", "/var/log/x", 0, "/var/log/x"},
    {"log_level", "debug", LOG_LEVEL_DEBUG, NULL},
    {"stats_file", "/run/s.json", 0, "/run/s.json"},
    {"stats_interval", "1s", 1000, NULL},
    {"curl_verbose", "on", 1, NULL},
};
#define N_SAMPLES (sizeof(samples) / sizeof(samples[0]))

static void expect_sample(const struct conf *c, const struct sample *s)
{
    const struct conf_option *o = conf_option_find(s->name);
    const void *member = (const char *)c + o->offset;

    switch (o->type) {
    case CONF_TYPE_STRING:
    case CONF_TYPE_PATH:
        ck_assert_str_eq(*(char *const *)member, s->string);
        break;
    case CONF_TYPE_LIST: {
        const struct conf_list *list = member;

        ck_assert_uint_eq(list->n, 1);
        ck_assert_str_eq(list->item[0], s->string);
        break;
    }
    case CONF_TYPE_BOOL:
        ck_assert_int_eq(*(const bool *)member, s->number);
        break;
    case CONF_TYPE_ENUM:
        ck_assert_int_eq(*(const int *)member, s->number);
        break;
    case CONF_TYPE_DURATION:
    case CONF_TYPE_SIZE:
    case CONF_TYPE_COUNT:
        ck_assert_int_eq(*(const int64_t *)member, s->number);
        break;
    case CONF_TYPE_SECTION:
        ck_abort();
    }
}

START_TEST(every_option_has_a_sample)
{
    const struct conf_option *o;
    size_t n = 0;

    for (size_t i = 0; (o = conf_option_at(i)) != NULL; i++) {
        size_t found = 0;

        if (!o->name || strcmp(o->name, "config") == 0)
            continue;
        n++;
        for (size_t j = 0; j < N_SAMPLES; j++)
            found += strcmp(samples[j].name, o->name) == 0;
        ck_assert_msg(found == 1, "%s has %zu samples", o->name, found);
    }
    ck_assert_uint_eq(n, N_SAMPLES);
}
END_TEST

START_TEST(every_option_is_settable_in_the_file)
{
    for (size_t i = 0; i < N_SAMPLES; i++) {
        struct fixture f;

        fixture_file(&f, "# a comment\n\n%s = %s\n", samples[i].name, samples[i].text);
        if (conf_option_find(samples[i].name)->flags & CONF_FLAG_ARGV_ONLY) {
            ck_assert_int_lt(fixture_read(&f), 0);
            fixture_done(&f);
            continue;
        }
        ck_assert_msg(fixture_read(&f) == 0, "%s: %s", samples[i].name, buf_cstr(&f.errors));
        expect_sample(&f.conf, &samples[i]);
        ck_assert_str_eq(f.conf.config, f.path);
        fixture_done(&f);
    }
}
END_TEST

START_TEST(every_option_is_settable_on_the_command_line)
{
    for (size_t i = 0; i < N_SAMPLES; i++) {
        char arg[200];
        struct fixture f;

        fixture_file(&f, "tags = from_file\n");
        snprintf(arg, sizeof(arg), "--%s=%s", samples[i].name, samples[i].text);
        for (char *p = arg; *p && *p != '='; p++)
            if (*p == '_')
                *p = '-';
        fixture_load(&f, "--config", f.path, arg, NULL); /* some fail the joint checks: no matter */
        expect_sample(&f.conf, &samples[i]);
        fixture_done(&f);
    }
}
END_TEST

START_TEST(defaults_are_the_documented_ones)
{
    struct conf c;

    conf_init(&c);
    ck_assert_ptr_null(c.config);
    ck_assert_uint_eq(c.url.n, 0);
    ck_assert_int_eq(c.receiver, CONF_RECEIVER_MOZDEF);
    ck_assert_int_eq(c.format, CONF_FORMAT_AUDISP_JSON);
    ck_assert_str_eq(c.state_dir, "/var/lib/omauditjson");
    ck_assert_uint_eq(c.window, 64 << 20);
    ck_assert_int_eq(c.sync, CONF_SYNC_COMMIT);
    ck_assert_uint_eq(c.batch_events, 500);
    ck_assert_uint_eq(c.batch_bytes, 1 << 20);
    ck_assert_int_eq(c.batch_age, 50);
    ck_assert_uint_eq(c.in_flight, 4);
    ck_assert_int_eq(c.compress, CONF_COMPRESS_NONE);
    ck_assert_int_eq(c.timeout, 30000);
    ck_assert_int_eq(c.connect_timeout, 5000);
    ck_assert_int_eq(c.retry_min, 500);
    ck_assert_int_eq(c.retry_max, 60000);
    ck_assert_ptr_null(c.ca_file);
    ck_assert_int_eq(c.tls_min, CONF_TLS_1_2);
    ck_assert(c.tls_verify);
    ck_assert_uint_eq(c.answer_max, 64 << 10);
    ck_assert_ptr_null(c.hostname);
    ck_assert_int_eq(c.names, CONF_NAMES_LOCAL);
    ck_assert_str_eq(c.processname, "audisp-json");
    ck_assert_int_eq(c.details, CONF_DETAILS_FULL);
    ck_assert_int_eq(c.events, CONF_EVENTS_ALL);
    ck_assert_uint_eq(c.summary_max, 1024);
    ck_assert_int_eq(c.end_of_event_timeout, 2000);
    ck_assert_int_eq(c.settle, 20);
    ck_assert_uint_eq(c.max_line, 1 << 20);
    ck_assert_uint_eq(c.max_event, 1 << 20);
    ck_assert_uint_eq(c.max_event_records, 8192);
    ck_assert_uint_eq(c.max_open_events, 10000);
    ck_assert_str_eq(c.begin_mark, "BEGIN TRANSACTION");
    ck_assert_str_eq(c.commit_mark, "COMMIT TRANSACTION");
    ck_assert_int_eq(c.keepalive, 2000);
    ck_assert_int_eq(c.shutdown_timeout, 3000);
    ck_assert_uint_eq(c.deadletter_bytes, 64 << 20);
    ck_assert_int_eq(c.deadletter_full, CONF_DEADLETTER_HOLD);
    ck_assert_ptr_null(c.log);
    ck_assert_int_eq(c.log_level, LOG_LEVEL_NOTICE);
    ck_assert_int_eq(c.stats_interval, 60000);
    ck_assert(!c.curl_verbose);
    conf_done(&c);
    ck_assert_ptr_null(c.state_dir);
    conf_done(&c);
    conf_done(NULL);
}
END_TEST

START_TEST(every_default_and_bound_is_itself_legal)
{
    const struct conf_option *o;

    for (size_t i = 0; (o = conf_option_at(i)) != NULL; i++) {
        const char *texts[] = {o->def, o->min, o->max};

        for (size_t j = 0; j < 3; j++) {
            struct buf why = BUF_INIT(500);
            struct conf c;

            if (!o->name || !texts[j])
                continue;
            conf_init(&c);
            ck_assert_msg(conf_value_set(&c, o, texts[j], &why) == 0, "%s = %s: %s", o->name,
                          texts[j], buf_cstr(&why));
            conf_done(&c);
            buf_done(&why);
        }
    }
}
END_TEST

static void expect_reason(const char *name, const char *text, const char *reason)
{
    struct buf why = BUF_INIT(1000);
    struct conf c;

    conf_init(&c);
    ck_assert_msg(conf_value_set(&c, conf_option_find(name), text, &why) == -EINVAL, "%s = %s",
                  name, text);
    ck_assert_str_eq(buf_cstr(&why), reason);
    conf_done(&c);
    buf_done(&why);
}

START_TEST(bounds_hold_and_are_named)
{
    expect_reason("window", "4095K", "'4095K' is out of range, expected 4MiB to 64GiB");
    expect_reason("window", "65GiB", "'65GiB' is out of range, expected 4MiB to 64GiB");
    expect_reason("window", "99999999999999999999",
                  "'99999999999999999999' is out of range, expected 4MiB to "
                  "64GiB");
    expect_reason("window", "9999999999999G",
                  "'9999999999999G' is out of range, expected 4MiB to 64GiB");
    expect_reason("keepalive", "9001ms", "'9001ms' is out of range, expected 10ms to 9s");
    expect_reason("keepalive", "0.001", "'0.001' is out of range, expected 10ms to 9s");
    expect_reason("in_flight", "0", "'0' is out of range, expected 1 to 64");
    expect_reason("max_line", "2097153", "'2097153' is out of range, expected 4KiB to 2MiB");
}
END_TEST

START_TEST(bad_values_are_told_as_such)
{
    expect_reason("timeout", "fast", "'fast' is not a time such as 500ms, 2s, 5m or 1h");
    expect_reason("timeout", "-1s", "'-1s' is not a time such as 500ms, 2s, 5m or 1h");
    expect_reason("timeout", "1.s", "'1.s' is not a time such as 500ms, 2s, 5m or 1h");
    expect_reason("timeout", "5 M", "'5 M' is not a time such as 500ms, 2s, 5m or 1h");
    expect_reason("timeout", "", "'' is not a time such as 500ms, 2s, 5m or 1h");
    expect_reason("window", "1MB", "'1MB' is not a size such as 65536, 64KiB, 1MiB or 2GiB");
    expect_reason("batch_events", "1.5", "'1.5' is not a whole number");
    expect_reason("batch_events", "0x10", "'0x10' is not a whole number");
    expect_reason("tls_verify", "maybe", "'maybe' is not yes or no");
    expect_reason("compress", "gzpi", "'gzpi' is not one of none|gzip|zstd (did you mean 'gzip'?)");
    expect_reason("compress", "brotli", "'brotli' is not one of none|gzip|zstd");
    expect_reason("tls_min", "1.1", "'1.1' is not one of 1.2|1.3 (did you mean '1.2'?)");
    expect_reason("begin_mark", "", "requires a value");
    expect_reason("url", "", "requires a value");
    expect_reason("tags", "a,,b", "requires a value");
    expect_reason("log", "/a\nb", "value contains a control character");
    expect_reason("sync", "\xff\x7f", "'\\xff\\x7f' is not one of commit|always|never");
}
END_TEST

START_TEST(words_of_truth_in_any_case)
{
    static const char *const yes[] = {"yes", "TRUE", "On", "1"}, *const no[] = {"no", "False",
                                                                                "off", "0"};
    struct buf why = BUF_INIT(100);
    struct conf c;

    conf_init(&c);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(conf_value_set(&c, conf_option_find("tls_verify"), no[i], &why), 0);
        ck_assert(!c.tls_verify);
        ck_assert_int_eq(conf_value_set(&c, conf_option_find("tls_verify"), yes[i], &why), 0);
        ck_assert(c.tls_verify);
    }
    conf_done(&c);
}
END_TEST

START_TEST(lists_append_and_tags_share_a_line)
{
    struct fixture f;

    fixture_file(&f, "url = https://a/\nurl = https://b/\ntags = a, b ,c\ntags = d\n");
    ck_assert_int_eq(fixture_read(&f), 0);
    ck_assert_uint_eq(f.conf.url.n, 2);
    ck_assert_str_eq(f.conf.url.item[1], "https://b/");
    ck_assert_uint_eq(f.conf.tags.n, 4);
    ck_assert_str_eq(f.conf.tags.item[1], "b");
    ck_assert_str_eq(f.conf.tags.item[3], "d");
    fixture_done(&f);
}
END_TEST

START_TEST(constants_are_checked)
{
    struct fixture f;

    expect_reason("add", "host.id", "not of the form NAME = VALUE");
    expect_reason("add", "= x", "not of the form NAME = VALUE");
    expect_reason("add", "host.idd = x",
                  "'host.idd' is not a name that can be added (did you mean 'host.id'?)");
    expect_reason("add", "process.name = x", "'process.name' is not a name that can be added");
    expect_reason("add", "labels. = x", "'labels.' is not a name that can be added");
    expect_reason("add", "labels.a.b = x", "'labels.a.b' is not a name that can be added");
    expect_reason("add", "host.id =", "host.id: requires a value");
    expect_reason("add", "host.ip = 192.0.2.256", "host.ip: is not an IP address");
    expect_reason("add", "data_stream.type = log",
                  "data_stream.type: is not one of logs|metrics|traces|synthetics");
    expect_reason("add", "data_stream.dataset = a-b",
                  "data_stream.dataset: is no part of a data stream's name: at most 100 bytes, no "
                  "capital, no '-', no blank, none of \\/*?\"<>|,#:");
    expect_reason("add", "data_stream.namespace = Prod",
                  "data_stream.namespace: is no part of a data stream's name: at most 100 bytes, "
                  "no capital, no '-', no blank, none of \\/*?\"<>|,#:");
    fixture_file(&f, "add host.id = a=b\nADD\tcloud.region = \" x \"\nadd = host.ip = ::1\n"
                     "add host.ip = 192.0.2.1\nadd labels.a-b_C = 1\nadd labels.a = 2\n");
    ck_assert_msg(fixture_read(&f) == 0, "%s", buf_cstr(&f.errors));
    ck_assert_uint_eq(f.conf.add.n, 6);
    ck_assert_str_eq(f.conf.add.item[0], "host.id = a=b");
    ck_assert_str_eq(f.conf.add.item[1], "cloud.region =  x ");
    ck_assert_str_eq(f.conf.add.item[2], "host.ip = ::1");
    fixture_done(&f);
    fixture_file(&f, "add host.id = a\nadd host.id = a\nadd labels.a = 1\nadd labels.a = 2\n"
                     "adds = x\n");
    ck_assert_int_eq(fixture_read(&f), ERR_CONFIG);
    ck_assert_ptr_nonnull(strstr(buf_cstr(&f.errors), ":2: key 'add': host.id: added twice\n"));
    ck_assert_ptr_nonnull(strstr(buf_cstr(&f.errors), ":4: key 'add': a: added twice\n"));
    ck_assert_ptr_nonnull(
        strstr(buf_cstr(&f.errors), ":5: key 'adds': unknown key (did you mean 'add'?)\n"));
    fixture_done(&f);
}
END_TEST

START_TEST(quotes_blanks_and_carriage_returns)
{
    struct fixture f;

    fixture_file(&f, "\xef\xbb\xbf"
                     "begin_mark=\" B \"\r\n  commit_mark\t=  C D  \r\n; comment = 1\n"
                     "hostname = \"a\" b \"c\"\nMESSAGE_BEFORE = \"\nlog =\n processname = '#p'");
    ck_assert_msg(fixture_read(&f) == 0, "%s", buf_cstr(&f.errors));
    ck_assert_str_eq(f.conf.begin_mark, " B ");
    ck_assert_str_eq(f.conf.commit_mark, "C D");
    ck_assert_str_eq(f.conf.hostname, "\"a\" b \"c\"");
    ck_assert_str_eq(f.conf.message_before, "\"");
    ck_assert_ptr_null(f.conf.log);
    ck_assert_str_eq(f.conf.processname, "#p");
    fixture_done(&f);
}
END_TEST

/* The enum words stand in the order of the C enums. */
START_TEST(words_are_in_the_order_of_the_enums)
{
    static const struct {
        const char *name, *last;
        int value;
    } ends[] = {{"receiver", "stdout", CONF_RECEIVER_STDOUT},
                {"receiver", "file", CONF_RECEIVER_FILE},
                {"receiver", "mozdef-bulk", CONF_RECEIVER_MOZDEF_BULK},
                {"receiver", "single", CONF_RECEIVER_SINGLE},
                {"receiver", "json-array", CONF_RECEIVER_JSON_ARRAY},
                {"receiver", "elasticsearch", CONF_RECEIVER_ELASTICSEARCH},
                {"receiver", "opensearch", CONF_RECEIVER_OPENSEARCH},
                {"compress", "zstd", CONF_COMPRESS_ZSTD},
                {"sync", "never", CONF_SYNC_NEVER},
                {"log_level", "error", LOG_LEVEL_ERROR},
                {"log_level", "info", LOG_LEVEL_INFO}};

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        const struct conf_option *o = conf_option_find(ends[i].name);
        struct buf why = BUF_INIT(200);
        const void *member;
        struct conf c;

        conf_init(&c);
        member = (const char *)&c + o->offset;
        ck_assert_int_eq(conf_value_set(&c, o, ends[i].last, &why), 0);
        ck_assert_int_eq(*(const int *)member, ends[i].value);
        conf_done(&c);
    }
}
END_TEST

static void write_secret(const char *path, const void *data, size_t len, mode_t mode)
{
    FILE *file = fopen(path, "we");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(data, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path, mode), 0);
}

START_TEST(secrets_are_read_with_care)
{
    char dir[] = "/tmp/oaj-conf-XXXXXX", path[64], *secret = NULL;
    size_t big = (64 << 10) + 1;
    CLEANUP_FREE char *long_line = mem_alloc(big);

    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/s", dir);
    memset(long_line, 'x', big);
    ck_assert_int_eq(conf_secret_read(path, &secret), -ENOENT);
    ck_assert_int_eq(conf_secret_read(dir, &secret), -EISDIR);
    ck_assert_int_eq(conf_secret_read("/dev/null", &secret), -EINVAL);
    write_secret(path, "token\n", 6, 0644);
    ck_assert_int_eq(conf_secret_read(path, &secret), -EPERM);
    write_secret(path, "\nsecond\n", 8, 0640);
    ck_assert_int_eq(conf_secret_read(path, &secret), -ENODATA);
    write_secret(path, "", 0, 0640);
    ck_assert_int_eq(conf_secret_read(path, &secret), -ENODATA);
    write_secret(path, "a\0b\n", 4, 0640);
    ck_assert_int_eq(conf_secret_read(path, &secret), -EINVAL);
    write_secret(path, long_line, big, 0600);
    ck_assert_int_eq(conf_secret_read(path, &secret), -EMSGSIZE);
    ck_assert_ptr_null(secret);
    write_secret(path, "u: p w \r\nsecond\n", 16, 0640);
    ck_assert_int_eq(conf_secret_read(path, &secret), 0);
    ck_assert_str_eq(secret, "u: p w ");
    conf_secret_free(secret);
    write_secret(path, long_line, big - 1, 0400);
    ck_assert_int_eq(conf_secret_read(path, &secret), 0);
    ck_assert_uint_eq(strlen(secret), big - 1);
    conf_secret_free(secret);
    conf_secret_free(NULL);
    unlink(path);
    rmdir(dir);
}
END_TEST

UNIT_MAIN("conf", every_option_has_a_sample, every_option_is_settable_in_the_file,
          every_option_is_settable_on_the_command_line, defaults_are_the_documented_ones,
          every_default_and_bound_is_itself_legal, bounds_hold_and_are_named,
          bad_values_are_told_as_such, words_of_truth_in_any_case,
          lists_append_and_tags_share_a_line, constants_are_checked,
          quotes_blanks_and_carriage_returns, words_are_in_the_order_of_the_enums,
          secrets_are_read_with_care)
