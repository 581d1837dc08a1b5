/* SPDX-License-Identifier: Apache-2.0 */
/* A message of several records. Any bytes give a bounded number of bounded records, and what
 * rsyslog makes of any lines gives these lines again. Input: byte 0: the longest record, in units
 * of 4; byte 1: bytes that are missing at the end; the rest: the message, and the lines. */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "input/message.h"
#include "rsyslog_json.h"

static void any_bytes(const char *text, size_t len, size_t max, size_t cut)
{
    struct buf quoted = BUF_INIT(len + 1);
    struct line line = {.cut = cut}, record;
    struct message m;
    size_t n = 0;

    buf_append_char(&quoted, '"');
    (void)buf_append(&quoted, text, len);
    line.data = quoted.data;
    line.len = quoted.len;
    FUZZ_ASSERT(message_is(&line));
    message_init(&m, max);
    for (message_begin(&m, &line); message_has_more(&m); n++) {
        bool whole = message_next(&m, &record);

        FUZZ_ASSERT(record.len <= max);
        FUZZ_ASSERT(record.cut <= len + cut);
        if (!whole)
            FUZZ_ASSERT(record.data > line.data &&
                        record.data + record.len <= line.data + line.len);
        /* A reader of lines gives none with LF, and rsyslog writes no \u000A. */
        if (whole && !memchr(text, '\n', len) && !memmem(text, len, "\\u00", 4))
            FUZZ_ASSERT(!memchr(record.data, '\n', record.len));
    }
    FUZZ_ASSERT(n >= 1 && n <= len / 2 + 1);
    message_done(&m);
    buf_done(&quoted);
}

static void lines_come_back(const char *text, size_t len)
{
    struct buf message = BUF_INIT(len * 6 + 2);
    struct line line = {.cut = 0}, record;
    const char *end = text + len;
    struct message m;

    rsyslog_message(&message, text, len);
    FUZZ_ASSERT(message.len >= len + 2 && message.data[message.len - 1] == '"');
    line.data = message.data;
    line.len = message.len;
    message_init(&m, len ? len : 1);
    message_begin(&m, &line);
    for (;;) {
        const char *lf = memchr(text, '\n', (size_t)(end - text));
        size_t n = (size_t)((lf ? lf : end) - text);

        FUZZ_ASSERT(message_has_more(&m) && message_next(&m, &record));
        FUZZ_ASSERT(record.len == n && record.cut == 0 && memcmp(record.data, text, n) == 0);
        if (!lf)
            break;
        text = lf + 1;
    }
    FUZZ_ASSERT(!message_has_more(&m) && m.total == len);
    message_done(&m);
    buf_done(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    any_bytes((const char *)data + 2, size - 2, (size_t)data[0] * 4 + 1, data[1]);
    lines_come_back((const char *)data + 2, size - 2);
    return 0;
}
