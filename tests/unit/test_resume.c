/* SPDX-License-Identifier: Apache-2.0 */
/* What a start makes of journals that only a loss of power can leave behind. */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "journal/journal.h"
#include "journal/marks.h"
#include "unit.h"

static char dir[64];
static int64_t jump_ms; /* how far the clock goes with each look at it */

/* Stands before the C library's. */
int clock_gettime(clockid_t clock, struct timespec *t)
{
    static int64_t jumped_ms;
    long r = syscall(SYS_clock_gettime, clock, t);

    jumped_ms += jump_ms;
    t->tv_sec += jumped_ms / 1000;
    return (int)r;
}

static void make_dir(void)
{
    snprintf(dir, sizeof(dir), "/tmp/oaj-resume-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_dir(void)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -rf '%s'", dir);
    ck_assert_int_eq(system(command), 0);
}

static void put_seal(struct journal *j, uint64_t batch, unsigned part, const uint64_t *seqs,
                     size_t n)
{
    struct buf seal = BUF_INIT(1000);

    ck_assert(marks_put(&seal, part) == 0 && marks_put(&seal, 0) == 0 && marks_put(&seal, 0) == 0 &&
              marks_put_seqs(&seal, seqs, n) == 0);
    ck_assert_int_eq(journal_seal(j, batch, seal.data, seal.len), 0);
    buf_done(&seal);
}

/* Logins with these serials; then the mark of a batch of one event that has them all, or, with
 * parts, one of each but the last, which were delivered as part 1, 2 ...; with
 * apart_ms no mark at all: they came so far apart. */
static void leave_journal(const unsigned *serials, size_t n, bool parts, int64_t apart_ms)
{
    struct journal_conf conf = {.state_fd = open(dir, O_RDONLY | O_DIRECTORY), .window = 8 << 20};
    struct journal_report report;
    struct journal *j;
    uint64_t seqs[8];
    char text[200];
    int64_t ms = 0;

    ck_assert_int_eq(journal_open(&conf, &j, &report), 0);
    for (size_t i = 0; i < n; i++) {
        struct segment_entry e = {.type = ENTRY_RECORD, .arrival_ms = ms, .data = text};

        e.len = (size_t)snprintf(text, sizeof(text),
                                 "type=USER_LOGIN msg=audit(1.000:%u): pid=%u uid=0 auid=0 ses=1 "
                                 "msg='op=login res=success'",
                                 serials[i], (unsigned)i);
        ck_assert_int_eq(journal_append(j, &e, &seqs[i]), 0);
        ms += apart_ms;
    }
    if (!parts && !apart_ms)
        put_seal(j, 1, 1, seqs, n);
    for (unsigned i = 0; parts && i + 1 < n; i++) {
        put_seal(j, i + 1, i + 1, &seqs[i], 1);
        journal_done(j, &seqs[i], 1);
    }
    journal_close(j);
    close(conf.state_fd);
}

/* A life without input, with replies to out_fd. The documents; static memory. */
static const char *live_for(int out_fd)
{
    static char text[65536];
    char url[100], log[100];
    const char *const words[] = {"omauditjson", "--config",   "/dev/null", "--state-dir", dir,
                                 "--receiver",  "file",       "--url",     url,           "--log",
                                 log,           "--hostname", "host",      "--sandbox",   "no"};
    enum { WORDS = sizeof(words) / sizeof(words[0]) };
    char *argv[WORDS + 1] = {NULL};
    struct engine_wire wire = {
        .in_fd = open("/dev/null", O_RDONLY), .out_fd = out_fd, .signal_fd = -1, .doc_fd = -1};
    struct conf *conf = mem_calloc(1, sizeof(*conf));
    struct buf errors = BUF_INIT(4096);
    enum conf_command command;
    int first, fd;
    ssize_t n;

    snprintf(url, sizeof(url), "file://%s/out", dir);
    snprintf(log, sizeof(log), "%s/log", dir);
    for (size_t i = 0; i < WORDS; i++)
        argv[i] = mem_strdup(words[i]);
    ck_assert_int_eq(conf_load(conf, WORDS, argv, &command, &first, &errors), 0);
    buf_done(&errors);
    ck_assert_int_eq(engine_run(conf, &wire, NULL, NULL), ENGINE_EXIT_OK);
    close(wire.in_fd);
    for (size_t i = 0; i < WORDS; i++)
        free(argv[i]);
    fd = open(url + strlen("file://"), O_RDONLY);
    n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
    text[n > 0 ? n : 0] = '\0';
    if (fd >= 0)
        close(fd);
    return text;
}

static const char *live(void)
{
    return live_for(-1);
}

static unsigned count(const char *text, const char *what)
{
    unsigned n = 0;

    while ((text = strstr(text, what))) {
        text += strlen(what);
        n++;
    }
    return n;
}

START_TEST(a_batch_goes_out_as_it_was_sealed)
{
    const unsigned serials[] = {7, 7, 7};
    const char *docs;

    make_dir();
    leave_journal(serials, 3, false, 0);
    docs = live();
    ck_assert_uint_eq(count(docs, "\n"), 1);
    ck_assert_uint_eq(count(docs, "\"auditserial\":\"7\""), 1);
    remove_dir();
}
END_TEST

