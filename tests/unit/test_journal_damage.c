/* SPDX-License-Identifier: Apache-2.0 */
/* Damage to the journal's files between two lives: what can be read is read, what is lost is told
 * with its number, and what is not ours is not touched. */
#include "config.h"

#include <byteswap.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "journal/crc32c.h"
#include "journal/journal.h"
#include "unit.h"

#define WINDOW ((uint64_t)64 << 20)
#define FIRST "journal/0000000000000001.seg"
#define SECOND "journal/0000000000000002.seg"
#define RECORDS 20

static char dir[64];
static int dir_fd;
static struct journal_tally *tally; /* as in the page of scoreboard.h: it outlives a process */

static void make_dir(void)
{
    snprintf(dir, sizeof(dir), "%s/oaj-damage-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    dir_fd = open(dir, O_RDONLY | O_DIRECTORY);
    ck_assert_int_ge(dir_fd, 0);
    tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(tally, MAP_FAILED);
}

static void remove_dir(void)
{
    char command[128];

    close(dir_fd);
    munmap(tally, sizeof(*tally));
    snprintf(command, sizeof(command), "rm -rf '%s'", dir);
    ck_assert_int_eq(system(command), 0);
}

static struct journal *open_it(struct journal_report *report)
{
    struct journal_conf conf = {.state_fd = dir_fd, .window = WINDOW, .tally = tally};
    struct journal *j = NULL;

    ck_assert_int_eq(journal_open(&conf, &j, report), 0);
    return j;
}

static void put(struct journal *j, size_t len)
{
    CLEANUP_FREE char *text = mem_calloc(1, len + 1);
    struct segment_entry e = {.type = ENTRY_RECORD, .data = text, .len = len};
    uint64_t seq;

    memset(text, 'r', len);
    ck_assert_int_eq(journal_append(j, &e, &seq), 0);
}

/* A life that is killed at its end. */
static void live(size_t records, size_t len, uint64_t done_from, uint64_t done_to)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        struct journal_report report;
        struct journal *j = open_it(&report);

        for (size_t i = 0; i < records; i++)
            put(j, len);
        for (uint64_t s = done_from; s < done_to; s++)
            journal_done(j, &s, 1);
        _exit(0);
    }
    ck_assert_int_gt(child, 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}

static void look(struct journal_report *report)
{
    struct journal *j = open_it(report);
    struct journal_cursor c;
    struct segment_entry e;
    size_t n = 0;

    journal_cursor_init(&c);
    while (journal_cursor_read(j, &c, &e) == 1)
        n++;
    journal_cursor_done(&c);
    ck_assert_uint_eq(n, report->undone);
    journal_close(j);
}

static void change(const char *name, size_t at, const void *data, size_t len)
{
    int fd = openat(dir_fd, name, O_RDWR);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(pwrite(fd, data, len, (off_t)at), (ssize_t)len);
    close(fd);
}

static void get(const char *name, size_t at, void *data, size_t len)
{
    int fd = openat(dir_fd, name, O_RDONLY);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(pread(fd, data, len, (off_t)at), (ssize_t)len);
    close(fd);
}

static void flip(const char *name, size_t bit)
{
    unsigned char c;

    get(name, bit / 8, &c, 1);
    c ^= (unsigned char)(1u << bit % 8);
    change(name, bit / 8, &c, 1);
}

/* ---- headers -----------------------------------------------------------------------------------
 */

static void every_bit(size_t from)
{
    struct journal_report report;
    unsigned char repaired[SEGMENT_HEADER], good[SEGMENT_HEADER];

    live(RECORDS, 100, 0, 0);
    get(FIRST, from, good, sizeof(good));
    for (size_t bit = 0; bit < SEGMENT_HEADER * 8; bit++) {
        flip(FIRST, from * 8 + bit);
        look(&report);
        ck_assert_uint_eq(report.undone, RECORDS);
        ck_assert_uint_eq(report.set_aside, 0);
        ck_assert_uint_eq(report.lost, 0);
        ck_assert_uint_eq(report.repaired, 1);
        get(FIRST, from, repaired, sizeof(repaired));
        ck_assert_mem_eq(repaired, good, sizeof(good));
    }
}

