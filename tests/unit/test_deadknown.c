/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deliver/deadletter.h"
#include "deliver/deadletter_name.h"
#include "deliver/deadread.h"
#include "unit.h"

#define FILE_BYTES 1000000

static char dir[64];

static struct deadletter *first_life(void)
{
    struct deadletter *dl;

    snprintf(dir, sizeof(dir), "/tmp/deadknown.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(deadletter_new(dir, FILE_BYTES, 3, &dl), 0);
    return dl;
}

static struct deadletter *next_life(struct deadletter *dl)
{
    deadletter_free(dl);
    ck_assert_int_eq(deadletter_new(dir, FILE_BYTES, 3, &dl), 0);
    ck_assert_int_eq(deadletter_recall(dl), 0);
    return dl;
}

static void end(struct deadletter *dl)
{
    char name[DEADLETTER_NAME_SIZE], path[128];

    deadletter_free(dl);
    for (uint64_t i = 1; i < 20; i++) {
        deadletter_file_name(i, name);
        snprintf(path, sizeof(path), "%s/%s", dir, name);
        (void)unlink(path);
    }
    ck_assert_int_eq(rmdir(dir), 0);
}

static struct deadletter_entry record(uint32_t seed, uint64_t seq, const char *line)
{
    return (struct deadletter_entry){.key = deadletter_key_of_record(seed, seq, line, strlen(line)),
                                     .reason = "died",
                                     .line = line,
                                     .line_len = strlen(line)};
}

static void add(struct deadletter *dl, uint32_t seed, uint64_t seq, const char *line)
{
    struct deadletter_entry e = record(seed, seq, line);

    ck_assert_int_eq(deadletter_add(dl, &e), 0);
}

static int count_one(void *ctx, const struct deadread_place *place, const char *line,
                     const struct deadread *entry)
{
    (void)place;
    (void)line;
    *(unsigned *)ctx += entry != NULL;
    return 0;
}

static int find_one(void *ctx, const struct deadread_place *place, const char *line,
                    const struct deadread *entry)
{
    (void)line;
    (void)entry;
    *(struct deadread_place *)ctx = *place;
    return 0;
}

static unsigned entries(void)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY);
    unsigned n = 0;

    ck_assert_int_eq(deadread_walk(fd, count_one, &n), 0);
    close(fd);
    return n;
}

START_TEST(a_key_is_read_back)
{
    struct deadletter_key k = deadletter_key_of_record(7, 8, "x", 1), again;
    char text[DEADLETTER_KEY_TEXT];

    deadletter_key_text(&k, text);
    ck_assert(deadletter_key_parse(text, strlen(text), &again));
    ck_assert_mem_eq(&k, &again, sizeof(k));
    ck_assert(!deadletter_key_parse(text, strlen(text) - 1, &again));
    text[3] = 'g';
    ck_assert(!deadletter_key_parse(text, strlen(text), &again));
    memset(text, '0', sizeof(text) - 1);
    ck_assert(!deadletter_key_parse(text, strlen(text), &again));
    k = deadletter_key_of_record(7, 9, "x", 1);
    again = deadletter_key_of_record(8, 8, "x", 1);
    ck_assert_mem_ne(&k, &again, sizeof(k));
}
END_TEST

START_TEST(a_record_is_written_once)
{
    struct deadletter *dl = first_life();
    char line[32];

    for (unsigned life = 0; life < 4; life++) {
        /* killed behind some more of them each time, and a full disk within a life */
        for (unsigned i = 0; i < 1000 + life * 1000; i++) {
            snprintf(line, sizeof(line), "record %u", i / 2 * 2); /* in pairs that are equal */
            add(dl, 1, i, line);
        }
        add(dl, 1, 0, "record 0");
        dl = next_life(dl);
    }
    ck_assert_uint_eq(entries(), 4000);
    add(dl, 1, 0, "another with its number");
    add(dl, 2, 0, "record 0"); /* another journal's */
    ck_assert_uint_eq(entries(), 4002);
    end(dl);
}
END_TEST

START_TEST(an_event_is_written_once)
{
    struct deadletter *dl = first_life();
    struct deadletter_entry e = {.key = deadletter_key_of_event("n:1.002:3:1:ab"),
                                 .reason = "refused by the receiver",
                                 .id = "n:1.002:3:1:ab",
                                 .doc = "{}",
                                 .doc_len = 2};
    struct deadread_place place;
    int fd = open(dir, O_RDONLY | O_DIRECTORY);

    ck_assert_int_eq(deadletter_add(dl, &e), 0);
    dl = next_life(dl);
    ck_assert_int_eq(deadletter_add(dl, &e), 0);
    ck_assert_uint_eq(deadletter_counts(dl).added, 0);
    /* taken out to be sent again, and refused again: it is not there */
    ck_assert_int_eq(deadread_walk(fd, find_one, &place), 0);
    ck_assert_int_eq(deadread_take_out(fd, &place, 1), 0);
    ck_assert_int_eq(deadletter_add(dl, &e), 0);
    ck_assert_uint_eq(deadletter_counts(dl).added, 1);
    ck_assert_int_eq(deadletter_add(dl, &e), 0);
    ck_assert_uint_eq(entries(), 1);
    close(fd);
    end(dl);
}
END_TEST

/* A life that ended within an entry, or whose last blocks did not reach the disk. */
static void damaged(off_t keep, bool zeros)
{
    struct deadletter *dl = first_life();
    char path[128], name[DEADLETTER_NAME_SIZE];
    struct stat st;
    int fd;

    add(dl, 1, 1, "first");
    add(dl, 1, 2, "second");
    deadletter_file_name(1, name);
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    fd = open(path, O_RDWR);
    ck_assert_int_eq(fstat(fd, &st), 0);
    ck_assert_int_eq(ftruncate(fd, st.st_size - keep), 0);
    if (zeros) {
        ck_assert_int_eq(ftruncate(fd, st.st_size - 1), 0);
        ck_assert_int_eq(pwrite(fd, "\n", 1, st.st_size - 1), 1);
    }
    close(fd);
    dl = next_life(dl);
    add(dl, 1, 1, "first");
    add(dl, 1, 2, "second");
    ck_assert_uint_eq(deadletter_counts(dl).added, 1);
    ck_assert_uint_eq(entries(), 2);
    end(dl);
}

START_TEST(half_an_entry_is_none)
{
    damaged(1, false);
    damaged(2, false);
    damaged(20, false);
    damaged(3, true);
    damaged(30, true);
}
END_TEST

START_TEST(a_removed_file_is_not_counted_on)
{
    struct deadletter *dl = first_life();
    char path[128];

    add(dl, 1, 1, "first");
    snprintf(path, sizeof(path), "%s/0000000001.json", dir);
    dl = next_life(dl);
    ck_assert_int_eq(unlink(path), 0);
    add(dl, 1, 1, "first");
    ck_assert_uint_eq(deadletter_counts(dl).added, 1);
    end(dl);
}
END_TEST

UNIT_MAIN("deadknown", a_key_is_read_back, a_record_is_written_once, an_event_is_written_once,
          half_an_entry_is_none, a_removed_file_is_not_counted_on)
