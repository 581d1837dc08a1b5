/* SPDX-License-Identifier: Apache-2.0 */
/* Input that is wrong on purpose or by its amount: each line is answered, a counter tells, memory
 * stays within a bound, and the next good record goes through. */
#include "config.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "child.h"
#include "records.h"
#include "scene.h"

#define MIB ((size_t)1 << 20)
#define GOOD_SERIAL 9000001ul /* of the record that must go through at the end */

struct test {
    struct scene scene;
    struct child child;
    struct buf line;
    bool failed;
};

static void fail(struct test *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void fail(struct test *t, const char *fmt, ...)
{
    va_list ap;

    if (t->failed)
        return;
    t->failed = true;
    va_start(ap, fmt);
    printf("# ");
    vprintf(fmt, ap);
    printf("\n");
    va_end(ap);
}

static void expect_ok(struct test *t)
{
    char text[8192];
    enum child_answer answer = child_reply(&t->child, CHILD_TIMEOUT_MS, text, sizeof(text));

    if (answer != CHILD_REPLY || strcmp(text, "OK") != 0)
        fail(t, "no OK, but %d \"%s\"", (int)answer, text);
}

static void begin(struct test *t, const char *option, const char *value)
{
    const char *program = getenv("omauditjson");
    char url[512], state[512], stats[512];
    char *argv[] = {mem_strdup(program ? program : "omauditjson/omauditjson"),
                    (char[]){"--receiver"},
                    (char[]){"file"},
                    (char[]){"--stats-interval"},
                    (char[]){"100ms"},
                    url,
                    state,
                    stats,
                    option ? mem_strdup(option) : NULL,
                    value ? mem_strdup(value) : NULL,
                    NULL};
    int r;

    *t = (struct test){.line = BUF_INIT(16 * MIB)};
    scene_init(&t->scene);
    snprintf(url, sizeof(url), "--url=file://%s", scene_path(&t->scene, "out.json"));
    snprintf(state, sizeof(state), "--state-dir=%s", scene_path(&t->scene, "state"));
    snprintf(stats, sizeof(stats), "--stats-file=%s", scene_path(&t->scene, "stats"));
    r = child_start(&t->child, argv, CHILD_CONFIRMING, scene_path(&t->scene, "stderr"));
    if (r < 0)
        fail(t, "cannot start: %s", strerror(-r));
    free(argv[0]);
    free(argv[8]);
    free(argv[9]);
    expect_ok(t);
}

/* Send t->line with an LF and read the OK. */
static void exchange(struct test *t)
{
    int r;

    if (t->failed)
        return;
    buf_append_char(&t->line, '\n');
    r = child_send(&t->child, t->line.data, t->line.len);
    if (r < 0)
        fail(t, "cannot send: %s", strerror(-r));
    buf_truncate(&t->line, 0);
    expect_ok(t);
}

static void exchange_record(struct test *t, const char *kind, unsigned long serial)
{
    records_put(&t->line, kind, serial);
    exchange(t);
}

static void expect_events(struct test *t, const char *text, size_t n)
{
    size_t got;

    if (t->failed)
        return;
    if (t->child.pid > 0)
        scene_wait_events(&t->scene, text, n);
    got = scene_events(&t->scene, text);
    if (got != n)
        fail(t, "%zu events with %s, not %zu", got, *text ? text : "anything", n);
}

static void expect_stat(struct test *t, const char *key, int64_t at_least)
{
    if (!t->failed && !scene_wait_stat(&t->scene, key, at_least, false))
        fail(t, "counter %s is %lld, not %lld", key, (long long)scene_stat(&t->scene, key),
             (long long)at_least);
}

/* The next good record goes through, memory was within bounds, and the end is in order. */
static void end(struct test *t, const char *name, size_t memory)
{
    static unsigned n;
    char text[64];
    long hwm;
    int code;

    exchange_record(t, "login", GOOD_SERIAL);
    snprintf(text, sizeof(text), "\"auditserial\":\"%lu\"", GOOD_SERIAL);
    expect_events(t, text, 1);
    hwm = child_hwm_kib(&t->child);
    if (CHILD_MEMORY_IS_MEASURED && (hwm < 0 || (size_t)hwm > memory / 1024))
        fail(t, "peak memory %ld KiB, bound %zu KiB", hwm, memory / 1024);
    child_close_input(&t->child);
    code = t->child.pid > 0 ? child_wait(&t->child, CHILD_TIMEOUT_MS) : -1;
    if (code != 0)
        fail(t, "exit code %d", code);
    if (t->failed)
        scene_show(&t->scene, "stderr");
    printf("%s %u - %s (peak %ld KiB)\n", t->failed ? "not ok" : "ok", ++n, name, hwm);
    child_done(&t->child);
    scene_done(&t->scene);
    buf_done(&t->line);
}

static bool binary_garbage(struct test *t)
{
    unsigned seed = 4711;
    int64_t lines = 0;

    begin(t, NULL, NULL);
    for (size_t i = 0; i < MIB && !t->failed; i++) {
        int byte = rand_r(&seed) >> 5 & 0xff;

        if (byte != '\n') {
            buf_append_char(&t->line, (char)byte);
            continue;
        }
        exchange(t);
        lines++;
    }
    buf_truncate(&t->line, 0);
    /* a line of nothing but blanks counts as empty */
    expect_stat(t, "lines", lines);
    expect_stat(t, "garbage_lines", lines - scene_stat(&t->scene, "empty_lines"));
    end(t, "1 MiB of binary garbage", 64 * MIB);
    return !t->failed;
}

static bool empty_lines(struct test *t)
{
    begin(t, NULL, NULL);
    for (unsigned i = 0; i < 10000; i++)
        exchange(t);
    expect_stat(t, "empty_lines", 10000);
    end(t, "10,000 empty lines", 64 * MIB);
    return !t->failed;
}

static bool no_newline(struct test *t)
{
    begin(t, NULL, NULL);
    records_put(&t->line, "login", 1);
    while (t->line.len < 10 * MIB)
        buf_append_str(&t->line, " and so on");
    exchange(t);
    expect_stat(t, "lines_cut", 1);
    expect_stat(t, "bytes_cut", (int64_t)(9 * MIB));
    expect_events(t, "\"line_bytes_lost=", 1);
    end(t, "10 MiB without a newline", 64 * MIB);
    return !t->failed;
}

static bool open_events(struct test *t)
{
    begin(t, NULL, NULL);
    for (unsigned long i = 1; i <= 100000; i++)
        exchange_record(t, "syscall", i);
    expect_stat(t, "events_by_limit", 1);
    expect_events(t, "\"/usr/bin/ls\"", 100000);
    end(t, "100,000 events without an end", 256 * MIB);
    return !t->failed;
}

/* One event, within max_event. */
static bool many_records(struct test *t)
{
    begin(t, "--max-event", "8MiB");
    exchange_record(t, "syscall", 1);
    for (unsigned i = 0; i < 5000; i++) {
        buf_printf(&t->line,
                   "type=PATH msg=audit(1700000000.001:1): item=%u name=\"/n/%u\" nametype=NORMAL",
                   i, i);
        exchange(t);
    }
    exchange_record(t, "proctitle", 1);
    expect_events(t, "\"auditserial\":\"1\"", 1);
    expect_events(t, "/n/4999", 1);
    end(t, "an event of 5,000 records", 128 * MIB);
    return !t->failed;
}

/* One that reaches max_event_records is ended there, and no record is lost. */
static bool too_many_records(struct test *t)
{
    begin(t, "--max-event-records", "100");
    exchange_record(t, "syscall", 1);
    for (unsigned i = 0; i < 5000; i++) {
        buf_printf(&t->line,
                   "type=PATH msg=audit(1700000000.001:1): item=%u name=\"/n/%u\" nametype=NORMAL",
                   i, i);
        exchange(t);
    }
    exchange_record(t, "proctitle", 1);
    expect_stat(t, "events_by_limit", 50);
    expect_events(t, "/n/0\"", 1);
    expect_events(t, "/n/4999\"", 1);
    end(t, "an event over max_event_records", 128 * MIB);
    return !t->failed;
}

static bool serial_repeats(struct test *t)
{
    begin(t, NULL, NULL);
    for (unsigned i = 0; i < 50; i++) {
        buf_printf(&t->line, "type=USER_LOGIN msg=audit(%u.001:77): pid=%u uid=0 res=success",
                   1700000000 + i, i);
        exchange(t);
    }
    expect_events(t, "\"auditserial\":\"77\"", 50);
    end(t, "a serial that repeats", 64 * MIB);
    return !t->failed;
}

static bool time_goes_backwards(struct test *t)
{
    begin(t, NULL, NULL);
    for (unsigned i = 0; i < 500; i++) {
        buf_printf(&t->line, "type=SYSCALL msg=audit(%u.001:%u): arch=c000003e syscall=%u",
                   1700000000 - i * 86400, i + 1, i % 300);
        exchange(t);
        buf_printf(&t->line, "type=PROCTITLE msg=audit(%u.001:%u): proctitle=\"ls\"",
                   1700000000 - i * 86400, i + 1);
        exchange(t);
    }
    expect_events(t, "", 500);
    end(t, "time going backwards", 64 * MIB);
    return !t->failed;
}

int main(void)
{
    static bool (*const tests[])(struct test * t) = {
        binary_garbage, empty_lines,      no_newline,     open_events,
        many_records,   too_many_records, serial_repeats, time_goes_backwards,
    };
    const size_t n = sizeof(tests) / sizeof(tests[0]);
    bool ok = true;

    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..%zu\n", n);
    for (size_t i = 0; i < n; i++) {
        struct test t;

        ok = tests[i](&t) && ok;
    }
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
