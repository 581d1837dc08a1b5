/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "event/names.h"
#include "unit.h"

/* A passwd service that counts how often it is asked: even uids have names. */
static bool counting(void *ctx, uint32_t uid, char *out, size_t size)
{
    (*(unsigned *)ctx)++;
    return uid % 2 == 0 && snprintf(out, size, "u%u", uid) > 0;
}

START_TEST(remembers_names_and_misses)
{
    unsigned asked = 0;
    struct names *n = names_new(counting, &asked);

    for (int i = 0; i < 1000; i++) {
        ck_assert_str_eq(names_user(n, 1000, 5), "u1000");
        ck_assert_ptr_null(names_user(n, 1001, 5));
    }
    ck_assert_uint_eq(asked, 2);
    names_free(n);
}
END_TEST

START_TEST(forgets_after_their_lifetime)
{
    unsigned asked = 0;
    struct names *n = names_new(counting, &asked);

    names_user(n, 2, 1);
    names_user(n, 3, 1);
    names_user(n, 2, NAMES_KNOWN_MS);
    names_user(n, 3, NAMES_UNKNOWN_MS);
    ck_assert_uint_eq(asked, 2);
    names_user(n, 3, NAMES_UNKNOWN_MS + 1);
    ck_assert_uint_eq(asked, 3);
    names_user(n, 2, NAMES_KNOWN_MS + 1);
    ck_assert_uint_eq(asked, 4);
    names_free(n);
}
END_TEST

/* More users than slots: every answer is right, and a small set in use stays known. */
START_TEST(is_bounded)
{
    unsigned asked = 0;
    struct names *n = names_new(counting, &asked);
    char name[NAMES_SIZE];

    for (uint32_t uid = 0; uid < 100000; uid += 2) {
        snprintf(name, sizeof(name), "u%u", uid);
        ck_assert_str_eq(names_user(n, uid, 1), name);
    }
    for (uint32_t uid = 0; uid < 100; uid++)
        names_user(n, uid, 2);
    asked = 0;
    for (uint32_t uid = 0; uid < 100; uid++)
        names_user(n, uid, 3);
    ck_assert_uint_le(asked, 20);
    names_free(n);
}
END_TEST

START_TEST(asks_the_host_by_default)
{
    struct names *n = names_new(NULL, NULL);
    struct passwd *pw = getpwuid(geteuid());

    if (pw)
        ck_assert_str_eq(names_user(n, geteuid(), 1), pw->pw_name);
    else
        ck_assert_ptr_null(names_user(n, geteuid(), 1));
    names_free(n);
    names_free(NULL);
}
END_TEST

/* A user and a group of one number are two. */
START_TEST(groups_are_remembered_too)
{
    unsigned users = 0, groups = 0;
    struct names *n = names_new(counting, &users);

    ck_assert_ptr_null(names_group(n, 1000, 5));
    names_set_groups(n, counting, &groups);
    ck_assert_ptr_null(names_group(n, 1000, 5)); /* a miss is remembered */
    for (int i = 0; i < 1000; i++) {
        ck_assert_str_eq(names_group(n, 1002, 5), "u1002");
        ck_assert_str_eq(names_user(n, 1002, 5), "u1002");
    }
    ck_assert_uint_eq(users, 1);
    ck_assert_uint_eq(groups, 1);
    ck_assert_str_eq(names_group(n, 1000, 5 + NAMES_UNKNOWN_MS), "u1000");
    names_free(n);
}
END_TEST

START_TEST(asks_the_group_service)
{
    struct names *n = names_new(NULL, NULL);
    struct group *gr = getgrgid(0);
    const char *name = names_group(n, 0, 1);

    ck_assert(gr ? name && strcmp(name, gr->gr_name) == 0 : !name);
    ck_assert_ptr_null(names_group(n, 4000000000u, 1));
    names_free(n);
}
END_TEST

UNIT_MAIN("names", remembers_names_and_misses, forgets_after_their_lifetime, is_bounded,
          asks_the_host_by_default, groups_are_remembered_too, asks_the_group_service)
