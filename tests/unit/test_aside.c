/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/aside.h"
#include "base/buf.h"
#include "unit.h"

#define PLENTY ((uint64_t)1 << 30)

static char dir[64];
static int dir_fd;
static struct buf gone; /* names with the error, if any */

static void make_dir(void)
{
    snprintf(dir, sizeof(dir), "/tmp/oaj-aside-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    dir_fd = open(dir, O_RDONLY | O_DIRECTORY);
    ck_assert_int_ge(dir_fd, 0);
    gone = BUF_INIT(65536);
}

static void remove_dir(void)
{
    char command[128];

    close(dir_fd);
    buf_done(&gone);
    snprintf(command, sizeof(command), "rm -rf '%s'", dir);
    ck_assert_int_eq(system(command), 0);
}

static void make(const char *name, size_t bytes)
{
    static uint32_t noise = 1; /* some file systems compress */
    uint32_t block[1024];
    int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

    for (size_t i = 0; i < sizeof(block) / sizeof(block[0]); i++)
        block[i] = noise = noise * 1664525 + 1013904223;
    ck_assert_int_ge(fd, 0);
    for (size_t n = 0; n < bytes; n += sizeof(block))
        ck_assert_int_eq(write(fd, block, sizeof(block)), (ssize_t)sizeof(block));
    ck_assert_int_eq(fsync(fd), 0); /* its blocks are there */
    close(fd);
}

static bool there(const char *name)
{
    return faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool ours(const char *name, size_t len)
{
    return len == 3 && name[0] == 's';
}

static void dropped(void *ctx, const char *name, uint64_t bytes, int error)
{
    ck_assert_ptr_eq(ctx, &gone);
    ck_assert_uint_eq(bytes % 512, 0);
    buf_printf(&gone, "%s%s ", name, error < 0 ? "!" : "");
}

static const char *bound(uint64_t bytes)
{
    struct aside a = {
        .dir_fd = dir_fd, .ours = ours, .bytes = bytes, .dropped = dropped, .ctx = &gone};

    gone.len = 0;
    aside_bound(&a);
    return buf_cstr(&gone);
}

/* The clock of a file system is coarse, and two in the same tick go by their names. */
static void next_tick(void)
{
    struct stat before, after;

    make("tick", 0);
    ck_assert_int_eq(fstatat(dir_fd, "tick", &before, 0), 0);
    do {
        ck_assert_int_eq(fchmodat(dir_fd, "tick", 0600, 0), 0);
        ck_assert_int_eq(fstatat(dir_fd, "tick", &after, 0), 0);
    } while (after.st_ctim.tv_sec == before.st_ctim.tv_sec &&
             after.st_ctim.tv_nsec == before.st_ctim.tv_nsec);
    unlinkat(dir_fd, "tick", 0);
}

START_TEST(a_name_that_is_taken_gets_a_number)
{
    make_dir();
    for (int i = 0; i < 3; i++) {
        make("s01", 0);
        ck_assert_int_eq(aside_put(dir_fd, "s01"), 0);
    }
    ck_assert(there("s01.bad") && there("s01.bad.1") && there("s01.bad.2") && !there("s01"));
    ck_assert_int_eq(aside_put(dir_fd, "s01"), -ENOENT);
    remove_dir();
}
END_TEST

START_TEST(the_oldest_go_first)
{
    char name[16];

    make_dir();
    /* In an order that is none of the names. */
    for (int i = 0; i < ASIDE_FILES + 3; i++) {
        snprintf(name, sizeof(name), "s%02d", i * 7 % 100);
        make(name, 0);
        ck_assert_int_eq(aside_put(dir_fd, name), 0);
        next_tick();
    }
    ck_assert_str_eq(bound(PLENTY), "s00.bad s07.bad s14.bad ");
    ck_assert(!there("s00.bad") && !there("s14.bad") && there("s21.bad"));
    ck_assert_str_eq(bound(PLENTY), "");
    /* The same segment's name once more is the youngest, not the oldest. */
    make("s00", 0);
    ck_assert_int_eq(aside_put(dir_fd, "s00"), 0);
    ck_assert_str_eq(bound(PLENTY), "s21.bad ");
    remove_dir();
}
END_TEST

START_TEST(bytes_are_bounded_and_the_last_one_stays)
{
    make_dir();
    make("s03.bad", 65536);
    next_tick();
    make("s02.bad", 65536);
    next_tick();
    make("s01.bad", 65536);
    ck_assert_str_eq(bound(4 * 65536), "");
    ck_assert_str_eq(bound(2 * 65536 + 32768), "s03.bad ");
    ck_assert_str_eq(bound(32768), "s02.bad ");
    ck_assert(there("s01.bad"));
    remove_dir();
}
END_TEST

START_TEST(other_names_are_left_alone)
{
    static const char *const names[] = {"x01.bad", "s001.bad",   "s01",       "s02.bad.",
                                        "notes",   "s02.bad.1x", "s02.badly", ".bad"};
    size_t n = sizeof(names) / sizeof(names[0]);

    make_dir();
    make("s01.bad.7", 4096);
    for (size_t i = 0; i < n; i++)
        make(names[i], 4096);
    next_tick();
    make("s02.bad", 4096);
    ck_assert_str_eq(bound(0), "s01.bad.7 ");
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(there(names[i]), "%s", names[i]);
    remove_dir();
}
END_TEST

/* Whatever stood there under a segment's name. */
START_TEST(folders_and_links_too)
{
    make_dir();
    ck_assert_int_eq(mkdirat(dir_fd, "s01.bad", 0700), 0);
    ck_assert_int_eq(mkdirat(dir_fd, "s02.bad", 0700), 0);
    make("s02.bad/file", 0);
    make("target", 0);
    ck_assert_int_eq(symlinkat("target", dir_fd, "s03.bad"), 0);
    next_tick();
    for (int i = 0; i < ASIDE_FILES; i++) {
        char name[16];

        snprintf(name, sizeof(name), "s%d.bad", 10 + i);
        make(name, 0);
    }
    ck_assert_str_eq(bound(PLENTY), "s01.bad s02.bad! s03.bad ");
    ck_assert(!there("s01.bad") && there("s02.bad/file") && !there("s03.bad") && there("target"));
    remove_dir();
}
END_TEST

UNIT_MAIN("aside", a_name_that_is_taken_gets_a_number, the_oldest_go_first,
          bytes_are_bounded_and_the_last_one_stays, other_names_are_left_alone,
          folders_and_links_too)
