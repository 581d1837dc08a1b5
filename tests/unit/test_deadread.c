/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "deliver/deadletter.h"
#include "deliver/deadread.h"
#include "unit.h"

static char dir[64];

static int new_dir(void)
{
    snprintf(dir, sizeof(dir), "/tmp/deadread.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    return open(dir, O_RDONLY | O_DIRECTORY);
}

static void remove_dir(int fd)
{
    DIR *d = opendir(dir);
    const struct dirent *de;

    while ((de = readdir(d)))
        (void)unlinkat(fd, de->d_name, 0);
    closedir(d);
    close(fd);
    ck_assert_int_eq(rmdir(dir), 0);
}

/* What deadletter_write() writes comes back byte for byte. */
static void goes_round(const struct deadletter_entry *e, const char *text, size_t len)
{
    struct buf b = BUF_INIT(1 << 20);
    struct deadread d;

    deadletter_write(&b, e);
    ck_assert_int_eq(deadread_parse(b.data, b.len - 1, &d), 0);
    ck_assert_str_eq(d.reason, e->reason);
    ck_assert_uint_eq(d.text_len, len);
    ck_assert_mem_eq(d.text, text, len);
    ck_assert_int_eq(d.is_document, e->id != NULL);
    if (e->id)
        ck_assert_str_eq(d.id, e->id);
    deadread_done(&d);
    buf_done(&b);
}

START_TEST(bytes_come_back)
{
    static const char *const documents[] = {
        "{\"event\":{\"a\":\"}\"}, \"b\" : 1.50}",
        "{}",
        "{\"a\":\"\\u0000\\\"\\\\\",\"event\":[]}",
        "before {\"a\":1} after\nand more", /* no JSON: kept as a text */
        "[[[[{\"x\":{}}]]]]",
    };
    static const char bytes[] = "a\0b\xff\xfe\r\n\x1b";
    struct deadletter_entry e = {.reason = "re\"as,\"event\":on \\",
                                 .id = "n:1.002:3:1:ab",
                                 .status = 400,
                                 .answer = "{\"event\":{}}\",\"event\":1",
                                 .answer_len = 23};

    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        e.doc = documents[i];
        e.doc_len = strlen(documents[i]);
        goes_round(&e, e.doc, e.doc_len);
    }
    e = (struct deadletter_entry){.reason = "no audit record header", .line = bytes};
    for (e.line_len = 0; e.line_len < sizeof(bytes); e.line_len++)
        goes_round(&e, bytes, e.line_len);
}
END_TEST

START_TEST(what_is_no_entry_is_refused)
{
    static const char *const bad[] = {
        "",
        " ",
        "{",
        "[]",
        "{}",
        "null",
        "{\"time\":\"x\",\"reason\":\"y\"}",

        "{\"time\":1,\"reason\":\"y\",\"line\":\"z\"}",
        "{\"time\":\"x\",\"line\":\"z\"}",
        "{\"time\":\"x\",\"reason\":\"y\",\"line\":\"z",
    };
    struct deadread d;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_int_eq(deadread_parse(bad[i], strlen(bad[i]), &d), -EBADMSG);
}
END_TEST

struct seen {
    struct deadread_place at[64];
    size_t n, damaged;
};

static int see(void *ctx, const struct deadread_place *place, const char *line,
               const struct deadread *entry)
{
    struct seen *s = ctx;

    ck_assert_uint_eq(strlen(line), place->len);
    s->damaged += entry == NULL;
    s->at[s->n++] = *place;
    return 0;
}

static struct seen walk(int fd)
{
    struct seen s = {.n = 0};

    ck_assert_int_eq(deadread_walk(fd, see, &s), 0);
    return s;
}

static void add(struct deadletter *dl, char c)
{
    struct deadletter_entry e = {.reason = "r", .line = &c, .line_len = 1};

    ck_assert_int_eq(deadletter_add(dl, &e), 0);
    ck_assert_int_eq(deadletter_sync(dl), 0);
}

