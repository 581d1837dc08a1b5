/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/stats.h"
#include "unit.h"

/* Every member another number, the last one the largest there is. */
static void fill(struct stats *s)
{
    uint64_t *value = (uint64_t *)s;
    size_t n = sizeof(*s) / sizeof(*value);

    for (size_t i = 0; i < n; i++)
        value[i] = i * 1000003;
    value[n - 1] = UINT64_MAX;
}

static void expect_numbers(const char *text, const struct stats *s)
{
    struct json_object *doc = json_tokener_parse(text), *item;
    const uint64_t *value = (const uint64_t *)s;
    const struct stats_row *row;
    size_t n = 0;

    ck_assert_ptr_nonnull(doc);
    for (; (row = stats_row_at(n)) != NULL; n++) {
        ck_assert_msg(json_object_object_get_ex(doc, row->name, &item), "no %s", row->name);
        ck_assert_uint_eq(json_object_get_uint64(item), value[n]);
        ck_assert_uint_gt(strlen(row->help), 0);
    }
    ck_assert_int_eq(json_object_object_length(doc), (int)n);
    json_object_put(doc);
}

START_TEST(every_row_is_in_the_json)
{
    struct buf out = BUF_INIT(16 << 10);
    struct stats s;

    fill(&s);
    ck_assert_int_eq(stats_write_json(&s, &out), 0);
    ck_assert_int_eq(out.data[out.len - 1], '\n');
    expect_numbers(buf_cstr(&out), &s);
    buf_done(&out);
}
END_TEST

START_TEST(members_stand_under_their_names)
{
    struct stats s = {.lines = 1, .delivered = 2, .receiver_up = 1};
    struct buf out = BUF_INIT(16 << 10);

    ck_assert_int_eq(stats_write_json(&s, &out), 0);
    ck_assert_ptr_nonnull(strstr(buf_cstr(&out), "{\"lines\":1,"));
    ck_assert_ptr_nonnull(strstr(buf_cstr(&out), ",\"delivered\":2,"));
    ck_assert_ptr_nonnull(strstr(buf_cstr(&out), ",\"receiver_up\":1}"));
    buf_done(&out);
}
END_TEST

START_TEST(a_full_buffer_is_left_as_it_was)
{
    struct buf out = BUF_INIT(100);
    struct stats s = {0};

    buf_append_str(&out, "before");
    ck_assert_int_eq(stats_write_json(&s, &out), -EMSGSIZE);
    ck_assert_str_eq(buf_cstr(&out), "before");
    buf_done(&out);
}
END_TEST

START_TEST(the_file_is_replaced_whole)
{
    char dir[] = "/tmp/oaj-stats-XXXXXX", path[64], beside[80], text[16 << 10];
    struct stats s;
    struct stat st;
    size_t len;
    FILE *file;
    int held;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/stats.json", dir);
    snprintf(beside, sizeof(beside), "%s.new", path);
    /* A link planted under the name beside it is not followed, an old file does not matter. */
    ck_assert_int_eq(symlink("/dev/full", beside), 0);
    file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fputs("old", file) >= 0, 1);
    ck_assert_int_eq(fclose(file), 0);
    held = open(path, O_RDONLY | O_CLOEXEC);
    umask(0);
    fill(&s);
    ck_assert_int_eq(stats_write_file(&s, path), 0);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_mode, S_IFREG | 0640);
    ck_assert_int_eq(lstat(beside, &st), -1);
    file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    len = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[len] = '\0';
    expect_numbers(text, &s);
    /* Who had the old one open still reads the old one. */
    ck_assert_int_eq(read(held, text, sizeof(text)), 3);
    close(held);
    unlink(path);
    rmdir(dir);
}
END_TEST

START_TEST(a_file_that_cannot_be_written_is_told)
{
    char dir[] = "/tmp/oaj-stats-XXXXXX", path[64], beside[80];
    struct stats s = {0};
    struct stat st;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/none/stats.json", dir);
    ck_assert_int_eq(stats_write_file(&s, path), -ENOENT);
    /* The target is a directory: rename fails, and nothing stays beside it. */
    snprintf(path, sizeof(path), "%s/d", dir);
    snprintf(beside, sizeof(beside), "%s.new", path);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert_int_eq(stats_write_file(&s, path), -EISDIR);
    ck_assert_int_eq(lstat(beside, &st), -1);
    rmdir(path);
    rmdir(dir);
}
END_TEST

UNIT_MAIN("stats", every_row_is_in_the_json, members_stand_under_their_names,
          a_full_buffer_is_left_as_it_was, the_file_is_replaced_whole,
          a_file_that_cannot_be_written_is_told)
