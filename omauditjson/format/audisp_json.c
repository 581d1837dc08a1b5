/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/audisp_json.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/mem.h"
#include "event/event.h"
#include "format/details.h"
#include "format/outcome.h"
#include "format/summary.h"

#define TAGS_MAX ((size_t)1024 * 1024)
#define DEFAULT_SUMMARY_MAX 1024

#define KEY(text) (text), sizeof(text) - 1

struct audisp_json {
    struct details details;
    struct buf tags; /* written once: they are the same in every document */
};

static void write_tags(struct audisp_json *f, const struct conf *conf)
{
    static const char *const three[] = {"audisp-json", PACKAGE_VERSION, "audit"};
    struct json_writer w;

    buf_init(&f->tags, TAGS_MAX);
    json_init(&w, &f->tags, TAGS_MAX);
    json_open(&w, '[');
    for (size_t i = 0; i < 3 + conf->tags.n; i++) {
        const char *tag = i < 3 ? three[i] : conf->tags.item[i - 3];
        struct json_string s = JSON_STRING(FORMAT_STRING_MAX);

        json_element(&w);
        json_string(&w, &s, tag, strlen(tag));
    }
    json_close(&w, ']');
}

static void *make(const struct conf *conf)
{
    struct audisp_json *f = mem_calloc(1, sizeof(*f));

    details_init(&f->details, conf->details == CONF_DETAILS_COMPATIBLE);
    write_tags(f, conf);
    return f;
}

static void unmake(void *self)
{
    struct audisp_json *f = self;

    details_done(&f->details);
    buf_done(&f->tags);
    free(f);
}

static void put(struct json_writer *w, const char *key, size_t key_len, const char *text)
{
    struct json_string s = JSON_STRING(FORMAT_STRING_MAX);

    json_member(w, key, key_len, &s, text, strlen(text));
}

static void put_category(const struct format_doc *d)
{
    struct json_string s = JSON_STRING(256);

    json_key(d->w, KEY("category"));
    json_string_begin(d->w);
    summary_write_category(d->view, d->w, &s);
    json_string_end(d->w);
}

static void put_summary(const struct format_doc *d)
{
    size_t max = d->conf->summary_max ? d->conf->summary_max : DEFAULT_SUMMARY_MAX;
    struct json_string s;

    if (max > d->limits.string)
        max = d->limits.string;
    s = JSON_STRING(max);
    s.nul_blank = true;
    json_key(d->w, KEY("summary"));
    json_string_begin(d->w);
    summary_write(d->view, d->w, &s);
    json_string_end(d->w);
    notes_add_string(d->notes, "summary", &s);
}

static void put_hostname(const struct format_doc *d)
{
    const struct event *ev = d->view->ev;
    struct json_string s = JSON_STRING(FORMAT_STRING_MAX);

    if (ev->node)
        json_member(d->w, KEY("hostname"), &s, ev->node, ev->node_len);
    else
        json_member(d->w, KEY("hostname"), &s, d->hostname, strlen(d->hostname));
    notes_add_string(d->notes, "hostname", &s);
}

static void write(void *self, const struct format_doc *d)
{
    struct audisp_json *f = self;
    const struct event *ev = d->view->ev;
    const char *processname = d->conf->processname ? d->conf->processname : "audisp-json";
    char stamp[CLOCK_STAMP_SIZE];

    details_begin(&f->details, d);
    json_open(d->w, '{');
    put_category(d);
    put_summary(d);
    put(d->w, KEY("severity"), view_severity(d->view, d->conf));
    put_hostname(d);
    put(d->w, KEY("processid"), "0");
    put(d->w, KEY("processname"), processname);
    clock_stamp(ev->sec, ev->ms, stamp);
    put(d->w, KEY("timestamp"), stamp);
    json_key(d->w, KEY("tags"));
    json_raw(d->w, f->tags.data, f->tags.len);
    json_key(d->w, KEY("details"));
    json_open(d->w, '{');
    details_write(&f->details);
    json_close(d->w, '}');
    json_close(d->w, '}');
}

const struct format_kind audisp_json_kind = {
    .name = "audisp-json",
    .keys = audisp_json_keys,
    .make = make,
    .free = unmake,
    .write = write,
};