/* A mark is a few bytes for each range, whatever its length: a file that says a lot costs nothing,
 * and its records become events of their own. */
START_TEST(a_mark_that_claims_too_much_costs_nothing)
{
    struct journal_conf conf = {.window = 8 << 20};
    struct buf seal = BUF_INIT(1000);
    struct journal_report report;
    struct rusage before, after;
    struct journal *j;

    make_dir();
    leave_journal((const unsigned[]){7, 8, 9}, 3, false, 1);
    conf.state_fd = open(dir, O_RDONLY | O_DIRECTORY);
    ck_assert_int_eq(journal_open(&conf, &j, &report), 0);
    ck_assert_uint_eq(report.undone, 3);
    for (int i = 0; i < 20; i++) { /* part, complete, mark; one range that begins at 1 */
        const uint64_t numbers[] = {1, 0, 0, 1, 2, 1 << 20};

        for (size_t k = 0; k < 6; k++)
            ck_assert_int_eq(marks_put(&seal, numbers[k]), 0);
    }
    ck_assert_int_eq(journal_seal(j, 1, seal.data, seal.len), 0);
    journal_close(j);
    close(conf.state_fd);
    buf_done(&seal);
    getrusage(RUSAGE_SELF, &before);
    ck_assert_uint_eq(count(live(), "\n"), 3);
    getrusage(RUSAGE_SELF, &after);
    ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 128 << 10);
    remove_dir();
}
END_TEST

/* Its first records are gone with their segment: they were delivered, and so were the others. */
START_TEST(a_mark_of_records_that_are_gone_makes_no_event)
{
    struct journal_conf conf = {.window = 8 << 20};
    struct journal_report report;
    struct journal *j;
    uint64_t far[] = {1, 2, UINT64_C(1) << 40};

    make_dir();
    leave_journal((const unsigned[]){7, 7}, 2, false, 1);
    conf.state_fd = open(dir, O_RDONLY | O_DIRECTORY);
    ck_assert_int_eq(journal_open(&conf, &j, &report), 0);
    put_seal(j, 3, 2, far, 3);
    put_seal(j, 4, 2, far + 2, 1);
    put_seal(j, 5, 1, far, 2);
    journal_close(j);
    close(conf.state_fd);
    ck_assert_uint_eq(count(live(), ":1.000:7:1:"), 1);
    remove_dir();
}
END_TEST

/* The mark reached the disk and a record did not; its number went to a record of another event. */
START_TEST(a_mark_that_has_a_foreign_record_makes_no_event)
{
    const unsigned serials[] = {7, 8};
    const char *docs;

    make_dir();
    leave_journal(serials, 2, false, 0);
    docs = live();
    ck_assert_uint_eq(count(docs, "\n"), 2);
    ck_assert_uint_eq(count(docs, "\"auditserial\":\"7\""), 1);
    ck_assert_uint_eq(count(docs, "\"auditserial\":\"8\""), 1);
    remove_dir();
}
END_TEST

START_TEST(a_late_record_knows_how_many_parts_went_before)
{
    const unsigned serials[] = {7, 7, 7};
    const char *docs;

    make_dir();
    leave_journal(serials, 3, true, 0);
    docs = live();
    ck_assert_uint_eq(count(docs, "\n"), 1);
    ck_assert_uint_eq(count(docs, ":1.000:7:3:"), 1);
    remove_dir();
}
END_TEST

/* No mark reached the disk. By the time of the second record the first one's event had settled. */
START_TEST(what_came_late_is_late_in_a_replay_too)
{
    const unsigned serials[] = {7, 7};
    const char *docs;

    make_dir();
    leave_journal(serials, 2, false, 1000);
    docs = live();
    ck_assert_uint_eq(count(docs, "\n"), 2);
    ck_assert_uint_eq(count(docs, ":1.000:7:1:"), 1);
    ck_assert_uint_eq(count(docs, ":1.000:7:2:"), 1);
    remove_dir();
}
END_TEST

/* The clock stands for a slow disk. */
START_TEST(rsyslog_hears_dots_while_the_journal_is_read)
{
    const unsigned serials[] = {7, 7, 7};
    char said[256];
    int wire[2];
    ssize_t n;

    make_dir();
    leave_journal(serials, 3, false, 0);
    ck_assert_int_eq(pipe(wire), 0);
    jump_ms = 100000;
    (void)live_for(wire[1]);
    jump_ms = 0;
    close(wire[1]);
    n = read(wire[0], said, sizeof(said) - 1);
    close(wire[0]);
    ck_assert_int_gt(n, 0);
    said[n] = '\0';
    /* Once to open it, twice to take up what was sealed. */
    ck_assert_str_eq(said, "...OK\n");
    remove_dir();
}
END_TEST

UNIT_MAIN("resume", a_batch_goes_out_as_it_was_sealed, a_mark_that_claims_too_much_costs_nothing,
          a_mark_of_records_that_are_gone_makes_no_event,
          a_mark_that_has_a_foreign_record_makes_no_event,
          a_late_record_knows_how_many_parts_went_before, what_came_late_is_late_in_a_replay_too,
          rsyslog_hears_dots_while_the_journal_is_read)
