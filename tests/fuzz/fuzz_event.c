/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the lines of one event: what comes out must be strict JSON without a key twice, not
 * longer than max_event, the same bytes when written again, and its id printable. The first byte
 * chooses the configuration. A line without a record's header gets one. */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/mem.h"
#include "event/parse.h"
#include "event_lines.h"
#include "format/format.h"
#include "json_check.h"

#define LINES_MAX 600

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool no_names(void *ctx, uint32_t uid, char *out, size_t size)
{
    (void)ctx;
    return uid == 0 && snprintf(out, size, "root") > 0;
}

static void fail(const char *what, const struct buf *doc)
{
    fprintf(stderr, "%s: %.*s\n", what, (int)doc->len, doc->data ? doc->data : "");
    abort();
}

static void write_one(struct format *f, const struct conf *conf, const struct event *ev)
{
    struct buf doc = BUF_INIT((size_t)4 * 1024 * 1024);
    char id[FORMAT_ID_SIZE];
    const char *wrong;
    size_t first, n;
    int r;

    n = format_id(f, ev, id);
    if (n >= sizeof(id) || id[n] != '\0')
        fail("id", &doc);
    for (size_t i = 0; i < n; i++) {
        if (id[i] <= ' ' || id[i] > '~')
            fail("id is not printable", &doc);
    }
    r = format_write(f, ev, &doc);
    if (r == 0) {
        first = doc.len;
        if (first > conf->max_event)
            fail("too long", &doc);
        if (format_write(f, ev, &doc) != 0 || doc.len != first * 2 ||
            memcmp(doc.data, doc.data + first, first) != 0)
            fail("not the same again", &doc);
        buf_truncate(&doc, first);
        wrong = json_check(buf_cstr(&doc), doc.len, NULL);
        if (wrong)
            fail(wrong, &doc);
    } else if (r < 0 && conf->max_event > 4096) {
        fail("does not fit", &doc);
    }
    buf_done(&doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct conf confs[4];
    static struct format *formats[4];
    static struct parser *parser;
    struct event_line lines[LINES_MAX];
    struct event_source src = {0};
    char *owned[LINES_MAX] = {0};
    const struct event *ev;
    size_t n = 0, which;

    if (!parser) {
        parser = parser_new();
        for (size_t i = 0; i < 4; i++) {
            confs[i].hostname = mem_strdup("h");
            confs[i].max_event = i == 3 ? 3000 : 1024 * 1024;
            confs[i].details = i == 1 ? CONF_DETAILS_COMPATIBLE : CONF_DETAILS_FULL;
            confs[i].events = i == 2 ? CONF_EVENTS_AUDISP_JSON : CONF_EVENTS_ALL;
            formats[i] = format_new(&confs[i]);
            format_set_names(formats[i], no_names, NULL);
        }
    }
    if (size < 1)
        return 0;
    which = data[0] & 3;
    data++;
    size--;
    while (size > 0 && n < LINES_MAX) {
        const uint8_t *stop = memchr(data, '\n', size);
        size_t len = stop ? (size_t)(stop - data) : size, head;
        char *line = mem_alloc(len + 64);
        struct event_source id;

        memcpy(line, data, len);
        if (!event_lines_header(line, len, &lines[n], &id)) {
            head = (size_t)snprintf(line, 64, "type=USER msg=audit(1.002:3): ");
            memcpy(line + head, data, len);
            event_lines_header(line, len + head, &lines[n], &id);
        }
        if (n == 0)
            src = id;
        owned[n++] = line;
        len += stop ? 1 : 0;
        data += len;
        size -= len;
    }
    src.lines = lines;
    src.n_lines = n;
    src.part = 1 + (unsigned)(size & 1);
    if (parse_event(parser, &src, &ev) == 0)
        write_one(formats[which], &confs[which], ev);
    for (size_t i = 0; i < n; i++)
        free(owned[i]);
    return 0;
}
