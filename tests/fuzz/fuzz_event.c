/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the lines of one event. In every format the document must be strict JSON without a
 * repeated key, at most max_event long, and the same bytes when written again; its id must be
 * printable and equal in all formats; the format records must give the lines back. The first byte
 * selects the configuration, and whether the first line is also the name of a parent process. A
 * line without a record's header gets one. */
#include "config.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "base/mem.h"
#include "event/parse.h"
#include "event_lines.h"
#include "format/format.h"
#include "json_check.h"
#include "records_rewrite.h"

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

/* Rebuild each line of the event from the document, except for what it says was cut. */
static void rewrite(struct json_object *o, const struct event *ev, const struct buf *doc)
{
    struct buf line = BUF_INIT((size_t)4 * 1024 * 1024);
    size_t n = records_rewrite_count(o);

    if (n != ev->n_records && !records_rewrite_fewer(o))
        fail("a record is missing", doc);
    for (size_t i = 0; i < n; i++) {
        const struct event_line *l = ev->records[i].line;
        const char *wrong;

        buf_truncate(&line, 0);
        wrong = records_rewrite(o, i, true, &line);
        if (wrong && strcmp(wrong, "cut") == 0)
            continue;
        if (wrong || line.len != l->len || memcmp(line.data, l->line, l->len) != 0)
            fail(wrong ? wrong : "another line", doc);
    }
    buf_done(&line);
}

static void write_one(struct format *f, const struct conf *conf, const struct event *ev,
                      char *same_id)
{
    struct buf doc = BUF_INIT((size_t)4 * 1024 * 1024);
    char id[FORMAT_ID_SIZE];
    struct json_object *o;
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
    if (same_id[0] && strcmp(same_id, id) != 0)
        fail("the id depends on the format", &doc);
    memcpy(same_id, id, n + 1);
    r = format_write(f, ev, &doc);
    if (r == 0) {
        first = doc.len;
        if (first > conf->max_event)
            fail("too long", &doc);
        if (format_write(f, ev, &doc) != 0 || doc.len != first * 2 ||
            memcmp(doc.data, doc.data + first, first) != 0)
            fail("not the same again", &doc);
        buf_truncate(&doc, first);
        wrong = json_check(buf_cstr(&doc), doc.len, &o);
        if (wrong)
            fail(wrong, &doc);
        if (conf->format == CONF_FORMAT_RECORDS)
            rewrite(o, ev, &doc);
        json_object_put(o);
    } else if (r < 0 && conf->max_event > 4096) {
        fail("does not fit", &doc);
    }
    buf_done(&doc);
}

enum {
#define FORMAT(id, kind) FORMAT_##id,
#include "format/formats.def"
#undef FORMAT
    N_FORMATS
};
#define N_CONFS 4

static struct conf confs[N_CONFS][N_FORMATS];
static struct format *formats[N_CONFS][N_FORMATS];

static void make_formats(void)
{
    for (size_t i = 0; i < N_CONFS; i++)
        for (size_t k = 0; k < N_FORMATS; k++) {
            struct conf *c = &confs[i][k];

            conf_init(c);
            free(c->hostname);
            c->hostname = mem_strdup("h");
            c->format = (int)k;
            c->max_event = i == 3 ? 3000 : 1024 * 1024;
            c->details = i == 1 ? CONF_DETAILS_COMPATIBLE : CONF_DETAILS_FULL;
            c->events = i == 2 ? CONF_EVENTS_AUDISP_JSON : CONF_EVENTS_ALL;
            formats[i][k] = format_new(c);
            format_set_names(formats[i][k], no_names, NULL);
        }
}

static void write_all(size_t which, const struct event *ev)
{
    char id[FORMAT_ID_SIZE] = "";

    for (size_t k = 0; k < N_FORMATS; k++)
        write_one(formats[which][k], &confs[which][k], ev, id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct parser *parser;
    struct event_line lines[LINES_MAX];
    struct event_lineage lineage = {.n = 0};
    struct event_source src = {0};
    char *owned[LINES_MAX] = {0};
    const struct event *ev;
    size_t n = 0, which;
    bool parent;

    if (!parser) {
        parser = parser_new();
        make_formats();
    }
    if (size < 1)
        return 0;
    which = data[0] & 3;
    parent = data[0] & 4;
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
    if (parent && n > 0) {
        lineage.process[lineage.n++] = (struct event_process){.pid = 2, .start_serial = 1};
        lineage.process[lineage.n++] = (struct event_process){.pid = 1,
                                                              .comm = lines[0].line,
                                                              .comm_len = lines[0].len % 17,
                                                              .exe = lines[0].line,
                                                              .exe_len = lines[0].len};
        src.lineage = &lineage;
    }
    if (parse_event(parser, &src, &ev) == 0)
        write_all(which, ev);
    for (size_t i = 0; i < n; i++)
        free(owned[i]);
    return 0;
}