START_TEST(taken_out_beside_a_writer)
{
    int fd = new_dir();
    struct deadletter *dl;
    struct seen s;

    /* three entries a file */
    ck_assert_int_eq(deadletter_new(dir, 220, 8, &dl), 0);
    for (char c = 'a'; c < 'h'; c++)
        add(dl, c);
    s = walk(fd);
    ck_assert_uint_eq(s.n, 7);
    ck_assert_uint_eq(s.at[0].file, 1);
    ck_assert_uint_eq(s.at[6].file, 3);
    ck_assert_uint_eq(s.at[6].number, 1);
    /* the second of the first file, all of the second, and what the writer has open */
    s.at[0] = s.at[1];
    memmove(&s.at[1], &s.at[3], 4 * sizeof(s.at[0]));
    ck_assert_int_eq(deadread_take_out(fd, s.at, 5), 0);
    ck_assert_int_lt(faccessat(fd, "0000000002.json", F_OK, 0), 0);
    ck_assert_int_eq(faccessat(fd, "0000000003.json", F_OK, 0), 0);
    add(dl, 'h');
    s = walk(fd);
    ck_assert_uint_eq(s.n, 3);
    ck_assert_uint_eq(s.damaged, 0);
    ck_assert_uint_eq(s.at[0].number, 1);
    ck_assert_uint_eq(s.at[1].number, 3);
    ck_assert_uint_eq(s.at[2].file, 3);
    ck_assert_uint_eq(s.at[2].number, 2);
    /* again: nothing there any more, nothing happens */
    ck_assert_int_eq(deadread_take_out(fd, s.at, 2), 0);
    ck_assert_int_eq(deadread_take_out(fd, s.at, 2), 0);
    ck_assert_uint_eq(walk(fd).n, 1);
    deadletter_free(dl);
    remove_dir(fd);
}
END_TEST

/* The writer cut the file after a sync that failed: nothing is written behind its end. */
START_TEST(a_file_that_shrank)
{
    int fd = new_dir(), file;
    struct deadletter *dl;
    struct seen s;

    ck_assert_int_eq(deadletter_new(dir, 10000, 8, &dl), 0);
    add(dl, 'a');
    add(dl, 'b');
    deadletter_free(dl);
    s = walk(fd);
    file = openat(fd, "0000000001.json", O_RDWR);
    ck_assert_int_eq(ftruncate(file, s.at[1].offset), 0);
    ck_assert_int_eq(deadread_take_out(fd, &s.at[1], 1), 0);
    ck_assert_int_eq(lseek(file, 0, SEEK_END), s.at[1].offset);
    close(file);
    ck_assert_uint_eq(walk(fd).n, 1);
    remove_dir(fd);
}
END_TEST

START_TEST(torn_and_damaged_lines)
{
    static const char text[] = "{\"nonsense\n"
                               "   left over\":1}\n"
                               "{\"time\":\"t\",\"reason\":\"r\",\"line\":\"x\"}\n"
                               "{\"torn";
    int fd = new_dir(), file = openat(fd, "0000000001.json", O_WRONLY | O_CREAT, 0600);
    struct seen s;

    ck_assert_int_eq(write(file, text, strlen(text)), strlen(text));
    close(file);
    s = walk(fd);
    ck_assert_uint_eq(s.n, 2);
    ck_assert_uint_eq(s.damaged, 1);
    ck_assert_uint_eq(s.at[1].number, 3);
    remove_dir(fd);
}
END_TEST

/* Nobody waits for a pipe, neither who reads them nor the program when it makes room. */
START_TEST(what_is_no_file_holds_nobody_up)
{
    int fd = new_dir();
    struct deadletter *dl;
    struct seen s = {.n = 0};

    ck_assert_int_eq(mkfifoat(fd, "0000000001.json", 0600), 0);
    ck_assert_int_eq(deadread_walk(fd, see, &s), -EINVAL);
    ck_assert_int_eq(mkfifoat(fd, "0000000002.json", 0600), 0);
    ck_assert_int_eq(deadletter_new(dir, 100, 2, &dl), 0);
    for (char c = 'a'; c < 'e'; c++)
        add(dl, c);
    ck_assert_int_lt(faccessat(fd, "0000000001.json", F_OK, 0), 0);
    deadletter_free(dl);
    remove_dir(fd);
}
END_TEST

UNIT_MAIN("deadread", bytes_come_back, what_is_no_entry_is_refused, taken_out_beside_a_writer,
          a_file_that_shrank, torn_and_damaged_lines, what_is_no_file_holds_nobody_up)