START_TEST(every_bit_of_the_header)
{
    make_dir();
    every_bit(0);
    remove_dir();
}
END_TEST

START_TEST(every_bit_of_its_copy)
{
    make_dir();
    every_bit(SEGMENT_SIZE - SEGMENT_HEADER);
    remove_dir();
}
END_TEST

static void wreck_headers(const char *name)
{
    char noise[SEGMENT_HEADER];

    for (size_t i = 0; i < sizeof(noise); i++)
        noise[i] = (char)(i * i * 31 + 7 * i + 1);
    change(name, 0, noise, sizeof(noise));
    change(name, SEGMENT_SIZE - SEGMENT_HEADER, noise, sizeof(noise));
}

START_TEST(without_both_headers_the_entries_say_it)
{
    struct journal_report report;
    char zeros[SEGMENT_HEADER] = {0};

    make_dir();
    live(RECORDS, 100, 0, 3);
    wreck_headers(FIRST);
    look(&report);
    ck_assert_uint_eq(report.undone, RECORDS - 2);
    ck_assert_uint_eq(report.found, 1);
    look(&report); /* it has a header again */
    ck_assert_uint_eq(report.undone, RECORDS - 2);
    ck_assert_uint_eq(report.found, 0);
    /* the first entry with them: its record is told */
    change(FIRST, 0, zeros, sizeof(zeros));
    change(FIRST, SEGMENT_HEADER + 2 * segment_entry_size(100) + 40, "?", 1);
    change(FIRST, SEGMENT_HEADER + 40, "?", 1);
    look(&report);
    ck_assert_uint_eq(report.found, 1);
    ck_assert_uint_eq(report.undone, RECORDS - 3);
    ck_assert_uint_eq(report.lost, 1);
    ck_assert_uint_eq(report.lost_surely, 1);
    remove_dir();
}
END_TEST

/* Who writes records can write what looks like entries, of a seed of his own. */
START_TEST(a_payload_that_imitates_entries_is_not_believed)
{
    struct segment fake = {.fd = -1, .seed = 77, .used = SEGMENT_HEADER, .end = SEGMENT_SIZE};
    struct segment_entry e = {.type = ENTRY_RECORD, .data = "forged", .len = 6};
    struct buf chain = BUF_INIT(65536);
    struct journal_report report;
    struct journal *j;
    uint64_t seq;

    make_dir();
    while (chain.len + segment_entry_size(6) < 60000) {
        e.number++;
        ck_assert_int_eq(segment_encode(&fake, &e, &chain), 0);
    }
    j = open_it(&report);
    e.data = chain.data;
    e.len = chain.len;
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(journal_append(j, &e, &seq), 0);
    journal_close(j);
    wreck_headers(FIRST);
    look(&report);
    ck_assert_uint_eq(report.undone, 5);
    ck_assert_uint_eq(report.lost, 0);
    buf_done(&chain);
    remove_dir();
}
END_TEST

/* ---- the version before this one ---------------------------------------------------------------
 */

struct old_header {
    char magic[8];
    uint32_t version, byte_order;
    uint64_t number, first_seq;
    uint32_t size, seed, reserved[5], crc;
};

static void write_old(const char *name, struct old_header h, size_t records)
{
    struct segment as = {.fd = -1, .seed = h.seed, .used = SEGMENT_HEADER, .end = SEGMENT_SIZE};
    struct segment_entry e = {.type = ENTRY_RECORD, .data = "an old record", .len = 13};
    struct buf all = BUF_INIT(SEGMENT_SIZE);
    int fd;

    (void)mkdirat(dir_fd, "journal", 0700);
    memcpy(h.magic, "OAJSEG\r\n", 8);
    if (!h.crc)
        h.crc = crc32c(0, &h, offsetof(struct old_header, crc));
    ck_assert_int_eq(buf_append(&all, &h, sizeof(h)), 0);
    for (size_t i = 0; i < records; i++) {
        e.number = h.first_seq + i;
        ck_assert_int_eq(segment_encode(&as, &e, &all), 0);
    }
    fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ftruncate(fd, SEGMENT_SIZE), 0);
    ck_assert_int_eq(pwrite(fd, all.data, all.len, 0), (ssize_t)all.len);
    close(fd);
    buf_done(&all);
}

