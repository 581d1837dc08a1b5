/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "deliver/deadletter.h"
#include "unit.h"

static char dir[64];
static unsigned warnings;

static void count_warning(void *ctx, enum log_level level, const char *line)
{
    (void)ctx;
    (void)level;
    ck_assert_ptr_nonnull(strstr(line, "was dropped"));
    warnings++;
}

/* A path that does not exist, in a folder of its own. */
static const char *new_dir(void)
{
    snprintf(dir, sizeof(dir), "/tmp/deadletter.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    strncat(dir, "/dl", sizeof(dir) - strlen(dir) - 1);
    log_set_sink(count_warning, NULL);
    return dir;
}

static void remove_dir(void)
{
    char path[400];
    DIR *d = opendir(dir);
    const struct dirent *de;

    while (d && (de = readdir(d))) {
        snprintf(path, sizeof(path), "%s/%s", dir, de->d_name);
        unlink(path);
    }
    if (d)
        closedir(d);
    rmdir(dir);
    dir[strlen(dir) - 3] = '\0';
    ck_assert_int_eq(rmdir(dir), 0);
}

static unsigned count_files(void)
{
    DIR *d = opendir(dir);
    const struct dirent *de;
    unsigned n = 0;

    while ((de = readdir(d)))
        n += de->d_name[0] != '.';
    closedir(d);
    return n;
}

/* Contents of file number n; static memory. */
static const char *contents(unsigned n)
{
    static char text[100000];
    char path[400];
    ssize_t len;
    int fd;

    snprintf(path, sizeof(path), "%s/%010u.json", dir, n);
    fd = open(path, O_RDONLY);
    ck_assert_msg(fd >= 0, "%s", path);
    len = read(fd, text, sizeof(text) - 1);
    ck_assert_int_ge(len, 0);
    text[len] = '\0';
    close(fd);
    return text;
}

static int add_line(struct deadletter *dl, const char *line, size_t len)
{
    struct deadletter_entry e = {.reason = "no audit record header", .line = line, .line_len = len};

    return deadletter_add(dl, &e);
}

static const char *member(struct json_object *o, const char *key)
{
    struct json_object *v;

    ck_assert_msg(json_object_object_get_ex(o, key, &v), "%s", key);
    return json_object_get_string(v);
}

START_TEST(entries_are_lines_of_json)
{
    struct deadletter *dl;
    struct deadletter_entry e = {.reason = "refused by the receiver",
                                 .id = "n/1.002:3#1",
                                 .status = 400,
                                 .answer = "no \"such\" \xff\n thing",
                                 .answer_len = 18,
                                 .doc = "{\"a\":[1,2]}",
                                 .doc_len = 11};
    char text[2000];
    char *second, *third;
    struct json_object *o;
    struct stat st;

    ck_assert_int_eq(deadletter_new(new_dir(), 100000, 3, &dl), 0);
    ck_assert_int_eq(stat(dir, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0700);
    ck_assert_int_eq(deadletter_add(dl, &e), 0);
    ck_assert_int_eq(add_line(dl, "caf\xc3\xa9 \x01", 7), 0);
    ck_assert_int_eq(add_line(dl, "\xff\xfe\x00x", 4), 0);
    ck_assert_int_eq(deadletter_sync(dl), 0);
    ck_assert_uint_eq(deadletter_counts(dl).added, 3);
    deadletter_free(dl);

    snprintf(text, sizeof(text), "%s", contents(1));
    second = strchr(text, '\n');
    *second++ = '\0';
    third = strchr(second, '\n');
    *third++ = '\0';
    third[strlen(third) - 1] = '\0';

    o = json_tokener_parse(text);
    ck_assert_str_eq(member(o, "reason"), "refused by the receiver");
    ck_assert_str_eq(member(o, "id"), "n/1.002:3#1");
    ck_assert_str_eq(member(o, "status"), "400");
    ck_assert_str_eq(member(o, "answer"), "no \"such\" \xef\xbf\xbd\n thing");
    ck_assert_uint_eq(strlen(member(o, "time")), 29);
    ck_assert_ptr_nonnull(strstr(text, ",\"event\":{\"a\":[1,2]}}"));
    json_object_put(o);
    o = json_tokener_parse(second);
    ck_assert_str_eq(member(o, "line"), "caf\xc3\xa9 \x01");
    ck_assert(!json_object_object_get_ex(o, "id", NULL));
    ck_assert(!json_object_object_get_ex(o, "status", NULL));
    json_object_put(o);
    o = json_tokener_parse(third);
    ck_assert_str_eq(member(o, "line_base64"), "//4AeA==");
    ck_assert(!json_object_object_get_ex(o, "line", NULL));
    json_object_put(o);
    remove_dir();
}
END_TEST

START_TEST(a_document_that_is_no_json_is_kept_as_text)
{
    static const struct {
        const char *doc, *want;
    } t[] = {
        {"{\"a\":1}", "\"event\":{\"a\":1}}\n"},
        {"{\"a\":\"caf\xc3\xa9 \xe2\x82\xac\"}",
         "\"event\":{\"a\":\"caf\xc3\xa9 \xe2\x82\xac\"}}\n"},
        {"{\"a\":\"\x01\"}", "\"line\":\"{\\\"a\\\":\\\"\\u0001\\\"}\"}\n"},
        {"<34>{\"a\":1}", "\"line\":\"<34>{\\\"a\\\":1}\"}\n"},
        {"{\"a\":1}}", "\"line\":\"{\\\"a\\\":1}}\"}\n"},
        {"{\"a\":1", "\"line\":\"{\\\"a\\\":1\"}\n"},
        {"{\n}", "\"line\":\"{\\u000a}\"}\n"},
        {"{\"a\":\"\xff\"}", "\"line_base64\":\"eyJhIjoi/yJ9\"}\n"},
    };

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct deadletter_entry e = {.reason = "r", .doc = t[i].doc, .doc_len = strlen(t[i].doc)};
        struct deadletter *dl;

        ck_assert_int_eq(deadletter_new(new_dir(), 100000, 3, &dl), 0);
        ck_assert_int_eq(deadletter_add(dl, &e), 0);
        ck_assert_msg(strstr(contents(1), t[i].want) != NULL, "%s", contents(1));
        deadletter_free(dl);
        remove_dir();
    }
}
END_TEST

START_TEST(base64_of_every_length)
{
    static const char *const want[] = {"/w==", "/2E=", "/2Fi", "/2FiYw=="};
    struct deadletter *dl;
    const char *text;

    ck_assert_int_eq(deadletter_new(new_dir(), 100000, 3, &dl), 0);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(add_line(dl,
                                  "\xff"
                                  "abc",
                                  i + 1),
                         0);
    deadletter_free(dl);
    text = contents(1);
    for (size_t i = 0; i < 4; i++)
        ck_assert_msg(strstr(text, want[i]) != NULL, "%s", want[i]);
    remove_dir();
}
END_TEST

START_TEST(what_is_no_utf8_is_kept_as_bytes)
{
    static const char *const bad[] = {
        "\xc0\x80",         "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80",
        "\xf8\x88\x80\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80", "a\xc3"};
    static const char *const good[] = {"\xed\x9f\xbf", "\xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80",
                                       "\xe0\xa0\x80", "\xc2\x80",         ""};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct deadletter *dl;

        ck_assert_int_eq(deadletter_new(new_dir(), 100000, 3, &dl), 0);
        add_line(dl, bad[i], strlen(bad[i]));
        ck_assert_ptr_nonnull(strstr(contents(1), "line_base64"));
        deadletter_free(dl);
        remove_dir();
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct deadletter *dl;

        ck_assert_int_eq(deadletter_new(new_dir(), 100000, 3, &dl), 0);
        add_line(dl, good[i], strlen(good[i]));
        ck_assert_ptr_nonnull(strstr(contents(1), "\"line\":\""));
        deadletter_free(dl);
        remove_dir();
    }
}
END_TEST

