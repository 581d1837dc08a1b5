/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/aside.h"
#include "unit.h"

static char dir[64];
static int dir_fd;

static void make_dir(void)
{
    snprintf(dir, sizeof(dir), "/tmp/oaj-aside-XXXXXX");
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

START_TEST(a_name_that_is_taken_gets_a_number)
{
    make_dir();
    for (int i = 0; i < 3; i++) {
        make("s01", 0);
        ck_assert_int_eq(aside_put(dir_fd, "s01"), 0);
    }
    ck_assert(there("s01.bad") && there("s01.bad.1") && there("s01.bad.2") && !there("s01"));
    ck_assert_int_eq(aside_put(dir_fd, "s01"), -ENOENT);
    /* a link that leads nowhere has its name, too */
    ck_assert_int_eq(symlinkat("nowhere", dir_fd, "s02.bad"), 0);
    make("s02", 0);
    ck_assert_int_eq(aside_put(dir_fd, "s02"), 0);
    ck_assert(there("s02.bad") && there("s02.bad.1"));
    remove_dir();
}
END_TEST

/* Each of them may hold what was answered. */
START_TEST(never_one_of_a_thousand_is_replaced)
{
    struct aside a = {.ours = ours};

    make_dir();
    a.dir_fd = dir_fd;
    for (size_t i = 0; i < 1005; i++) {
        int fd = openat(dir_fd, "s01", O_WRONLY | O_CREAT | O_EXCL, 0600);

        ck_assert_int_ge(fd, 0);
        close(fd);
        ck_assert_int_eq(aside_put(dir_fd, "s01"), 0);
    }
    aside_count(&a);
    ck_assert_uint_eq(a.files, 1005);
    remove_dir();
}
END_TEST

START_TEST(they_are_counted_and_nothing_else)
{
    static const char *const others[] = {"x01.bad", "s001.bad",   "s01",       "s02.bad.",
                                         "notes",   "s02.bad.1x", "s02.badly", ".bad"};
    struct aside a = {.ours = ours};

    make_dir();
    a.dir_fd = dir_fd;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        make(others[i], 4096);
    aside_count(&a);
    ck_assert_uint_eq(a.files, 0);
    ck_assert_uint_eq(a.bytes, 0);
    make("s01.bad.7", 65536);
    make("s02.bad", 65536);
    ck_assert_int_eq(mkdirat(dir_fd, "s03.bad", 0700), 0);
    ck_assert_int_eq(symlinkat("notes", dir_fd, "s04.bad"), 0);
    aside_count(&a);
    ck_assert_uint_eq(a.files, 4);
    ck_assert_uint_ge(a.bytes, 2 * 65536);
    ck_assert_uint_lt(a.bytes, 3 * 65536);
    ck_assert_uint_eq(aside_is_one("s01.bad.7", ours), 3);
    ck_assert_uint_eq(aside_is_one("s01.bad.salvaged", ours), 0);
    remove_dir();
}
END_TEST

UNIT_MAIN("aside", a_name_that_is_taken_gets_a_number, never_one_of_a_thousand_is_replaced,
          they_are_counted_and_nothing_else)
