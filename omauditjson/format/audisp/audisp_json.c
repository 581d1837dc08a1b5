/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/audisp/audisp_json.h"

#include <stdlib.h>

#include "conf/conf.h"
#include "base/mem.h"
#include "event/event.h"
#include "format/audisp/audisp_details.h"
#include "format/audisp/audisp_keys.h"
#include "format/format_stamp.h"
#include "format/json/json_plain.h"
#include "format/outcome.h"
#include "format/summary.h"

#define SAME_MAX ((size_t)1024 * 1024)
#define DEFAULT_SUMMARY_MAX 1024

#define KEY(text) (text), sizeof(text) - 1

struct audisp_json {
    struct audisp_details details;
    struct format_stamp stamp;
    /* written once, because they are the same in every document */
    struct buf process; /* processid and processname */
    struct buf tags;    /* tags, and where details begin */
};

static void put(struct json_writer *w, const struct json_key *key, const char *text)
{
    struct json_string s = JSON_STRING(FORMAT_STRING_MAX);
    size_t n = strlen(text);

    if (n > s.left || !json_plain(w, key, text, n))
        json_member(w, key->name, strlen(key->name), &s, text, n);
}

static void write_process(struct audisp_json *f, const struct conf *conf)
{
    static const struct json_key id = JSON_KEY("processid"), name = JSON_KEY("processname");
    struct json_writer w;

    buf_init(&f->process, SAME_MAX);
    json_init(&w, &f->process, SAME_MAX);
    w.first = false;
    put(&w, &id, "0");
    put(&w, &name, conf->processname ? conf->processname : "audisp-json");
}

static void write_tags(struct audisp_json *f, const struct conf *conf)
{
    static const char *const three[] = {"audisp-json", PACKAGE_VERSION, "audit"};
    struct json_writer w;

    buf_init(&f->tags, SAME_MAX);
    json_init(&w, &f->tags, SAME_MAX);
    w.first = false;
    json_key(&w, KEY("tags"));
    json_open(&w, '[');
    for (size_t i = 0; i < 3 + conf->tags.n; i++) {
        const char *tag = i < 3 ? three[i] : conf->tags.item[i - 3];
        struct json_string s = JSON_STRING(FORMAT_STRING_MAX);

        json_element(&w);
        json_string(&w, &s, tag, strlen(tag));
    }
    json_close(&w, ']');
    json_key(&w, KEY("details"));
    json_open(&w, '{');
}

static void *create(const struct conf *conf)
{
    struct audisp_json *f = mem_calloc(1, sizeof(*f));

    audisp_details_init(&f->details, conf->details == CONF_DETAILS_COMPATIBLE);
    write_process(f, conf);
    write_tags(f, conf);
    return f;
}

static void destroy(void *self)
{
    struct audisp_json *f = self;

    audisp_details_done(&f->details);
    buf_done(&f->process);
    buf_done(&f->tags);
    free(f);
}

static void put_category(const struct format_doc *d)
{
    static const struct json_key key = JSON_KEY("category");
    struct json_string s = JSON_STRING(256);

    json_begin(d->w, &key, false);
    summary_write_category(d->view, d->w, &s);
    json_string_end(d->w);
}

static void put_summary(const struct format_doc *d)
{
    static const struct json_key key = JSON_KEY("summary");
    size_t max = d->conf->summary_max ? d->conf->summary_max : DEFAULT_SUMMARY_MAX;
    struct json_string s;

    if (max > d->limits.string)
        max = d->limits.string;
    s = JSON_STRING(max);
    s.nul_blank = true;
    json_begin(d->w, &key, false);
    summary_write(d->view, d->w, &s);
    json_string_end(d->w);
    if (s.cut || s.invalid)
        notes_add_string(d->notes, "summary", &s);
}

static void put_hostname(const struct format_doc *d)
{
    static const struct json_key key = JSON_KEY("hostname");
    const struct event *ev = d->view->ev;
    const char *name = ev->node ? ev->node : d->hostname;
    size_t len = ev->node ? ev->node_len : strlen(d->hostname);
    struct json_string s = JSON_STRING(FORMAT_STRING_MAX);

    if (len <= s.left && json_plain(d->w, &key, name, len))
        return;
    json_member(d->w, KEY("hostname"), &s, name, len);
    notes_add_string(d->notes, "hostname", &s);
}

static void write(void *self, const struct format_doc *d)
{
    static const struct json_key severity = JSON_KEY("severity"), stamp = JSON_KEY("timestamp");
    struct audisp_json *f = self;
    const struct event *ev = d->view->ev;

    audisp_details_begin(&f->details, d);
    json_open(d->w, '{');
    put_category(d);
    put_summary(d);
    put(d->w, &severity, view_severity(d->view, d->conf));
    put_hostname(d);
    json_raw(d->w, f->process.data, f->process.len);
    put(d->w, &stamp, format_stamp(&f->stamp, ev->sec, ev->ms));
    json_raw(d->w, f->tags.data, f->tags.len);
    d->w->first = true;
    audisp_details_write(&f->details);
    json_close(d->w, '}');
    json_close(d->w, '}');
}

const struct format_kind audisp_json_kind = {
    .name = "audisp-json",
    .keys = audisp_json_keys,
    .create = create,
    .destroy = destroy,
    .write = write,
};