START_TEST(files_rotate_and_the_oldest_goes)
{
    struct deadletter *dl;
    char line[300];

    memset(line, 'x', sizeof(line));
    ck_assert_int_eq(deadletter_new(new_dir(), 1000, 3, &dl), 0);
    for (int i = 0; i < 2 * 3; i++)
        ck_assert_int_eq(add_line(dl, line, sizeof(line)), 0);
    ck_assert_uint_eq(count_files(), 3);
    ck_assert_uint_eq(deadletter_counts(dl).dropped_files, 0);
    ck_assert_int_eq(add_line(dl, line, sizeof(line)), 0);
    ck_assert_uint_eq(count_files(), 3);
    ck_assert_uint_eq(deadletter_counts(dl).dropped_files, 1);
    ck_assert_uint_eq(deadletter_counts(dl).dropped_entries, 2);
    ck_assert_uint_eq(warnings, 1);
    ck_assert_uint_gt(strlen(contents(4)), 0);
    deadletter_free(dl);
    /* Numbers go on after a restart, in the same file. */
    ck_assert_int_eq(deadletter_new(dir, 1000, 3, &dl), 0);
    ck_assert_int_eq(add_line(dl, line, 10), 0);
    ck_assert_uint_eq(count_files(), 3);
    ck_assert_ptr_nonnull(strstr(contents(4), "xxxxx"));
    ck_assert_int_eq(add_line(dl, line, sizeof(line)), 0);
    ck_assert_int_eq(add_line(dl, line, sizeof(line)), 0);
    ck_assert_uint_gt(strlen(contents(5)), 0);
    ck_assert_uint_eq(count_files(), 3);
    deadletter_free(dl);
    remove_dir();
}
END_TEST

