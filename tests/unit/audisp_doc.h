/* SPDX-License-Identifier: Apache-2.0 */
/* For the tests of audisp_json: one event's text to its document, and what stands in it. */
#ifndef TESTS_UNIT_AUDISP_DOC_H
#define TESTS_UNIT_AUDISP_DOC_H

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "event/parse.h"
#include "event_lines.h"
#include "format/format.h"
#include "json_check.h"
#include "unit.h"

#define AT "msg=audit(1700000000.023:7): "
#define IDS                                                                             \
    "ppid=11 pid=12 auid=1000 uid=0 gid=1 euid=2 suid=3 fsuid=4 egid=5 sgid=6 fsgid=7 " \
    "tty=pts0 ses=8 comm=\"sh\" exe=\"/bin/sh\" key=\"k\""

static struct conf conf = {.hostname = (char *)(uintptr_t) "host.example"};
static struct buf doc = BUF_INIT((size_t)64 * 1024 * 1024);

static inline bool names(void *ctx, uint32_t uid, char *out, size_t size)
{
    (void)ctx;
    if (uid == 0)
        snprintf(out, size, "root");
    if (uid == 1000)
        snprintf(out, size, "alice");
    return uid == 0 || uid == 1000;
}

/* The document of the text's only event, in doc; what format_write() returned. tweak may
 * change the source. */
static inline int write_event(const char *text, size_t len, void (*tweak)(struct event_source *))
{
    struct format *f = format_new(&conf);
    struct parser *p = parser_new();
    const struct event *ev;
    struct event_lines e;
    int r;

    format_set_names(f, names, NULL);
    event_lines_init(&e, text, len);
    ck_assert_uint_eq(e.n, 1);
    ck_assert_uint_eq(e.n_bad, 0);
    if (tweak)
        tweak(&e.sources[0]);
    ck_assert_int_eq(parse_event(p, &e.sources[0], &ev), 0);
    buf_truncate(&doc, 0);
    r = format_write(f, ev, &doc);
    format_free(f);
    parser_free(p);
    event_lines_done(&e);
    return r;
}

static inline struct json_object *parsed(void)
{
    struct json_object *o;
    const char *wrong = json_check(buf_cstr(&doc), doc.len, &o);

    ck_assert_msg(!wrong, "%s: %.1000s", wrong, buf_cstr(&doc));
    return o;
}

static inline struct json_object *document(const char *text)
{
    ck_assert_int_eq(write_event(text, strlen(text), NULL), 0);
    return parsed();
}

/* The value at "a" or "details.a"; NULL: none. */
static inline struct json_object *at(struct json_object *o, const char *path)
{
    static const char prefix[] = "details.";
    struct json_object *v;

    if (strncmp(path, prefix, sizeof(prefix) - 1) == 0) {
        ck_assert(json_object_object_get_ex(o, "details", &o));
        path += sizeof(prefix) - 1;
    }
    return json_object_object_get_ex(o, path, &v) ? v : NULL;
}

static inline void is(struct json_object *o, const char *path, const char *expected)
{
    struct json_object *v = at(o, path);

    if (!expected) {
        ck_assert_msg(!v, "%s is there: %s", path, json_object_to_json_string(v));
        return;
    }
    ck_assert_msg(v != NULL, "no %s", path);
    if (json_object_is_type(v, json_type_string))
        ck_assert_msg(strcmp(json_object_get_string(v), expected) == 0, "%s is %s and not %s", path,
                      json_object_get_string(v), expected);
    else
        ck_assert_str_eq(json_object_to_json_string_ext(v, JSON_C_TO_STRING_SPACED |
                                                               JSON_C_TO_STRING_NOSLASHESCAPE),
                         expected);
}

/* What must stand at a path; value NULL: nothing. */
struct expected {
    const char *path, *value;
};

static inline void check_document(const char *text, const struct expected *e, size_t n,
                                  void (*check)(struct json_object *, const char *, const char *))
{
    struct json_object *o = document(text);

    for (size_t i = 0; i < n; i++)
        check(o, e[i].path, e[i].value);
    json_object_put(o);
}

/* CHECK_WITH(is, text, {path, value}, ...): all of that stands in the text's document. */
#define CHECK_WITH(check, text, ...)                                                         \
    check_document((text), (const struct expected[]){__VA_ARGS__},                           \
                   sizeof((const struct expected[]){__VA_ARGS__}) / sizeof(struct expected), \
                   (check))
#define CHECK_DOC(text, ...) CHECK_WITH(is, text, __VA_ARGS__)

static inline void reset(void)
{
    conf = (struct conf){.hostname = (char *)(uintptr_t) "host.example"};
}

#endif
