/* SPDX-License-Identifier: Apache-2.0 */
/* The option names: what this host's passwd says about a number, in each format, or nothing. */
#include "config.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "conf/conf.h"
#include "base/mem.h"
#include "event/event.h"
#include "event/parse.h"
#include "event_lines.h"
#include "format/format.h"
#include "unit.h"

#define SYSCALL                                                                                   \
    "type=SYSCALL msg=audit(1795356082.285:7): arch=c000003e syscall=87 success=yes exit=0 a0=1 " \
    "a1=2 a2=3 a3=4 items=1 ppid=8 pid=9 auid=0 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 " \
    "fsgid=0 tty=(none) ses=1 comm=\"rm\" exe=\"/bin/rm\" key=(null)"
#define PATH                                                                                    \
    "type=PATH msg=audit(1795356082.285:7): item=0 name=\"/x\" inode=5 dev=fd:00 mode=0100644 " \
    "ouid=0 ogid=0 rdev=00:00 nametype=DELETE"

static void write_event(int format, int names, const char *text, struct buf *doc)
{
    struct parser *parser = parser_new();
    const struct event *ev = NULL;
    struct event_lines lines;
    struct format *f;
    struct conf conf;

    conf_init(&conf);
    conf.hostname = mem_strdup("relay");
    conf.format = format;
    conf.names = names;
    f = format_new(&conf);
    event_lines_init(&lines, text, strlen(text));
    ck_assert_uint_eq(lines.n, 1);
    ck_assert_int_eq(parse_event(parser, &lines.sources[0], &ev), 0);
    buf_truncate(doc, 0);
    ck_assert_int_eq(format_write(f, ev, doc), 0);
    format_free(f);
    parser_free(parser);
    event_lines_done(&lines);
    conf_done(&conf);
}

static const int formats[] = {CONF_FORMAT_AUDISP_JSON, CONF_FORMAT_RECORDS, CONF_FORMAT_ECS};

/* "NAME" as a JSON string; the text has no name in it. */
static bool has_name(struct buf *doc, const char *name)
{
    struct buf quoted = BUF_INIT(512);
    bool found;

    ck_assert_int_eq(buf_printf(&quoted, "\"%s\"", name), 0);
    found = strstr(buf_cstr(doc), buf_cstr(&quoted)) != NULL;
    buf_done(&quoted);
    return found;
}

START_TEST(local_asks_this_host_and_record_does_not)
{
    struct buf doc = BUF_INIT(64 << 10);
    const struct passwd *user = getpwuid(0);
    const struct group *group = getgrgid(0);

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (user) {
            write_event(formats[i], CONF_NAMES_LOCAL, SYSCALL "\n" PATH "\n", &doc);
            ck_assert(has_name(&doc, user->pw_name));
        }
        write_event(formats[i], CONF_NAMES_RECORD, SYSCALL "\n" PATH "\n", &doc);
        if (user)
            ck_assert_msg(!has_name(&doc, user->pw_name), "%s", buf_cstr(&doc));
        if (group)
            ck_assert_msg(!has_name(&doc, group->gr_name), "%s", buf_cstr(&doc));
        ck_assert_ptr_nonnull(strstr(buf_cstr(&doc), "\"0\"")); /* the number is there */
    }
    buf_done(&doc);
}
END_TEST

/* The names in the record are another host's, and stay. */
START_TEST(names_in_the_record_are_kept)
{
    struct buf doc = BUF_INIT(64 << 10);

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        for (int names = CONF_NAMES_LOCAL; names <= CONF_NAMES_RECORD; names++) {
            write_event(formats[i], names,
                        SYSCALL "\x1d"
                                "AUID=\"u0-of-h1\" UID=\"toor\"\n",
                        &doc);
            ck_assert(has_name(&doc, "u0-of-h1"));
            ck_assert(has_name(&doc, "toor"));
        }
    }
    buf_done(&doc);
}
END_TEST

/* 4294967295 is nobody's number in any passwd. */
START_TEST(unset_is_no_name_of_a_host)
{
    static const char text[] = "type=LOGIN msg=audit(1795356082.285:7): pid=1 uid=0 "
                               "old-auid=4294967295 auid=4294967295 tty=(none) ses=4 res=1\n";
    struct buf doc = BUF_INIT(64 << 10);

    write_event(CONF_FORMAT_AUDISP_JSON, CONF_NAMES_RECORD, text, &doc);
    ck_assert_ptr_nonnull(strstr(buf_cstr(&doc), "\"originaluser\":\"unset\""));
    ck_assert_ptr_null(strstr(buf_cstr(&doc), "\"user\":"));
    buf_done(&doc);
}
END_TEST

UNIT_MAIN("names_option", local_asks_this_host_and_record_does_not, names_in_the_record_are_kept,
          unset_is_no_name_of_a_host)
