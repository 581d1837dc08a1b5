/* SPDX-License-Identifier: Apache-2.0 */
/* The journal on a disk that says no: the next so many calls of a kind fail. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "journal/journal.h"
#include "unit.h"

static char dir[64];
static int dir_fd;
static unsigned fail_fdatasync, skip_fsync, fail_fsync, fail_fallocate, fail_unlink, fail_pwrite;
static unsigned n_pwrites;

static bool fails(unsigned *n, int error)
{
    if (!*n)
        return false;
    --*n;
    errno = error;
    return true;
}

/* These stand before the C library's. */
int fdatasync(int fd)
{
    (void)fd;
    return fails(&fail_fdatasync, EIO) ? -1 : 0;
}

int fsync(int fd)
{
    (void)fd;
    if (skip_fsync) {
        skip_fsync--;
        return 0;
    }
    return fails(&fail_fsync, EIO) ? -1 : 0;
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t at)
{
    if (n > 1 && fails(&fail_pwrite, EIO))
        n = 1; /* a short write: a torn entry, and no error */
    n_pwrites++;
    return syscall(SYS_pwrite64, fd, data, n, at);
}

int unlinkat(int fd, const char *name, int flags)
{
    return fails(&fail_unlink, EIO) ? -1 : (int)syscall(SYS_unlinkat, fd, name, flags);
}

int posix_fallocate(int fd, off_t offset, off_t len)
{
    if (fails(&fail_fallocate, ENOSPC))
        return ENOSPC;
    return ftruncate(fd, offset + len) < 0 ? errno : 0;
}

