/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "unit.h"

static char said[8192];

static void sink(void *ctx, enum log_level level, const char *line)
{
    (void)ctx;
    (void)level;
    snprintf(said, sizeof(said), "%s", line);
}

static const char *say(const char *text)
{
    log_set_sink(sink, NULL);
    log_notice("%s", text);
    log_set_sink(NULL, NULL);
    return said;
}

/* Of an answer, a path, a certificate's name: nothing that a terminal would obey. */
START_TEST(what_a_terminal_obeys_is_not_shown)
{
    ck_assert_str_eq(say("a\nb\tc\x1b[31m\x7f"), "a\\x0ab\\x09c\\x1b[31m\\x7f");
    ck_assert_str_eq(say("\xc2\x9b"
                         "31m"),
                     "\\xc2\\x9b31m");
    ck_assert_str_eq(say("\x9b"
                         "31m"),
                     "\\x9b31m");
    ck_assert_str_eq(say("a\xe2\x80\xae"
                         "b\xe2\x80\xa8"
                         "c\xe2\x81\xa6"),
                     "a\\xe2\\x80\\xaeb\\xe2\\x80\\xa8c\\xe2\\x81\\xa6");
}
END_TEST

START_TEST(names_are_shown)
{
    static const char names[] = "\xc2\xa0 J\xc3\xbcrgen \xe2\x82\xac \xe6\x97\xa5\xe6\x9c\xac "
                                "\xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf";

    ck_assert_str_eq(say(names), names);
}
END_TEST

START_TEST(what_is_no_utf8_is_escaped)
{
    ck_assert_str_eq(say("\xff\xfe"), "\\xff\\xfe");
    ck_assert_str_eq(say("\xc3"), "\\xc3"); /* cut off */
    ck_assert_str_eq(say("\xe2\x82"), "\\xe2\\x82");
    ck_assert_str_eq(say("\xc1\x81"), "\\xc1\\x81"); /* longer than need be */
    ck_assert_str_eq(say("\xe0\x80\x8a"), "\\xe0\\x80\\x8a");
    ck_assert_str_eq(say("\xf0\x80\x80\x8a"), "\\xf0\\x80\\x80\\x8a");
    ck_assert_str_eq(say("\xed\xa0\x80"), "\\xed\\xa0\\x80"); /* half a pair */
    ck_assert_str_eq(say("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
}
END_TEST

START_TEST(a_line_is_bounded)
{
    char text[6000];

    memset(text, '\x9b', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    ck_assert_uint_lt(strlen(say(text)), 4000);
    ck_assert_uint_gt(strlen(said), 3900);
}
END_TEST

START_TEST(a_pipe_holds_nobody_up)
{
    char dir[] = "/tmp/oaj-log-XXXXXX", path[64], line[500];
    int fd;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/pipe", dir);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(log_open(path), -ENXIO); /* nobody reads: and it does not wait for one */
    fd = open(path, O_RDONLY | O_NONBLOCK);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(log_open(path), 0);
    memset(line, 'x', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    for (int i = 0; i < 5000; i++)
        log_notice("%s", line);
    ck_assert_int_gt(read(fd, line, sizeof(line)), 0);
    ck_assert_int_eq(log_open(NULL), 0);
    close(fd);
    unlink(path);
    rmdir(dir);
}
END_TEST

UNIT_MAIN("log", what_a_terminal_obeys_is_not_shown, names_are_shown, what_is_no_utf8_is_escaped,
          a_line_is_bounded, a_pipe_holds_nobody_up)