/* As the command deadletter takes entries out: the line begins with a blank. */
static void take_out_all(unsigned n)
{
    char path[400], *text = (char *)(uintptr_t)contents(n);
    int fd;

    text[0] = ' ';
    for (char *p = text; (p = strchr(p, '\n')) && p[1];)
        *++p = ' ';
    snprintf(path, sizeof(path), "%s/%010u.json", dir, n);
    fd = open(path, O_WRONLY);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

START_TEST(at_the_bound_it_holds)
{
    struct deadletter *dl;
    char line[300];

    memset(line, 'x', sizeof(line));
    warnings = 0;
    ck_assert_int_eq(deadletter_new(new_dir(), 1000, 3, &dl), 0);
    deadletter_set_hold(dl, true);
    for (int i = 0; i < 2 * 3; i++)
        ck_assert_int_eq(add_line(dl, line, sizeof(line)), 0);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(add_line(dl, line, sizeof(line)), ERR_DEAD_FULL);
    ck_assert_uint_eq(count_files(), 3);
    ck_assert_int_eq(deadletter_sync(dl), 0);
    ck_assert_uint_eq(deadletter_counts(dl).held, 3);
    ck_assert_uint_eq(deadletter_counts(dl).added, 6);
    ck_assert_uint_eq(deadletter_counts(dl).dropped_entries, 0);
    deadletter_free(dl);
    /* In the next life too; until some are taken away, or may be dropped. */
    ck_assert_int_eq(deadletter_new(dir, 1000, 3, &dl), 0);
    deadletter_set_hold(dl, true);
    ck_assert_int_eq(add_line(dl, line, sizeof(line)), ERR_DEAD_FULL);
    take_out_all(1);
    ck_assert_int_eq(add_line(dl, line, sizeof(line)), 0);
    ck_assert_int_eq(add_line(dl, line, sizeof(line)), 0);
    ck_assert_int_eq(add_line(dl, line, sizeof(line)), ERR_DEAD_FULL);
    ck_assert_uint_eq(deadletter_counts(dl).dropped_entries, 0);
    ck_assert_uint_eq(warnings, 0);
    deadletter_set_hold(dl, false);
    ck_assert_int_eq(add_line(dl, line, sizeof(line)), 0);
    ck_assert_uint_eq(deadletter_counts(dl).dropped_entries, 2);
    ck_assert_uint_eq(warnings, 1);
    ck_assert_uint_eq(count_files(), 3);
    deadletter_free(dl);
    remove_dir();
}
END_TEST

START_TEST(a_line_longer_than_a_file_has_its_own)
{
    struct deadletter *dl;
    char line[5000];

    memset(line, 'x', sizeof(line));
    ck_assert_int_eq(deadletter_new(new_dir(), 1000, 1, &dl), 0);
    ck_assert_int_eq(add_line(dl, line, sizeof(line)), 0);
    ck_assert_uint_gt(strlen(contents(1)), 5000);
    ck_assert_int_eq(add_line(dl, line, 10), 0);
    ck_assert_uint_eq(count_files(), 1);
    ck_assert_uint_lt(strlen(contents(2)), 200);
    deadletter_free(dl);
    remove_dir();
}
END_TEST

START_TEST(a_torn_line_and_strange_names_are_left_alone)
{
    static const char *const strange[] = {"note.txt", "7.json", "0000000000.json",
                                          "99999999999999999999999.json", "0000000009.jsonx"};
    struct deadletter *dl;
    char path[400];
    int fd;

    new_dir();
    ck_assert_int_eq(mkdir(dir, 0700), 0);
    for (size_t i = 0; i < 5; i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, strange[i]);
        close(open(path, O_CREAT | O_WRONLY, 0600));
    }
    snprintf(path, sizeof(path), "%s/%010u.json", dir, 5);
    fd = open(path, O_CREAT | O_WRONLY, 0600);
    ck_assert_int_eq(write(fd, "{\"a\":1}\n{\"to", 12), 12);
    close(fd);
    ck_assert_int_eq(deadletter_new(dir, 100000, 3, &dl), 0);
    ck_assert_int_eq(add_line(dl, "x", 1), 0);
    ck_assert_str_eq(contents(5), "{\"a\":1}\n{\"to");
    ck_assert_int_eq(strncmp(contents(6), "{\"time\":", 8), 0);
    deadletter_free(dl);
    remove_dir();
}
END_TEST

