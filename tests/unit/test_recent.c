/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <fcntl.h>
#include <libaudit.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event/recent.h"
#include "input/record.h"
#include "unit.h"

/* Distinct, and spread like digests (so that some share a bucket). */
static uint64_t digest(uint64_t n)
{
    uint64_t x = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

START_TEST(equal_records_in_a_row_are_no_repeats_where_the_kernel_writes_them)
{
    struct recent *r = recent_new(64, 64);

    for (int i = 0; i < 3; i++) {
        ck_assert(!recent_is_repeat(r, digest(1), AUDIT_OBJ_PID));
        recent_stored(r, digest(1), 1);
    }
    /* The event comes again while it is open: in its order, so with others between. */
    ck_assert(!recent_is_repeat(r, digest(2), AUDIT_SYSCALL));
    recent_stored(r, digest(2), 1);
    ck_assert(recent_is_repeat(r, digest(2), AUDIT_SYSCALL));
    for (int i = 0; i < 3; i++)
        ck_assert(recent_is_repeat(r, digest(1), AUDIT_OBJ_PID));
    recent_settled(r, digest(1));
    ck_assert(recent_is_repeat(r, digest(1), AUDIT_OBJ_PID));
    recent_free(r);
}
END_TEST

START_TEST(a_kind_that_is_single_is_never_taken_twice)
{
    static const int single[] = {AUDIT_SYSCALL,      AUDIT_PATH,       AUDIT_CWD,
                                 AUDIT_EXECVE,       AUDIT_EOE,        AUDIT_PROCTITLE,
                                 AUDIT_LOGIN,        AUDIT_USER_LOGIN, AUDIT_SERVICE_START,
                                 AUDIT_DAEMON_START, AUDIT_ADD_USER};
    static const int several[] = {AUDIT_OBJ_PID, AUDIT_AVC, AUDIT_NETFILTER_CFG, -1};
    struct recent *r = recent_new(64, 64);

    for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
        ck_assert(!recent_is_repeat(r, digest(i), single[i]));
        recent_stored(r, digest(i), 1);
        ck_assert(recent_is_repeat(r, digest(i), single[i]));
    }
    for (size_t i = 0; i < sizeof(several) / sizeof(several[0]); i++) {
        ck_assert(!recent_is_repeat(r, digest(100 + i), several[i]));
        recent_stored(r, digest(100 + i), 1);
        ck_assert(!recent_is_repeat(r, digest(100 + i), several[i]));
    }
    recent_free(r);
}
END_TEST

START_TEST(after_a_restart_a_record_is_a_repeat_as_often_as_it_was_stored)
{
    struct recent *r = recent_new(64, 64);

    recent_replay(r, digest(1), 1, false);
    recent_replay(r, digest(1), 1, false);
    ck_assert(recent_is_repeat(r, digest(1), AUDIT_OBJ_PID));
    ck_assert(recent_is_repeat(r, digest(1), AUDIT_OBJ_PID));
    ck_assert(!recent_is_repeat(r, digest(1), AUDIT_OBJ_PID)); /* the third is a new one */
    recent_stored(r, digest(1), 1);
    recent_replay(r, digest(2), 1, true);
    for (int i = 0; i < 5; i++)
        ck_assert(recent_is_repeat(r, digest(2), AUDIT_OBJ_PID));
    recent_free(r);
}
END_TEST

static void fill(uint64_t size, uint64_t n)
{
    struct recent *r = recent_new(size, 64);

    for (uint64_t i = 0; i < n; i++) {
        ck_assert(!recent_is_repeat(r, digest(i), AUDIT_OBJ_PID));
        recent_replay(r, digest(i), 1, true);
        ck_assert(recent_is_repeat(r, digest(i), AUDIT_OBJ_PID));
        if (i >= size - 1)
            ck_assert(recent_is_repeat(r, digest(i - (size - 1)), AUDIT_OBJ_PID));
        if (i >= size)
            ck_assert(!recent_is_repeat(r, digest(i - size), AUDIT_OBJ_PID));
    }
    for (uint64_t i = 0; i < n; i++)
        ck_assert_int_eq(recent_is_repeat(r, digest(i), AUDIT_OBJ_PID), i + size >= n);
    recent_free(r);
}

