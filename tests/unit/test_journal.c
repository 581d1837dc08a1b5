/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "journal/crc32c.h"
#include "journal/journal.h"
#include "journal/lock.h"
#include "journal/marks.h"
#include "unit.h"

static char dir[64];
static int dir_fd;

static void make_dir(void)
{
    snprintf(dir, sizeof(dir), "%s/oaj-journal-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    dir_fd = open(dir, O_RDONLY | O_DIRECTORY);
    ck_assert_int_ge(dir_fd, 0);
}

static void remove_dir(void)
{
    char command[128];

    close(dir_fd);
    snprintf(command, sizeof(command), "rm -rf '%s'", dir);
    ck_assert_int_eq(system(command), 0);
}

static struct journal *open_it(uint64_t window, struct journal_report *report)
{
    struct journal_conf conf = {.state_fd = dir_fd, .window = window};
    struct journal *j = NULL;

    ck_assert_int_eq(journal_open(&conf, &j, report), 0);
    return j;
}

static int put(struct journal *j, const char *text, size_t len, uint64_t *seq)
{
    struct segment_entry e = {.type = ENTRY_RECORD, .data = text, .len = len, .arrival_ms = 7};

    return journal_append(j, &e, seq);
}

/* Files in it, the reserve's left out. */
static size_t count_files(const char *sub)
{
    char path[128];
    DIR *d;
    size_t n = 0;

    snprintf(path, sizeof(path), "%s/%s", dir, sub);
    d = opendir(path);
    ck_assert_ptr_nonnull(d);
    for (struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.' && strncmp(e->d_name, "spare", 5) != 0;
    closedir(d);
    return n;
}

START_TEST(crc_is_castagnoli_in_both_versions)
{
    unsigned char bytes[100];

    /* RFC 3720 B.4: 32 bytes of zeros, of ones. */
    memset(bytes, 0, 32);
    ck_assert_uint_eq(crc32c(0, bytes, 32), 0x8a9136aa);
    memset(bytes, 0xff, 32);
    ck_assert_uint_eq(crc32c(0, bytes, 32), 0x62a8ab43);
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(i * 37);
    for (size_t n = 0; n < sizeof(bytes); n++)
        ck_assert_uint_eq(crc32c(5, bytes, n), crc32c_table(5, bytes, n));
}
END_TEST

static int collect(void *ctx, uint64_t first, uint64_t count)
{
    struct buf *b = ctx;

    return buf_printf(b, "%llu+%llu ", (unsigned long long)first, (unsigned long long)count);
}

START_TEST(marks_go_there_and_back)
{
    uint64_t seqs[] = {5, 6, 7, 100, 3, 4, UINT64_C(1) << 40};
    struct buf b = BUF_INIT(1000), text = BUF_INIT(1000);
    struct marks_reader r;

    ck_assert_int_eq(marks_put_seqs(&b, seqs, 7), 0);
    r = (struct marks_reader){(unsigned char *)b.data, (unsigned char *)b.data + b.len};
    ck_assert_int_eq(marks_get_seqs(&r, collect, &text), 0);
    ck_assert_str_eq(buf_cstr(&text), "5+3 100+1 3+2 1099511627776+1 ");
    for (size_t cut = 0; cut < b.len; cut++) { /* any prefix is refused, none is read past */
        r = (struct marks_reader){(unsigned char *)b.data, (unsigned char *)b.data + cut};
        text.len = 0;
        ck_assert_int_eq(marks_get_seqs(&r, collect, &text), -EBADMSG);
    }
    buf_done(&b);
    buf_done(&text);
}
END_TEST

START_TEST(records_survive_and_done_ones_do_not_come_back)
{
    struct journal_report report;
    struct journal_cursor c;
    struct segment_entry e;
    struct journal *j;
    uint64_t seq, done[] = {2, 3};

    make_dir();
    j = open_it(16 << 20, &report);
    for (int i = 1; i <= 5; i++) {
        char text[32];

        snprintf(text, sizeof(text), "record %d", i);
        ck_assert_int_eq(put(j, text, strlen(text), &seq), 0);
        ck_assert_uint_eq(seq, (uint64_t)i);
    }
    journal_done(j, done, 2);
    ck_assert_uint_eq(journal_undone(j), 3);
    journal_close(j);

    j = open_it(16 << 20, &report);
    ck_assert_uint_eq(report.records, 5);
    ck_assert_uint_eq(report.undone, 3);
    journal_cursor_init(&c);
    for (int i = 1; i <= 5; i += i == 1 ? 3 : 1) {
        char text[32];

        snprintf(text, sizeof(text), "record %d", i);
        ck_assert_int_eq(journal_cursor_read(j, &c, &e), 1);
        ck_assert_uint_eq(e.number, (uint64_t)i);
        ck_assert_int_eq(e.arrival_ms, 7);
        ck_assert_uint_eq(e.len, strlen(text));
        ck_assert_int_eq(memcmp(e.data, text, e.len), 0);
    }
    ck_assert_int_eq(journal_cursor_read(j, &c, &e), 0);
    ck_assert_int_eq(put(j, "six", 3, &seq), 0);
    ck_assert_uint_eq(seq, 6);
    ck_assert_int_eq(journal_cursor_read(j, &c, &e), 1);
    ck_assert_uint_eq(e.number, 6);
    journal_cursor_done(&c);
    for (uint64_t s = 1; s <= 6; s++)
        journal_done(j, &s, 1);
    ck_assert_uint_eq(journal_undone(j), 0);
    journal_close(j);
    ck_assert_uint_eq(count_files("journal"), 0);
    remove_dir();
}
END_TEST

/* The last append may be cut anywhere by a kill, or be half zeros after a power loss. */
START_TEST(a_torn_tail_at_any_byte_costs_only_the_torn_record)
{
    struct journal_report report;
    struct journal *j;
    uint64_t seq;
    char path[128];
    int fd;

    for (size_t cut = 0; cut < 96; cut++) {
        struct journal_cursor c;
        struct segment_entry e;
        size_t whole = SEGMENT_HEADER + 2 * segment_entry_size(40);

        make_dir();
        j = open_it(16 << 20, &report);
        for (int i = 0; i < 3; i++) {
            char text[40];

            memset(text, 'a' + i, sizeof(text));
            ck_assert_int_eq(put(j, text, sizeof(text), &seq), 0);
        }
        journal_close(j);
        snprintf(path, sizeof(path), "%s/journal/0000000000000001.seg", dir);
        fd = open(path, O_RDWR);
        ck_assert_int_ge(fd, 0);
        if (cut < segment_entry_size(40)) {
            char zeros[96] = {0};

            ck_assert_int_eq(pwrite(fd, zeros, segment_entry_size(40) - cut, (off_t)(whole + cut)),
                             (ssize_t)(segment_entry_size(40) - cut));
        }
        close(fd);
        j = open_it(16 << 20, &report);
        ck_assert_uint_eq(report.records, cut < segment_entry_size(40) ? 2 : 3);
        /* What follows the tear is written over it and read back. */
        ck_assert_int_eq(put(j, "next", 4, &seq), 0);
        ck_assert_uint_eq(seq, report.records + 1);
        journal_close(j);
        j = open_it(16 << 20, &report);
        journal_cursor_init(&c);
        for (uint64_t i = 1; i <= seq; i++) {
            ck_assert_int_eq(journal_cursor_read(j, &c, &e), 1);
            ck_assert_uint_eq(e.number, i);
        }
        ck_assert_int_eq(memcmp(e.data, "next", 4), 0);
        ck_assert_int_eq(journal_cursor_read(j, &c, &e), 0);
        journal_cursor_done(&c);
        journal_close(j);
        remove_dir();
    }
}
END_TEST

START_TEST(damage_in_the_middle_loses_what_it_hit_and_nothing_else)
{
    struct journal_report report;
    struct journal_cursor c;
    struct segment_entry e;
    struct journal *j;
    uint64_t seq;
    char path[128], text[100];
    int fd;

    make_dir();
    j = open_it(16 << 20, &report);
    memset(text, 'x', sizeof(text));
    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(put(j, text, sizeof(text), &seq), 0);
    journal_close(j);
    snprintf(path, sizeof(path), "%s/journal/0000000000000001.seg", dir);
    fd = open(path, O_RDWR);
    ck_assert_int_eq(pwrite(fd, "?", 1, SEGMENT_HEADER + 4 * (off_t)segment_entry_size(100) + 50),
                     1);
    close(fd);
    j = open_it(16 << 20, &report);
    ck_assert_uint_eq(report.records, 9);
    ck_assert_uint_eq(report.damaged_bytes, segment_entry_size(100));
    journal_cursor_init(&c);
    for (uint64_t i = 1; i <= 10; i++) {
        if (i == 5)
            continue;
        ck_assert_int_eq(journal_cursor_read(j, &c, &e), 1);
        ck_assert_uint_eq(e.number, i);
    }
    ck_assert_int_eq(journal_cursor_read(j, &c, &e), 0);
    journal_cursor_done(&c);
    for (uint64_t s = 1; s <= 10; s++)
        journal_done(j, &s, 1);
    journal_close(j);
    ck_assert_uint_eq(count_files("journal"), 1); /* the damaged file is kept beside */
    remove_dir();
}
END_TEST

/* While it is at work too, not only at a start. None is removed: records wait. */
START_TEST(too_many_set_aside_hold_records_back)
{
    struct journal_report report;
    struct journal *j;
    char path[128];
    uint64_t seq;
    int fd;

    make_dir();
    j = open_it(16 << 20, &report);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(put(j, "xxxxxxxx", 8, &seq), 0);
    journal_close(j);
    for (int i = 0; i < JOURNAL_ASIDE_FILES; i++) {
        snprintf(path, sizeof(path), "%s/journal/00000000000000f%x.seg.bad", dir, i);
        fd = open(path, O_WRONLY | O_CREAT, 0600);
        ck_assert_int_ge(fd, 0);
        close(fd);
    }
    snprintf(path, sizeof(path), "%s/journal/0000000000000001.seg", dir);
    fd = open(path, O_RDWR);
    ck_assert_int_eq(pwrite(fd, "?", 1, SEGMENT_HEADER + (off_t)segment_entry_size(8) + 33), 1);
    close(fd);
    j = open_it(16 << 20, &report);
    ck_assert_uint_gt(report.damaged_bytes, 0);
    ck_assert_uint_eq(report.aside, JOURNAL_ASIDE_FILES);
    ck_assert_int_eq(put(j, "more", 4, &seq), 0);
    for (uint64_t s = 1; s <= 4; s++)
        journal_done(j, &s, 1);
    journal_close(j); /* the damaged one goes aside */
    j = open_it(16 << 20, &report);
    ck_assert_uint_eq(report.aside, JOURNAL_ASIDE_FILES + 1);
    ck_assert_int_eq(put(j, "more", 4, &seq), ERR_JOURNAL_ASIDE);
    ck_assert_int_eq(journal_has_room(j), ERR_JOURNAL_ASIDE);
    journal_open_reserve(j, true); /* a stop finds room all the same */
    ck_assert_int_eq(put(j, "more", 4, &seq), 0);
    journal_open_reserve(j, false);
    ck_assert_int_eq(put(j, "more", 4, &seq), ERR_JOURNAL_ASIDE);
    snprintf(path, sizeof(path), "%s/journal/00000000000000f0.seg.bad", dir);
    ck_assert_int_eq(unlink(path), 0); /* somebody looked */
    ck_assert_int_eq(put(j, "more", 4, &seq), 0);
    journal_close(j);
    ck_assert_uint_eq(count_files("journal"), JOURNAL_ASIDE_FILES + 1);
    remove_dir();
}
END_TEST

START_TEST(files_that_are_no_segments_are_set_aside)
{
    struct journal_report report;
    struct journal *j;
    char path[128], noise[8192];
    uint64_t seq;
    int fd;

    make_dir();
    snprintf(path, sizeof(path), "%s/journal", dir);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    for (size_t i = 0; i < sizeof(noise); i++)
        noise[i] = (char)(i * i * 31 + i);
    snprintf(path, sizeof(path), "%s/journal/0000000000000001.seg", dir);
    fd = open(path, O_WRONLY | O_CREAT, 0600);
    ck_assert_int_eq(write(fd, noise, sizeof(noise)), (ssize_t)sizeof(noise));
    close(fd);
    snprintf(path, sizeof(path), "%s/journal/0000000000000002.seg", dir);
    fd = open(path, O_WRONLY | O_CREAT, 0600); /* made and never written */
    close(fd);
    snprintf(path, sizeof(path), "%s/journal/0000000000000003.seg", dir);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/journal/0000000000000004.seg", dir);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    j = open_it(16 << 20, &report);
    ck_assert_uint_eq(report.set_aside, 3);
    ck_assert_uint_eq(report.records, 0);
    ck_assert_int_eq(put(j, "x", 1, &seq), 0);
    journal_close(j);
    remove_dir();
}
END_TEST

static uint64_t gone; /* segments */

static void removing(void *ctx, uint64_t segment)
{
    (void)ctx;
    ck_assert_uint_gt(segment, gone);
    gone = segment;
}

START_TEST(the_window_is_bounded_and_trimming_makes_room)
{
    struct journal_conf conf = {.window = 8 << 20, .removing = removing};
    struct journal_report report;
    struct journal *j;
    CLEANUP_FREE char *big = mem_calloc(1, 1 << 20);
    uint64_t seq = 0, last = 0;
    int r;

    make_dir();
    conf.state_fd = dir_fd;
    gone = 0;
    ck_assert_int_eq(journal_open(&conf, &j, &report), 0);
    while ((r = put(j, big, 1000 * 1000, &seq)) == 0)
        last = seq;
    ck_assert_int_eq(r, ERR_JOURNAL_FULL);
    ck_assert_uint_eq(last, 8); /* 4 a segment, 2 segments */
    for (uint64_t s = 1; s <= last; s++)
        ck_assert_uint_eq(journal_segment_of(j, s), s <= 4 ? 1 : 2);
    ck_assert_int_eq(journal_seal(j, 1, "seal", 4), 0); /* marks still go */
    ck_assert_int_eq(put(j, big, 1000 * 1000, &seq), ERR_JOURNAL_FULL);
    journal_open_reserve(j, true);
    ck_assert_int_eq(put(j, big, 1000 * 1000, &seq), 0);
    ck_assert_uint_eq(seq, 9);
    journal_open_reserve(j, false);
    for (uint64_t s = 1; s <= 4; s++) {
        ck_assert_uint_eq(gone, 0);
        journal_done(j, &s, 1);
    }
    ck_assert_uint_eq(gone, 1);
    ck_assert_uint_eq(journal_removed(j), 1);
    ck_assert_int_eq(put(j, big, 1000 * 1000, &seq), 0);
    ck_assert_uint_eq(seq, 10);
    journal_close(j);
    ck_assert_int_eq(journal_open(&conf, &j, &report), 0);
    ck_assert_uint_eq(report.undone, 6);
    journal_close(j);
    remove_dir();
}
END_TEST

static int seen(void *ctx, const struct segment_entry *e, bool done)
{
    size_t *n = ctx;

    *n += e->type == ENTRY_RECORD && done;
    return 0;
}

START_TEST(nothing_is_removed_before_its_owner_has_seen_it)
{
    struct journal_conf conf = {.window = 8 << 20, .removing = removing};
    struct journal_report report;
    struct journal *j;
    uint64_t seq;
    size_t n = 0;
    pid_t child;

    make_dir();
    conf.state_fd = dir_fd;
    gone = 0;
    j = open_it(8 << 20, &report);
    ck_assert_int_eq(put(j, "done", 4, &seq), 0);
    ck_assert_int_eq(put(j, "not done", 8, &seq), 0);
    journal_done(j, &(uint64_t){1}, 1);
    journal_close(j);
    if ((child = fork()) == 0) { /* killed when all was done, but nothing removed yet */
        j = open_it(8 << 20, &report);
        journal_done(j, &(uint64_t){2}, 1);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    for (int i = 0; i < 2; i++) { /* a start that fails before it has read */
        ck_assert_int_eq(journal_open(&conf, &j, &report), 0);
        ck_assert_uint_eq(report.records, 2);
        ck_assert_uint_eq(report.undone, 0);
        journal_close(j);
        ck_assert_uint_eq(gone, 0);
    }
    ck_assert_int_eq(journal_open(&conf, &j, &report), 0);
    ck_assert_int_eq(journal_scan(j, seen, &n), 0);
    ck_assert_uint_eq(n, 2);
    journal_close(j);
    ck_assert_uint_eq(gone, 1);
    ck_assert_int_eq(journal_open(&conf, &j, &report), 0);
    ck_assert_uint_eq(report.segments, 0);
    journal_close(j);
    remove_dir();
}
END_TEST

START_TEST(many_restarts_do_not_fill_the_window_with_air)
{
    struct journal_report report;
    struct journal *j;
    uint64_t seq;

    make_dir();
    for (int i = 1; i <= 50; i++) {
        j = open_it(8 << 20, &report);
        ck_assert_uint_eq(report.undone, (uint64_t)i - 1);
        ck_assert_int_eq(put(j, "record", 6, &seq), 0);
        ck_assert_int_eq(journal_sync(j), 0);
        journal_close(j);
    }
    ck_assert_uint_eq(count_files("journal"), 1);
    remove_dir();
}
END_TEST

START_TEST(one_owner_and_a_successor_that_is_seen)
{
    struct lock a, b;

    make_dir();
    ck_assert_int_eq(lock_open(&a, dir_fd), 0);
    ck_assert_int_eq(lock_open(&b, dir_fd), 0);
    ck_assert_int_eq(lock_try(&a), 0);
    ck_assert(!lock_successor_waits(&a));
    ck_assert_int_eq(lock_try(&b), ERR_JOURNAL_LOCKED);
    ck_assert(lock_successor_waits(&a));
    lock_close(&a);
    ck_assert_int_eq(lock_try(&b), 0);
    ck_assert(!lock_successor_waits(&b));
    lock_close(&b);
    remove_dir();
}
END_TEST

static int count_undone(void *ctx, const struct segment_entry *e, bool done)
{
    size_t *n = ctx;

    *n += e->type == ENTRY_RECORD && !done;
    return 0;
}

/* A file that was not written by us may hold any number: what we append behind it is found again,
 * wherever the last number that a reader takes lies. */
START_TEST(numbers_of_a_foreign_segment_cost_no_record_of_ours)
{
    const uint64_t edge = 1 + SEGMENT_SIZE / SEGMENT_ENTRY_HEAD;

    for (uint64_t number = edge - 3; number <= edge + 2; number++) {
        struct segment_entry e = {.type = ENTRY_RECORD, .number = number, .data = "x", .len = 1};
        struct journal_report report;
        struct segment s;
        struct journal *j;
        size_t n = 0, ours = 4;
        uint64_t seq;
        int fd;

        make_dir();
        ck_assert_int_eq(mkdirat(dir_fd, "journal", 0700), 0);
        fd = openat(dir_fd, "journal", O_RDONLY | O_DIRECTORY);
        ck_assert_int_eq(segment_create(&s, fd, "0000000000000001.seg", 1, 1), 0);
        ck_assert_int_eq(segment_append(&s, &e), 0);
        segment_close(&s);
        close(fd);
        j = open_it(64 << 20, &report);
        for (size_t i = 0; i < ours; i++)
            ck_assert_int_eq(put(j, "ours", 4, &seq), 0);
        journal_close(j);
        j = open_it(64 << 20, &report);
        ck_assert_int_eq(journal_scan(j, count_undone, &n), 0);
        ck_assert_uint_eq(n, report.undone);
        ck_assert_uint_eq(report.records, ours + (number <= edge));
        journal_close(j);
        remove_dir();
    }
}
END_TEST

UNIT_MAIN("journal", crc_is_castagnoli_in_both_versions, marks_go_there_and_back,
          records_survive_and_done_ones_do_not_come_back,
          a_torn_tail_at_any_byte_costs_only_the_torn_record,
          damage_in_the_middle_loses_what_it_hit_and_nothing_else,
          files_that_are_no_segments_are_set_aside, too_many_set_aside_hold_records_back,
          the_window_is_bounded_and_trimming_makes_room,
          nothing_is_removed_before_its_owner_has_seen_it,
          many_restarts_do_not_fill_the_window_with_air,
          numbers_of_a_foreign_segment_cost_no_record_of_ours,
          one_owner_and_a_successor_that_is_seen)