#define OLD(version_, number_, first_)                                         \
    (struct old_header)                                                        \
    {                                                                          \
        .version = (version_), .byte_order = 0x01020304u, .number = (number_), \
        .first_seq = (first_), .size = SEGMENT_SIZE, .seed = 12345             \
    }

START_TEST(an_old_journal_is_delivered)
{
    const size_t fits = (SEGMENT_SIZE - SEGMENT_HEADER) / segment_entry_size(13);
    struct journal_report report;
    struct journal *j;

    make_dir();
    write_old(FIRST, OLD(1, 1, 1), fits); /* up to where the copy stands today */
    write_old(SECOND, OLD(1, 2, 1 + fits), 7);
    look(&report);
    ck_assert_uint_eq(report.undone, fits + 7);
    ck_assert_uint_eq(report.lost + report.repaired + report.set_aside + report.damaged_bytes, 0);
    j = open_it(&report);
    put(j, 13);
    ck_assert_uint_eq(journal_segment_of(j, fits + 8), 3); /* nothing is written to an old one */
    journal_close(j);
    for (size_t bit = 0; bit < SEGMENT_HEADER * 8; bit++) {
        flip(SECOND, bit);
        look(&report);
        ck_assert_uint_eq(report.undone, fits + 8);
        ck_assert_uint_eq(report.repaired, 1);
    }
    wreck_headers(FIRST);
    look(&report);
    ck_assert_uint_eq(report.found, 1);
    ck_assert_uint_ge(report.undone, fits + 6); /* two lay where a copy would */
    remove_dir();
}
END_TEST

/* Names, sizes, times and contents of the folder. */
static uint32_t state_of_journal(void)
{
    CLEANUP_FREE char *data = mem_alloc(SEGMENT_SIZE);
    struct dirent **names;
    char path[128];
    uint32_t crc = 0;
    int n;

    snprintf(path, sizeof(path), "%s/journal", dir);
    n = scandir(path, &names, NULL, alphasort);
    ck_assert_int_ge(n, 2);
    for (int i = 0; i < n; i++) {
        char name[300];
        struct stat st;
        int fd;

        snprintf(name, sizeof(name), "journal/%s", names[i]->d_name);
        ck_assert_int_eq(fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
        crc = crc32c(crc, name, strlen(name));
        crc = crc32c(crc, &st.st_mtim, sizeof(st.st_mtim));
        crc = crc32c(crc, &st.st_ctim, sizeof(st.st_ctim));
        crc = crc32c(crc, &st.st_ino, sizeof(st.st_ino));
        if (S_ISREG(st.st_mode) && (fd = openat(dir_fd, name, O_RDONLY)) >= 0) {
            ssize_t got = read(fd, data, SEGMENT_SIZE);

            crc = crc32c(crc, data, got > 0 ? (size_t)got : 0);
            close(fd);
        }
        free(names[i]);
    }
    free(names);
    return crc;
}

START_TEST(what_another_program_left_is_not_touched)
{
    struct old_header kinds[] = {OLD(3, 5, 100),  /* a later version */
                                 OLD(1, 5, 100),  /* another byte order */
                                 OLD(2, 5, 100),  /* another size */
                                 OLD(4, 5, 100)}; /* another layout behind the front */

    kinds[1].byte_order = bswap_32(kinds[1].byte_order);
    kinds[1].version = bswap_32(kinds[1].version);
    memcpy(kinds[1].magic, "OAJSEG\r\n", 8);
    kinds[1].crc = bswap_32(crc32c(0, &kinds[1], offsetof(struct old_header, crc)));
    kinds[2].size *= 2;
    kinds[3].crc = 1;
    for (size_t i = 0; i < 4; i++) {
        struct journal_conf conf = {.window = WINDOW};
        struct journal_report report;
        struct journal *j = NULL;
        uint32_t before;

        make_dir();
        conf.state_fd = dir_fd;
        conf.tally = tally;
        live(RECORDS, 100, 0, 0);
        for (unsigned n = 2; n <= 9; n++) { /* among good, empty and damaged ones */
            char name[64];

            snprintf(name, sizeof(name), "journal/%016x.seg", n);
            if (n == 5)
                write_old(name, kinds[i], 3);
            else
                write_old(name, OLD(n % 2 ? 1 : 9, n, 200 + n), n == 4 ? 0 : 1);
            if (n % 2 == 0)
                change(name, 0, "no magic", 8);
        }
        before = state_of_journal();
        ck_assert_int_eq(journal_open(&conf, &j, &report), ERR_JOURNAL_VERSION);
        ck_assert_str_eq(report.bad_name, "0000000000000005.seg");
        ck_assert_uint_eq(state_of_journal(), before);
        ck_assert_ptr_null(j);
        remove_dir();
    }
}
END_TEST

/* A header of zeros is not that of a file without records. */
START_TEST(nothing_but_an_empty_file_is_removed)
{
    char zeros[SEGMENT_HEADER] = {0};
    struct journal_report report;

    make_dir();
    live(1, 100, 0, 0);
    change(FIRST, 0, zeros, sizeof(zeros));
    change(FIRST, SEGMENT_SIZE - SEGMENT_HEADER, zeros, sizeof(zeros));
    look(&report); /* one entry alone proves nothing */
    ck_assert_uint_eq(report.set_aside, 1);
    ck_assert_uint_eq(report.aside, 1);
    ck_assert_uint_eq(report.lost, 1);
    ck_assert_uint_eq(report.lost_surely, 1);
    ck_assert_int_eq(faccessat(dir_fd, FIRST ".bad", F_OK, 0), 0);
    remove_dir();
}
END_TEST

/* ---- what is missing ---------------------------------------------------------------------------
 */

static void cut(const char *name, size_t size)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    ck_assert_int_eq(truncate(path, (off_t)size), 0);
}