START_TEST(a_full_disk_leaves_no_half_line)
{
    struct deadletter *dl;
    struct rlimit limit = {.rlim_cur = 700, .rlim_max = RLIM_INFINITY};
    char line[400];
    size_t before;

    memset(line, 'x', sizeof(line));
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(deadletter_new(new_dir(), 100000, 3, &dl), 0);
    ck_assert_int_eq(add_line(dl, line, sizeof(line)), 0);
    before = strlen(contents(1));
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_lt(add_line(dl, line, sizeof(line)), 0); /* a short write */
    ck_assert_uint_eq(strlen(contents(1)), before);
    ck_assert_uint_eq(deadletter_counts(dl).added, 1);
    ck_assert_int_eq(deadletter_sync(dl), 0);
    limit.rlim_cur = RLIM_INFINITY;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(add_line(dl, line, sizeof(line)), 0);
    ck_assert_uint_eq(strlen(contents(1)), 2 * before);
    ck_assert_uint_eq(count_files(), 1);
    deadletter_free(dl);
    remove_dir();
}
END_TEST

START_TEST(a_folder_that_cannot_be)
{
    struct deadletter *dl = NULL;

    ck_assert_int_eq(deadletter_new("/proc/nothing/here", 1000, 3, &dl), -ENOENT);
    ck_assert_int_eq(deadletter_new("/dev/null", 1000, 3, &dl), -ENOTDIR);
    ck_assert_ptr_null(dl);
    deadletter_free(NULL);
}
END_TEST

UNIT_MAIN("deadletter", entries_are_lines_of_json, a_document_that_is_no_json_is_kept_as_text,
          base64_of_every_length, what_is_no_utf8_is_kept_as_bytes,
          files_rotate_and_the_oldest_goes, at_the_bound_it_holds,
          a_line_longer_than_a_file_has_its_own, a_torn_line_and_strange_names_are_left_alone,
          a_full_disk_leaves_no_half_line, a_folder_that_cannot_be)