START_TEST(the_oldest_is_forgotten_first_and_the_index_stays_right)
{
    fill(1, 100);
    fill(8, 10000);
    fill(1024, 100000);
    fill(RECENT_RECORDS, 3 * RECENT_RECORDS);
}
END_TEST

START_TEST(parts_of_an_event_are_remembered)
{
    struct recent *r = recent_new(64, 64);
    struct record a = {.sec = 1, .ms = 2, .serial = 3}, b = a;

    b.node = "x";
    b.node_len = 1;
    ck_assert_uint_eq(recent_parts(r, recent_event_digest(r, &a)), 0);
    recent_add_part(r, recent_event_digest(r, &a), 1, 1);
    recent_add_part(r, recent_event_digest(r, &a), 2, 1);
    ck_assert_uint_eq(recent_parts(r, recent_event_digest(r, &a)), 2);
    ck_assert_uint_eq(recent_parts(r, recent_event_digest(r, &b)), 0);
    recent_free(r);
}
END_TEST

START_TEST(the_file_brings_back_digests_seed_and_parts)
{
    char dir[] = "/tmp/oaj-recent-XXXXXX", path[64];
    struct record key = {.sec = 5, .serial = 6};
    struct recent *r;
    struct stat st;
    uint64_t event;
    int fd;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    fd = open(dir, O_RDONLY | O_DIRECTORY);
    r = recent_new(1024, 64);
    ck_assert_int_eq(recent_load(r, fd), 0);
    event = recent_event_digest(r, &key);
    recent_add_part(r, event, 1, 1);
    recent_add_part(r, event, 3, 4);
    for (uint64_t i = 0; i < 3000; i++) { /* more than the ring holds, in uneven pieces */
        recent_stored(r, digest(i), 1 + i / 100);
        if (i % 700 == 0)
            ck_assert_int_eq(recent_save(r, i / 100), 0);
    }
    ck_assert_int_eq(recent_save(r, 30), 0);
    recent_free(r);

    r = recent_new(1024, 64);
    ck_assert_int_eq(recent_load(r, fd), 0);
    ck_assert_uint_eq(recent_event_digest(r, &key), event);
    ck_assert_uint_eq(recent_parts(r, event), 3);
    for (uint64_t i = 3000 - 1024; i < 3000; i++)
        ck_assert(recent_is_repeat(r, digest(i), AUDIT_OBJ_PID));
    ck_assert(!recent_is_repeat(r, digest(3000 - 1025), AUDIT_OBJ_PID));
    /* A record that is in the journal still is not settled by the file. */
    recent_replay(r, digest(2999), 1, false);
    ck_assert(recent_is_repeat(r, digest(2999), AUDIT_OBJ_PID));
    ck_assert(!recent_is_repeat(r, digest(2999), AUDIT_OBJ_PID));
    recent_free(r);

    snprintf(path, sizeof(path), "%s/recent", dir);
    ck_assert_int_eq(truncate(path, 10), 0);
    r = recent_new(1024, 64);
    ck_assert_int_lt(recent_load(r, fd), 0); /* said, and a new one is begun */
    recent_stored(r, digest(7), 1);
    ck_assert_int_eq(recent_save(r, 1), 0);
    recent_free(r);
    r = recent_new(1024, 64);
    ck_assert_int_eq(recent_load(r, fd), 0);
    ck_assert(recent_is_repeat(r, digest(7), AUDIT_OBJ_PID));
    recent_free(r);

    /* Its blocks are there from the start; one that got no further has nothing to say. */
    ck_assert_int_eq(truncate(path, 0), 0);
    ck_assert_int_eq(truncate(path, 4096), 0);
    r = recent_new(1024, 64);
    ck_assert_int_eq(recent_load(r, fd), 0);
    recent_free(r);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_ge(st.st_blocks * 512, (1024 + 64) * 8);
    close(fd);
    unlink(path);
    rmdir(dir);
}
END_TEST

/* What would a start know that finds the file alone? */
static struct recent *only_the_file(int fd)
{
    struct recent *r = recent_new(256, 64);

    ck_assert_int_eq(recent_load(r, fd), 0);
    return r;
}

