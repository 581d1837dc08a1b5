/* SPDX-License-Identifier: Apache-2.0 */
/* golden [-c] [-a] [-f FORMAT] [-b N] FILE: the records of FILE to JSON lines on standard output,
 * one an event, in the order of the events' first lines. -c: details = compatible; -a: events =
 * audisp-json; -r: the lines as they came, before the input has read them; -f: another format than
 * audisp-json; -b N: N times without output (a measurement). Names and the host's name are pinned,
 * the version is replaced, so that the output is the same everywhere. Each line is checked with
 * json-c. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conf/conf.h"
#include "base/mem.h"
#include "event/lineage.h"
#include "event/parse.h"
#include "event_lines.h"
#include "format/format.h"
#include "format/format_kind.h"
#include "input/record.h"
#include "json_check.h"
#include "read_file.h"

#define MAX_DOCUMENT ((size_t)4 * 1024 * 1024)

static bool pinned_names(void *ctx, uint32_t uid, char *out, size_t size)
{
    (void)ctx;
    switch (uid) {
    case 0:
        snprintf(out, size, "root");
        return true;
    case 1000:
        snprintf(out, size, "alice");
        return true;
    default:
        return false;
    }
}

static void check(struct buf *doc)
{
    const char *wrong = json_check(buf_cstr(doc), doc->len, NULL);

    if (wrong) {
        fprintf(stderr, "%s: %s\n", wrong, buf_cstr(doc));
        exit(3);
    }
}

static int format_of(const char *name)
{
    static const struct format_kind *const kinds[] = {
#define FORMAT(id, kind) [CONF_FORMAT_##id] = &kind,
#include "format/formats.def"
#undef FORMAT
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i]->name, name) == 0)
            return (int)i;
    }
    fprintf(stderr, "no format %s\n", name);
    exit(2);
}

static void print(struct buf *doc, int format)
{
    static const char version[] = "\"audisp-json\",\"" PACKAGE_VERSION "\",\"audit\"";
    const char *text = buf_cstr(doc), *at = strstr(text, version);

    if (format != CONF_FORMAT_AUDISP_JSON) {
        puts(text);
        return;
    }
    if (!at) {
        fprintf(stderr, "no tags: %s\n", text);
        exit(3);
    }
    printf("%.*s\"audisp-json\",\"VERSION\",\"audit\"%s\n", (int)(at - text), text,
           at + sizeof(version) - 1);
}

static int64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void measure(struct event_lines *e, struct parser *p, struct format *f, long times)
{
    struct buf doc = BUF_INIT(MAX_DOCUMENT);
    size_t lines = 0, bytes = 0;
    const struct event *ev;
    int64_t parsed = 0, written = 0, t[3];

    for (long k = 0; k < times; k++) {
        for (size_t i = 0; i < e->n; i++) {
            t[0] = now_ns();
            parse_event(p, &e->sources[i], &ev);
            t[1] = now_ns();
            buf_truncate(&doc, 0);
            format_write(f, ev, &doc);
            t[2] = now_ns();
            parsed += t[1] - t[0];
            written += t[2] - t[1];
            lines += ev->n_records;
            bytes += doc.len;
        }
    }
    printf("%zu lines, %zu bytes of JSON, a line: parse %.3f us, write %.3f us\n", lines, bytes,
           1e-3 * (double)parsed / (double)lines, 1e-3 * (double)written / (double)lines);
    buf_done(&doc);
}

/* The lines as the input makes them of what came; those that are no records are left out. */
static void canonical(struct buf *text)
{
    struct buf out = BUF_INIT(MAX_DOCUMENT), scratch = BUF_INIT(MAX_DOCUMENT);
    const char *p = text->data, *end = p + text->len, *stop;

    for (; p < end; p = stop + 1) {
        struct record rec;

        stop = memchr(p, '\n', (size_t)(end - p));
        if (!stop)
            stop = end;
        if (record_parse(p, (size_t)(stop - p), &scratch, &rec) != RECORD_OK)
            continue;
        buf_append(&out, rec.line, rec.len);
        buf_append_char(&out, '\n');
    }
    buf_done(&scratch);
    buf_done(text);
    *text = out;
}

int main(int argc, char **argv)
{
    struct conf conf = {
        .hostname = mem_strdup("relay.example"), .max_event = 1024 * 1024, .summary_max = 1024};
    struct buf text = BUF_INIT((size_t)256 * 1024 * 1024), doc = BUF_INIT(MAX_DOCUMENT);
    struct format *f;
    struct event_lines e;
    struct parser *p;
    struct lineage *processes = lineage_new(4096);
    struct event_lineage lineage;
    long times = 0;
    bool raw = false;
    int c;

    while ((c = getopt(argc, argv, "carb:f:")) != -1) {
        if (c == 'r')
            raw = true;
        else if (c == 'c')
            conf.details = CONF_DETAILS_COMPATIBLE;
        else if (c == 'a')
            conf.events = CONF_EVENTS_AUDISP_JSON;
        else if (c == 'f')
            conf.format = format_of(optarg);
        else if (c == 'b')
            times = strtol(optarg, NULL, 10);
        else
            return 2;
    }
    if (optind + 1 != argc)
        return 2;
    read_file(argv[optind], &text);
    if (raw)
        canonical(&text);
    event_lines_init(&e, text.data ? text.data : "", text.len);
    p = parser_new();
    f = format_new(&conf);
    format_set_names(f, pinned_names, NULL);
    if (times)
        measure(&e, p, f, times);
    for (size_t i = 0; i < e.n && !times; i++) {
        const struct event *ev;
        int r;

        e.sources[i].lineage = &lineage;
        r = parse_event(p, &e.sources[i], &ev);
        buf_truncate(&doc, 0);
        if (r == 0) {
            lineage_take(processes, ev, &lineage);
            r = format_write(f, ev, &doc);
        }
        if (r < 0) {
            fprintf(stderr, "%s: event %zu: %s\n", argv[optind], i, strerror(-r));
            return 3;
        }
        if (r == 0) {
            check(&doc);
            print(&doc, conf.format);
        }
    }
    format_free(f);
    lineage_free(processes);
    parser_free(p);
    event_lines_done(&e);
    buf_done(&text);
    buf_done(&doc);
    free(conf.hostname);
    return 0;
}