/* So many records of 100 bytes are whole below that offset. */
static size_t whole_below(size_t at)
{
    size_t n = at < SEGMENT_HEADER ? 0 : (at - SEGMENT_HEADER) / segment_entry_size(100);

    return n > RECORDS ? RECORDS : n;
}

START_TEST(a_cut_end_is_told_to_the_record)
{
    const size_t end = SEGMENT_HEADER + RECORDS * segment_entry_size(100);

    for (size_t at = 0; at<end + 100; at += at> 55 && at < 70 ? 1 : 83) {
        struct journal_report report;
        bool gone = whole_below(at) == 0;

        make_dir();
        live(RECORDS, 100, 0, 0);
        cut(FIRST, at);
        look(&report);
        ck_assert_uint_eq(report.undone, whole_below(at));
        ck_assert_uint_eq(report.lost, RECORDS - whole_below(at));
        ck_assert_uint_eq(report.lost_surely, report.lost);
        if (!gone)
            ck_assert_uint_eq(report.short_files, 1);
        look(&report); /* once */
        ck_assert_uint_eq(report.lost + report.short_files, 0);
        ck_assert_uint_eq(report.undone, whole_below(at));
        remove_dir();
    }
}
END_TEST

/* Three records a segment; the n-th segment is taken away or cut behind its first record. */
START_TEST(a_gap_between_segments_is_told_to_the_record)
{
    for (unsigned n = 1; n <= 5; n++) {
        for (unsigned away = 0; away < 2; away++) {
            struct journal_report report;
            char name[64];
            unsigned lost = (n == 5 ? 2 : 3) - !away;

            make_dir();
            live(14, 1 << 20, 0, 0);
            snprintf(name, sizeof(name), "journal/%016x.seg", n);
            if (away)
                ck_assert_int_eq(unlinkat(dir_fd, name, 0), 0);
            else
                cut(name, SEGMENT_HEADER + segment_entry_size(1 << 20) + 1);
            look(&report);
            ck_assert_uint_eq(report.undone, 14 - lost);
            ck_assert_uint_eq(report.lost, lost);
            ck_assert_uint_eq(report.lost_surely, lost);
            ck_assert_uint_eq(report.short_files, !away);
            look(&report);
            ck_assert_uint_eq(report.lost, 0);
            ck_assert_uint_eq(report.undone, 14 - lost);
            live(3, 1 << 20, 0, 0); /* and it goes on */
            look(&report);
            ck_assert_uint_eq(report.lost, 0);
            ck_assert_uint_eq(report.undone, 17 - lost);
            remove_dir();
        }
    }
}
END_TEST