START_TEST(what_stays_in_the_journal_is_not_in_the_file)
{
    char dir[] = "/tmp/oaj-recent-XXXXXX", path[64];
    struct record key[4] = {{.serial = 1}, {.serial = 2}, {.serial = 3}, {.serial = 4}};
    uint64_t event[4], segment = 65534; /* they are numbered on for ever */
    struct recent *r, *s;
    int fd;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    fd = open(dir, O_RDONLY | O_DIRECTORY);
    r = only_the_file(fd);
    for (unsigned i = 0; i < 4; i++)
        event[i] = recent_event_digest(r, &key[i]);
    for (uint64_t i = 0; i < 40; i++) /* ten in a segment */
        recent_stored(r, digest(i), segment + i / 10);
    recent_stored(r, digest(9), segment + 1); /* as if it stood in the next one, too */
    /* They settle in another order than they came. */
    recent_add_part(r, event[2], 1, segment + 2);
    recent_add_part(r, event[0], 1, segment);
    recent_add_part(r, event[1], 1, segment + 1);
    recent_add_part(r, event[0], 2, segment + 1);

    for (unsigned gone = 0; gone < 4; gone++) {
        ck_assert_int_eq(recent_save(r, segment + gone), 0);
        s = only_the_file(fd);
        for (uint64_t i = 0; i < 40; i++)
            ck_assert_int_eq(recent_is_repeat(s, digest(i), AUDIT_OBJ_PID), i / 10 <= gone);
        ck_assert_uint_eq(recent_parts(s, event[0]), 2);
        ck_assert_uint_eq(recent_parts(s, event[1]), gone >= 1);
        ck_assert_uint_eq(recent_parts(s, event[2]), gone >= 2 ? 1 + (gone == 3) : 0);
        ck_assert_uint_eq(recent_parts(s, event[3]), 0);
        recent_free(s);
        if (gone == 2) /* its first part has left already */
            recent_add_part(r, event[2], 2, segment + 3);
    }
    /* The next life goes on with file and journal: what both have is not saved twice. */
    s = only_the_file(fd);
    recent_replay(s, digest(39), segment + 3, true);
    for (uint64_t i = 40; i < 256; i++)
        recent_replay(s, digest(i), segment + 4, true);
    ck_assert_int_eq(recent_save(s, segment + 4), 0);
    recent_free(s);
    s = only_the_file(fd);
    for (uint64_t i = 0; i < 256; i++)
        ck_assert(recent_is_repeat(s, digest(i), AUDIT_OBJ_PID));
    recent_free(s);
    recent_free(r);
    close(fd);
    snprintf(path, sizeof(path), "%s/recent", dir);
    unlink(path);
    rmdir(dir);
}
END_TEST

START_TEST(what_could_not_be_saved_is_saved_with_the_next)
{
    char dir[] = "/tmp/oaj-recent-XXXXXX", path[64];
    struct record key = {.serial = 1};
    struct rlimit limit = {0}, old;
    struct recent *r;
    uint64_t event;
    int fd;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    fd = open(dir, O_RDONLY | O_DIRECTORY);
    r = only_the_file(fd);
    event = recent_event_digest(r, &key);
    recent_stored(r, digest(1), 1);
    recent_add_part(r, event, 1, 1);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    limit.rlim_max = old.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_lt(recent_save(r, 1), 0);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
    recent_stored(r, digest(2), 2);
    ck_assert_int_eq(recent_save(r, 2), 0);
    recent_free(r);
    r = only_the_file(fd);
    ck_assert(recent_is_repeat(r, digest(1), AUDIT_OBJ_PID));
    ck_assert(recent_is_repeat(r, digest(2), AUDIT_OBJ_PID));
    ck_assert_uint_eq(recent_parts(r, event), 1);
    recent_free(r);
    close(fd);
    snprintf(path, sizeof(path), "%s/recent", dir);
    unlink(path);
    rmdir(dir);
}
END_TEST

UNIT_MAIN("recent", equal_records_in_a_row_are_no_repeats_where_the_kernel_writes_them,
          a_kind_that_is_single_is_never_taken_twice,
          after_a_restart_a_record_is_a_repeat_as_often_as_it_was_stored,
          the_oldest_is_forgotten_first_and_the_index_stays_right, parts_of_an_event_are_remembered,
          the_file_brings_back_digests_seed_and_parts, what_stays_in_the_journal_is_not_in_the_file,
          what_could_not_be_saved_is_saved_with_the_next)
