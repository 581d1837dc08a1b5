/* SPDX-License-Identifier: Apache-2.0 */
/* message_before and message_after: whole, around the whole document, or not at all. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "conf/conf.h"
#include "base/mem.h"
#include "event/event.h"
#include "event/parse.h"
#include "format/format.h"
#include "unit.h"

static const char text[] = "type=LOGIN msg=audit(1795356082.285:7): pid=1 uid=0 old-auid=1 auid=2 "
                           "tty=(none) old-ses=3 ses=4 res=1";

static int write_message(const char *before, const char *after, struct buf *out)
{
    const struct event_line line = {.line = text,
                                    .len = sizeof(text) - 1,
                                    .body = (size_t)(strstr(text, "): ") + 3 - text),
                                    .raw_len = sizeof(text) - 1,
                                    .type = 1006};
    const struct event_source source = {.sec = 1795356082,
                                        .ms = 285,
                                        .serial = 7,
                                        .part = 1,
                                        .complete = EVENT_BY_TYPE,
                                        .lines = &line,
                                        .n_lines = 1};
    struct parser *parser = parser_new();
    const struct event *ev = NULL;
    struct format *format;
    struct conf conf;
    int r;

    conf_init(&conf);
    conf.hostname = mem_strdup("host");
    conf.message_before = before ? mem_strdup(before) : NULL;
    conf.message_after = after ? mem_strdup(after) : NULL;
    format = format_new(&conf);
    ck_assert_int_eq(parse_event(parser, &source, &ev), 0);
    r = format_write(format, ev, out);
    format_free(format);
    parser_free(parser);
    conf_done(&conf);
    return r;
}

START_TEST(texts_stand_around_the_document)
{
    struct buf plain = BUF_INIT(64 << 10), wrapped = BUF_INIT(64 << 10), want = BUF_INIT(64 << 10);

    ck_assert_int_eq(write_message(NULL, NULL, &plain), 0);
    ck_assert_int_eq(write_message("{\"message\":", "}", &wrapped), 0);
    buf_printf(&want, "{\"message\":%s}", buf_cstr(&plain));
    ck_assert_str_eq(buf_cstr(&wrapped), buf_cstr(&want));
    buf_done(&plain);
    buf_done(&wrapped);
    buf_done(&want);
}
END_TEST

START_TEST(no_half_message_where_room_ends)
{
    struct buf plain = BUF_INIT(64 << 10), tight;

    ck_assert_int_eq(write_message(NULL, NULL, &plain), 0);
    buf_init(&tight, plain.len + 1);
    ck_assert_int_eq(write_message("<", ">", &tight), -EMSGSIZE);
    ck_assert_uint_eq(tight.len, 0);
    ck_assert_int_eq(write_message("<", NULL, &tight), 0);
    ck_assert_uint_eq(tight.len, plain.len + 1);
    buf_done(&plain);
    buf_done(&tight);
}
END_TEST

UNIT_MAIN("message", texts_stand_around_the_document, no_half_message_where_room_ends)