START_TEST(all_of_it_gone_is_told)
{
    struct journal_report report;
    char command[128];

    make_dir();
    live(RECORDS, 100, 1, 6);
    snprintf(command, sizeof(command), "rm -rf '%s/journal'", dir);
    ck_assert_int_eq(system(command), 0);
    look(&report);
    ck_assert_uint_eq(report.lost, RECORDS - 5);
    ck_assert_uint_eq(report.lost_surely, RECORDS - 5);
    look(&report);
    ck_assert_uint_eq(report.lost, 0);
    remove_dir();
}
END_TEST

START_TEST(what_was_delivered_is_not_lost)
{
    struct journal_report report;

    make_dir();
    live(14, 1 << 20, 4, 7); /* the second segment's, marked in the last one */
    ck_assert_int_eq(unlinkat(dir_fd, SECOND, 0), 0);
    look(&report);
    ck_assert_uint_eq(report.undone, 11);
    ck_assert_uint_eq(report.lost, 0);
    remove_dir();
    make_dir();
    live(RECORDS, 100, 3, 9); /* the marks go with the records: so many at most, and no more */
    cut(FIRST, SEGMENT_HEADER + 5 * segment_entry_size(100));
    look(&report);
    ck_assert_uint_eq(report.undone, 5);
    ck_assert_uint_eq(report.lost, 14);
    ck_assert_uint_eq(report.lost_surely, 9); /* 14 not done, of which 5 may be here */
    remove_dir();
}
END_TEST

/* After another boot the page can be older or newer than the files. */
START_TEST(after_a_loss_of_power_nothing_is_certain)
{
    struct journal_report report;

    make_dir();
    live(RECORDS, 100, 0, 0);
    tally->boot ^= 2;
    cut(FIRST, SEGMENT_HEADER + 5 * segment_entry_size(100));
    look(&report);
    ck_assert_uint_eq(report.lost, RECORDS - 5);
    ck_assert_uint_eq(report.lost_surely, 0);
    remove_dir();
    make_dir();
    live(RECORDS, 100, 0, 0);
    tally->boot ^= 2;
    tally->next -= 3;
    tally->undone = 2;
    look(&report);
    ck_assert_uint_eq(report.undone, RECORDS);
    ck_assert_uint_eq(report.lost, 0);
    remove_dir();
}
END_TEST

START_TEST(an_orderly_life_loses_nothing)
{
    struct journal_report report;
    uint64_t seq = 1;

    make_dir();
    live(2, 100, 0, 0);
    for (unsigned life = 0; life < 12; life++) {
        uint64_t next = seq + 2 + (life % 3 == 0);

        live(3, 1 << 20, seq, next); /* segments come and go at the front */
        seq = next;
        look(&report);
        ck_assert_uint_eq(report.lost + report.short_files + report.repaired + report.set_aside, 0);
    }
    ck_assert_uint_eq(report.undone, 38 + 1 - seq);
    live(0, 1, seq, 39); /* all is done with, and killed */
    look(&report);
    ck_assert_uint_eq(report.lost + report.undone, 0);
    live(2, 100, 0, 0);
    look(&report);
    ck_assert_uint_eq(report.lost, 0);
    ck_assert_uint_eq(report.undone, 2);
    remove_dir();
}
END_TEST

UNIT_MAIN("journal_damage", every_bit_of_the_header, every_bit_of_its_copy,
          without_both_headers_the_entries_say_it, a_payload_that_imitates_entries_is_not_believed,
          an_old_journal_is_delivered, what_another_program_left_is_not_touched,
          nothing_but_an_empty_file_is_removed, a_cut_end_is_told_to_the_record,
          a_gap_between_segments_is_told_to_the_record, all_of_it_gone_is_told,
          what_was_delivered_is_not_lost, after_a_loss_of_power_nothing_is_certain,
          an_orderly_life_loses_nothing)