static void make_dir(void)
{
    snprintf(dir, sizeof(dir), "%s/oaj-faults-XXXXXX",
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

static struct journal *open_it(uint64_t window)
{
    struct journal_conf conf = {.state_fd = dir_fd, .window = window};
    struct journal_report report;
    struct journal *j = NULL;

    ck_assert_int_eq(journal_open(&conf, &j, &report), 0);
    return j;
}

static int put(struct journal *j, size_t len, uint64_t *seq)
{
    CLEANUP_FREE char *text = mem_calloc(1, len + 1);
    struct segment_entry e = {.type = ENTRY_RECORD, .data = text, .len = len};

    memset(text, 'r', len);
    return journal_append(j, &e, seq);
}

static void only_the_reserve_is_left(void)
{
    static const char *const names[] = {"spare", "spare.1", "spare.2", "spare.3", "spare.4"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[64];

        snprintf(path, sizeof(path), "journal/%s", names[i]);
        ck_assert_int_eq(unlinkat(dir_fd, path, 0), 0);
    }
    ck_assert_int_eq(unlinkat(dir_fd, "journal", AT_REMOVEDIR), 0);
}

/* What a former life left unsynced is synced by the next one, or that does not start: a commit
 * that brings the same records again is answered without another sync. */
START_TEST(a_start_syncs_what_was_left)
{
    struct journal_conf conf = {.state_fd = dir_fd, .window = 16 << 20};
    struct journal_report report;
    struct journal *j;
    uint64_t seq;

    make_dir();
    conf.state_fd = dir_fd;
    j = open_it(16 << 20);
    ck_assert_int_eq(put(j, 100, &seq), 0);
    fail_fdatasync = 1; /* as if it had been killed */
    journal_close(j);
    fail_fdatasync = 2;
    ck_assert_int_eq(journal_open(&conf, &j, &report), -EIO);
    ck_assert_uint_eq(fail_fdatasync, 0);
    fail_fsync = 1; /* its name */
    ck_assert_int_eq(journal_open(&conf, &j, &report), -EIO);
    ck_assert_uint_eq(fail_fsync, 0);
    fail_fdatasync = 1; /* its tail can't be cleaned, but it can be synced */
    j = open_it(16 << 20);
    ck_assert_uint_eq(journal_undone(j), 1);
    ck_assert(!journal_unsynced(j));
    ck_assert_int_eq(put(j, 100, &seq), 0);
    ck_assert_uint_eq(seq, 2);
    journal_close(j);
    remove_dir();
}
END_TEST

/* What could not be made could not be taken back either: it is not in the way of the next try. */
START_TEST(a_try_that_leaves_its_file_is_not_the_last)
{
    struct journal *j;
    uint64_t seq;

    make_dir();
    j = open_it(16 << 20);
    fail_fallocate = 1;
    fail_unlink = 1;
    ck_assert_int_eq(put(j, 100, &seq), -ENOSPC);
    ck_assert_int_eq(faccessat(dir_fd, "journal/0000000000000001.seg", F_OK, 0), 0);
    ck_assert_int_eq(put(j, 100, &seq), 0);
    ck_assert_uint_eq(seq, 1);
    journal_close(j);
    remove_dir();
}
END_TEST

/* Killed while it wrote the header of a new segment: nothing was in that, and nothing is said. */
START_TEST(half_a_header_is_no_damage)
{
    static const char name[] = "journal/0000000000000002.seg";
    struct journal_conf conf = {.window = 16 << 20};
    struct journal_report report;
    struct journal *j;
    char header[64];
    uint64_t seq;
    int fd;

    make_dir();
    conf.state_fd = dir_fd;
    j = open_it(16 << 20);
    ck_assert_int_eq(put(j, 100, &seq), 0);
    journal_close(j);
    fd = openat(dir_fd, "journal/0000000000000001.seg", O_RDONLY);
    ck_assert_int_eq(pread(fd, header, sizeof(header), 0), sizeof(header));
    close(fd);
    fd = openat(dir_fd, name, O_RDWR | O_CREAT, 0600);
    ck_assert_int_eq(ftruncate(fd, SEGMENT_SIZE), 0);
    ck_assert_int_eq(pwrite(fd, header, 32, 0), 32);
    ck_assert_int_eq(journal_open(&conf, &j, &report), 0);
    ck_assert_uint_eq(report.set_aside, 0);
    ck_assert_uint_eq(report.undone, 1);
    journal_close(j);
    close(fd);
    /* but one with something behind it is kept */
    fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_EXCL, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(pwrite(fd, header, 32, 0), 32);
    ck_assert_int_eq(pwrite(fd, "x", 1, SEGMENT_SIZE - 1), 1);
    close(fd);
    ck_assert_int_eq(journal_open(&conf, &j, &report), 0);
    ck_assert_uint_eq(report.set_aside, 1);
    journal_close(j);
    remove_dir();
}
END_TEST

START_TEST(cursor_follows_a_file_that_was_written_anew)
{
    struct journal_cursor c;
    struct segment_entry e;
    struct journal *j;
    uint64_t seq;

    make_dir();
    j = open_it(16 << 20);
    journal_cursor_init(&c);
    ck_assert_int_eq(put(j, 100, &seq), 0);
    ck_assert_int_eq(journal_cursor_read(j, &c, &e), 1);
    fail_fdatasync = 1;
    ck_assert_int_eq(journal_sync(j), -EIO);
    ck_assert_int_eq(journal_sync(j), 0);
    ck_assert_int_eq(put(j, 200, &seq), 0);
    ck_assert_int_eq(journal_cursor_read(j, &c, &e), 1);
    ck_assert_uint_eq(e.number, seq);
    ck_assert_uint_eq(e.len, 200);
    ck_assert_int_eq(journal_cursor_read(j, &c, &e), 0);
    journal_cursor_done(&c);
    journal_close(j);
    remove_dir();
}
END_TEST

/* rsyslogd 8.2302 forgets the batch in its hands when it is stopped: on a full disk, too, that
 * finds room. */
START_TEST(a_stop_finds_room_on_a_full_disk)
{
    CLEANUP_FREE char *seal = mem_calloc(1, 2 << 20);
    struct journal *j;
    uint64_t seq, first = 1, n = 0;

    for (unsigned life = 0; life < 2; life++) { /* the second begins on the full disk */
        make_dir();
        j = open_it(64 << 20);
        if (life) {
            journal_close(j);
            fail_fallocate = 0;
            j = open_it(64 << 20);
        }
        ck_assert_int_eq(put(j, 100, &seq), 0);
        fail_fallocate = 1000; /* the disk is full from here on */
        while (put(j, 1 << 20, &seq) == 0)
            ;
        ck_assert_int_eq(put(j, 1 << 20, &seq), -ENOSPC);
        ck_assert(!journal_reserve_low(j));
        journal_open_reserve(j, true);
        for (n = 0; put(j, 1 << 20, &seq) == 0; n++)
            ;
        ck_assert_uint_eq(n, 3 * JOURNAL_SPARES);
        ck_assert(journal_reserve_low(j));
        ck_assert_int_eq(journal_seal(j, 1, seal, 2 << 20), 0); /* into what is the marks' */
        journal_open_reserve(j, false);
        ck_assert_int_eq(journal_has_room(j), -ENOSPC);
        ck_assert_int_eq(put(j, 10, &seq), -ENOSPC);
        fail_fallocate = 0; /* there is room again: first for the reserve */
        ck_assert_int_eq(journal_has_room(j), 0);
        ck_assert_int_eq(put(j, 10, &seq), 0);
        fail_fallocate = 1000;
        for (first = 1; first <= seq; first++)
            journal_done(j, &first, 1);
        journal_close(j);
        fail_fallocate = 0;
        only_the_reserve_is_left();
        remove_dir();
    }
}
END_TEST

/* A window that is full finds its reserve there, and takes no more of the disk for it. */
START_TEST(what_leaves_the_journal_is_the_reserve_again)
{
    struct journal *j;
    uint64_t seq, first = 1;

    make_dir();
    j = open_it(16 << 20);
    while (put(j, 1 << 20, &seq) == 0)
        ;
    fail_fallocate = 1000;
    journal_open_reserve(j, true);
    for (unsigned i = 0; i < 3; i++) /* one segment is its reserve */
        ck_assert_int_eq(put(j, 1 << 20, &seq), 0);
    ck_assert_int_eq(put(j, 1 << 20, &seq), ERR_JOURNAL_FULL);
    journal_open_reserve(j, false);
    ck_assert_int_eq(journal_has_room(j), ERR_JOURNAL_FULL);
    for (; first <= 6; first++)
        journal_done(j, &first, 1);
    ck_assert_uint_eq(journal_removed(j), 2);
    ck_assert_int_eq(faccessat(dir_fd, "journal/spare.1", F_OK, 0), 0);
    fail_fallocate = 0;
    ck_assert_int_eq(put(j, 1 << 20, &seq), 0);
    journal_close(j);
    remove_dir();
}
END_TEST

static int count(void *ctx, const struct segment_entry *e, bool done)
{
    (void)e;
    (void)done;
    ++*(unsigned *)ctx;
    return 0;
}

START_TEST(nothing_is_appended_to_a_file_without_a_name)
{
    struct journal *j, *next;
    unsigned n = 0;
    uint64_t seq;

    make_dir();
    j = open_it(16 << 20);
    ck_assert_int_eq(put(j, 100, &seq), 0);
    fail_fdatasync = 1;
    ck_assert_int_eq(journal_sync(j), -EIO);
    skip_fsync = 1; /* that of the fresh file's making; then that of its new name */
    fail_fsync = 1;
    ck_assert_int_eq(journal_sync(j), -EIO);
    ck_assert_uint_eq(fail_fsync, 0);
    ck_assert_int_eq(put(j, 100, &seq), 0);
    next = open_it(16 << 20); /* as after a kill */
    ck_assert_int_eq(journal_scan(next, count, &n), 0);
    ck_assert_uint_eq(n, 2);
    journal_close(next);
    journal_close(j);
    remove_dir();
}
END_TEST

START_TEST(a_smaller_window_keeps_no_mark_out)
{
    struct journal *j;
    uint64_t seq, first;

    make_dir();
    j = open_it(40 << 20);
    ck_assert_int_eq(put(j, 1 << 20, &first), 0);
    while (put(j, 1 << 20, &seq) == 0)
        ;
    journal_set_window(j, 8 << 20);
    ck_assert_int_eq(put(j, 10, &seq), ERR_JOURNAL_FULL);
    ck_assert_int_eq(journal_seal(j, 1, "x", 1), 0);
    journal_close(j);
    j = open_it(8 << 20);
    ck_assert_int_eq(put(j, 10, &seq), ERR_JOURNAL_FULL);
    ck_assert_int_eq(journal_seal(j, 2, "x", 1), 0);
    for (; first <= seq; first++)
        journal_done(j, &first, 1);
    ck_assert_int_eq(put(j, 10, &seq), 0);
    journal_close(j);
    remove_dir();
}
END_TEST

/* Otherwise: the records take what the marks need, no batch can be sealed and sent any more, and
 * nothing ever leaves the journal to make room. */
START_TEST(records_leave_the_last_room_on_the_disk_to_marks)
{
    CLEANUP_FREE char *seal = mem_calloc(1, 2 << 20);
    struct journal *j;
    uint64_t seq;

    make_dir();
    j = open_it(64 << 20);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_int_eq(put(j, 1 << 20, &seq), 0);
    fail_fallocate = 1000; /* the disk is full from here on */
    ck_assert_int_eq(put(j, 1 << 20, &seq), -ENOSPC);
    ck_assert_int_eq(journal_seal(j, 1, "x", 1), 0);        /* still fits in */
    ck_assert_int_eq(journal_seal(j, 2, seal, 2 << 20), 0); /* the spare */
    ck_assert_int_eq(put(j, 1000, &seq), -ENOSPC);
    ck_assert_int_eq(journal_seal(j, 3, "x", 1), 0);
    for (seq = 1; seq <= 3; seq++)
        journal_done(j, &seq, 1); /* the first segment goes and is the spare again */
    ck_assert_int_eq(put(j, 1000, &seq), 0);
    journal_close(j);
    remove_dir();
}
END_TEST

/* Marks that say a segment is done with stand in later ones: those must not go before it. */
START_TEST(a_segment_that_cannot_be_removed_keeps_the_later_ones)
{
    struct journal *j;
    uint64_t seq, first = 1;

    make_dir();
    j = open_it(64 << 20);
    for (unsigned i = 0; i < 10; i++) /* three a segment */
        ck_assert_int_eq(put(j, 1 << 20, &seq), 0);
    fail_unlink = 1000;
    for (; first <= 9; first++)
        journal_done(j, &first, 1);
    ck_assert_uint_eq(journal_removed(j), 0);
    fail_unlink = 0;
    journal_close(j);
    j = open_it(64 << 20);
    ck_assert_uint_eq(journal_undone(j), 1);
    journal_done(j, &seq, 1); /* and now they go */
    ck_assert_uint_eq(journal_removed(j), 3);
    journal_close(j);
    remove_dir();
}
END_TEST

static unsigned count_records(struct journal *j)
{
    struct journal_cursor c;
    struct segment_entry e;
    unsigned n = 0;

    journal_cursor_init(&c);
    while (journal_cursor_read(j, &c, &e) == 1)
        n++;
    journal_cursor_done(&c);
    return n;
}

/* Where nobody waits for a reply: one write for many records, and none of them lost or doubled by
 * a write that was short, by a mark, a sync, a full buffer, a reader or a new segment. */
START_TEST(records_that_are_held_come_with_one_write)
{
    struct journal_cursor c;
    struct journal *j;
    uint64_t seq, first = 1;

    make_dir();
    j = open_it(64 << 20);
    ck_assert_int_eq(put(j, 100, &seq), 0);
    journal_set_holding(j, true);
    n_pwrites = 0;
    for (unsigned i = 0; i < 50; i++)
        ck_assert_int_eq(put(j, 100, &seq), 0);
    ck_assert_uint_eq(seq, 51);
    ck_assert_uint_eq(n_pwrites, 0);
    fail_pwrite = 1;
    ck_assert_int_lt(journal_flush(j), 0);
    ck_assert_int_eq(put(j, 100, &seq), 0);
    ck_assert_int_eq(journal_flush(j), 0);
    ck_assert_uint_eq(n_pwrites, 2);
    ck_assert_uint_eq(count_records(j), 52);

    ck_assert_int_eq(put(j, 100, &seq), 0);
    fail_pwrite = 1;
    ck_assert_int_lt(journal_seal(j, 1, "x", 1), 0); /* no mark before its records */
    ck_assert_int_eq(journal_seal(j, 1, "x", 1), 0);
    ck_assert_int_eq(put(j, 100, &seq), 0);
    fail_pwrite = 1;
    ck_assert_int_lt(journal_sync(j), 0);
    ck_assert_int_eq(journal_sync(j), 0);
    ck_assert_int_eq(put(j, 100, &seq), 0);
    ck_assert_uint_eq(count_records(j), 55); /* a reader sees what is held */

    journal_cursor_init(&c);
    ck_assert_int_eq(put(j, 100, &seq), 0);
    journal_cursor_to_end(j, &c); /* behind what is held */
    ck_assert_int_eq(put(j, 100, &seq), 0);
    {
        struct segment_entry e;

        ck_assert_int_eq(journal_cursor_read(j, &c, &e), 1);
        ck_assert_uint_eq(e.number, 57);
        ck_assert_int_eq(journal_cursor_read(j, &c, &e), 0);
    }
    journal_cursor_done(&c);

    ck_assert_int_eq(put(j, 1 << 20, &seq), 0); /* larger than what is ever held */
    for (unsigned i = 0; i < 400; i++)          /* over the end of the segment */
        ck_assert_int_eq(put(j, 10000, &seq), 0);
    journal_close(j);
    j = open_it(64 << 20);
    ck_assert_uint_eq(journal_undone(j), 458);
    ck_assert_uint_eq(count_records(j), 458);
    for (; first <= 458; first++)
        journal_done(j, &first, 1);
    journal_close(j);
    only_the_reserve_is_left();
    remove_dir();
}
END_TEST

START_TEST(a_journal_that_was_never_used_leaves_its_reserve)
{
    make_dir();
    journal_close(open_it(64 << 20)); /* the sanitizers look at the pointers */
    only_the_reserve_is_left();
    remove_dir();
}
END_TEST

UNIT_MAIN("journal_faults", records_that_are_held_come_with_one_write, a_start_syncs_what_was_left,
          half_a_header_is_no_damage, a_try_that_leaves_its_file_is_not_the_last,
          cursor_follows_a_file_that_was_written_anew, nothing_is_appended_to_a_file_without_a_name,
          a_smaller_window_keeps_no_mark_out, records_leave_the_last_room_on_the_disk_to_marks,
          a_segment_that_cannot_be_removed_keeps_the_later_ones, a_stop_finds_room_on_a_full_disk,
          what_leaves_the_journal_is_the_reserve_again,
          a_journal_that_was_never_used_leaves_its_reserve)
