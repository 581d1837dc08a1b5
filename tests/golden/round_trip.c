/* SPDX-License-Identifier: Apache-2.0 */
/* round_trip LOG...: write the events of each log in the format records, rebuild the lines from the
 * documents, and compare them with the log byte for byte: RAW form (up to the 0x1d), and whole.
 * TAP. round_trip -w: read documents from standard input, write their lines to standard output. */
#include "config.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "base/mem.h"
#include "event/parse.h"
#include "event_lines.h"
#include "format/format.h"
#include "json_check.h"
#include "read_file.h"
#include "records_rewrite.h"

#define MAX_DOCUMENT ((size_t)4 * 1024 * 1024)
#define MAX_LOG ((size_t)256 * 1024 * 1024)

struct count {
    size_t lines, cut, left_out, wrong;
};

static bool no_names(void *ctx, uint32_t uid, char *out, size_t size)
{
    (void)ctx;
    return uid == 0 && snprintf(out, size, "root") > 0;
}

static void complain(const char *what, const struct buf *doc, const struct event_line *l,
                     const struct buf *line)
{
    printf("# %s\n# document %.*s\n# line     %.*s\n# again    %.*s\n", what, (int)doc->len,
           doc->data, l ? (int)l->len : 0, l ? l->line : "", (int)line->len,
           line->data ? line->data : "");
}

static void compare(struct json_object *o, const struct event_source *src, const struct buf *doc,
                    struct count *c)
{
    struct buf line = BUF_INIT(MAX_DOCUMENT);
    size_t n = records_rewrite_count(o);

    c->lines += src->n_lines;
    if (n > src->n_lines || (n < src->n_lines && !records_rewrite_fewer(o))) {
        complain("number of records", doc, NULL, &line);
        c->wrong++;
    } else {
        c->left_out += src->n_lines - n;
    }
    for (size_t i = 0; i < n && i < src->n_lines; i++) {
        const struct event_line *l = &src->lines[i];

        for (int enriched = 0; enriched < 2; enriched++) {
            const char *wrong;
            size_t want = enriched ? l->len : l->raw_len;

            buf_truncate(&line, 0);
            wrong = records_rewrite(o, i, enriched, &line);
            if (wrong && strcmp(wrong, "cut") == 0) {
                c->cut += (size_t)enriched;
            } else if (wrong || line.len != want || memcmp(line.data, l->line, want) != 0) {
                complain(wrong ? wrong : "not the same line", doc, l, &line);
                c->wrong++;
            }
        }
    }
    buf_done(&line);
}

static bool round_trip(const char *path)
{
    struct conf conf = {.hostname = (char *)(uintptr_t) "relay.example",
                        .max_event = 1024 * 1024,
                        .format = CONF_FORMAT_RECORDS};
    struct buf text = BUF_INIT(MAX_LOG), doc = BUF_INIT(MAX_DOCUMENT);
    struct format *f = format_new(&conf);
    struct parser *p = parser_new();
    struct count c = {0};
    struct event_lines e;

    format_set_names(f, no_names, NULL);
    read_file(path, &text);
    event_lines_init(&e, text.data ? text.data : "", text.len);
    for (size_t i = 0; i < e.n; i++) {
        const struct event *ev;
        struct json_object *o = NULL;
        const char *wrong = "no document";

        buf_truncate(&doc, 0);
        if (parse_event(p, &e.sources[i], &ev) == 0 && format_write(f, ev, &doc) == 0)
            wrong = json_check(buf_cstr(&doc), doc.len, &o);
        if (wrong) {
            complain(wrong, &doc, &e.sources[i].lines[0], &doc);
            c.wrong++;
        } else {
            compare(o, &e.sources[i], &doc, &c);
        }
        json_object_put(o);
    }
    path = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    printf("%sok - %s: %zu events, %zu lines, %zu of them cut, %zu left out\n",
           c.wrong ? "not " : "", path, e.n, c.lines, c.cut, c.left_out);
    event_lines_done(&e);
    parser_free(p);
    format_free(f);
    buf_done(&text);
    buf_done(&doc);
    return c.wrong == 0;
}

static int write_lines(void)
{
    struct buf line = BUF_INIT(MAX_DOCUMENT);
    char *doc = NULL;
    size_t cap = 0;

    while (getline(&doc, &cap, stdin) > 0) {
        struct json_object *o = json_tokener_parse(doc);

        for (size_t i = 0; i < records_rewrite_count(o); i++) {
            buf_truncate(&line, 0);
            if (records_rewrite(o, i, false, &line))
                return 1;
            printf("%.*s\n", (int)line.len, line.data);
        }
        json_object_put(o);
    }
    free(doc);
    buf_done(&line);
    return 0;
}

int main(int argc, char **argv)
{
    bool ok = true;

    if (argc == 2 && strcmp(argv[1], "-w") == 0)
        return write_lines();
    for (int i = 1; i < argc; i++)
        ok &= round_trip(argv[i]);
    printf("1..%d\n", argc - 1);
    return ok ? 0 : 1;
}
