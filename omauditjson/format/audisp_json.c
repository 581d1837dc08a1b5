/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/audisp_json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/conf.h"
#include "base/mem.h"
#include "event/event.h"
#include "format/details.h"
#include "format/summary.h"
#include "format/syscalls.h"
#include "format/view.h"

#define DEFAULT_MAX_EVENT ((size_t)1024 * 1024)
#define DEFAULT_SUMMARY_MAX 1024
#define KEEP_DOCUMENT ((size_t)256 * 1024)
#define ID_NODE_MAX 255 /* bytes of the node in an id, percent-encoded */

#define KEY(text) (text), sizeof(text) - 1

struct audisp_json {
    const struct conf *conf;
    char *hostname;
    struct syscalls *syscalls;
    struct names *names;
    struct details details;
    struct view view;
    struct buf doc;  /* the document, before it goes to the caller's buffer */
    struct buf tags; /* written once: they are the same in every document */
};

static void write_tags(struct audisp_json *f)
{
    static const char *const three[] = {"audisp-json", PACKAGE_VERSION, "audit"};
    struct json_writer w;

    buf_init(&f->tags, DEFAULT_MAX_EVENT);
    json_init(&w, &f->tags, DEFAULT_MAX_EVENT);
    json_open(&w, '[');
    for (size_t i = 0; i < 3 + f->conf->tags.n; i++) {
        const char *tag = i < 3 ? three[i] : f->conf->tags.item[i - 3];
        struct json_string s = JSON_STRING(DETAILS_STRING_MAX);

        json_element(&w);
        json_string(&w, &s, tag, strlen(tag));
    }
    json_close(&w, ']');
}

struct audisp_json *audisp_json_new(const struct conf *conf)
{
    struct audisp_json *f = mem_calloc(1, sizeof(*f));
    char name[256] = "";

    f->conf = conf;
    if (conf->hostname && conf->hostname[0])
        f->hostname = mem_strdup(conf->hostname);
    else
        f->hostname =
            mem_strdup(gethostname(name, sizeof(name) - 1) == 0 && name[0] ? name : "localhost");
    f->syscalls = syscalls_new();
    f->names = names_new(NULL, NULL);
    details_init(&f->details, f->names, conf->details == CONF_DETAILS_COMPATIBLE);
    buf_init(&f->doc, conf->max_event ? conf->max_event : DEFAULT_MAX_EVENT);
    write_tags(f);
    return f;
}

void audisp_json_free(struct audisp_json *f)
{
    if (!f)
        return;
    free(f->hostname);
    syscalls_free(f->syscalls);
    names_free(f->names);
    details_done(&f->details);
    buf_done(&f->doc);
    buf_done(&f->tags);
    free(f);
}

void audisp_json_set_names(struct audisp_json *f, names_lookup *lookup, void *ctx)
{
    names_free(f->names);
    f->names = names_new(lookup, ctx);
    f->details.names = f->names;
}

/* -- the id ------------------------------------------------------------------------------------ */

static size_t encode_node(const char *node, size_t len, char *out)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)node[i];
        bool plain = c > 0x20 && c < 0x7f && c != '%' && c != '"' && c != '\\';

        if (n + (plain ? 1 : 3) > ID_NODE_MAX)
            break;
        if (plain) {
            out[n++] = (char)c;
        } else {
            out[n++] = '%';
            out[n++] = hex[c >> 4];
            out[n++] = hex[c & 15];
        }
    }
    return n;
}

size_t audisp_json_id(struct audisp_json *f, const struct event *ev, char *out)
{
    const char *node = ev->node ? ev->node : f->hostname;
    size_t n = encode_node(node, ev->node ? ev->node_len : strlen(node), out);
    int r =
        snprintf(out + n, AUDISP_JSON_ID_SIZE - n, ":%" PRId64 ".%03u:%" PRIu64 ":%u:%016" PRIx64,
                 ev->sec, ev->ms, ev->serial, ev->part ? ev->part : 1, ev->digest);

    return n + (r > 0 ? (size_t)r : 0);
}

/* -- the document ------------------------------------------------------------------------------ */

static void put(struct json_writer *w, const char *key, size_t key_len, const char *text)
{
    struct json_string s = JSON_STRING(DETAILS_STRING_MAX);

    json_key(w, key, key_len);
    json_string(w, &s, text, strlen(text));
}

static void put_category(struct audisp_json *f, struct json_writer *w)
{
    struct json_string s = JSON_STRING(256);

    json_key(w, KEY("category"));
    json_string_begin(w);
    summary_write_category(&f->view, w, &s);
    json_string_end(w);
}

static void put_summary(struct audisp_json *f, struct json_writer *w)
{
    size_t max = f->conf->summary_max ? f->conf->summary_max : DEFAULT_SUMMARY_MAX;
    struct json_string s;

    if (max > f->details.limits.string)
        max = f->details.limits.string;
    s = JSON_STRING(max);
    s.nul_blank = true;
    json_key(w, KEY("summary"));
    json_string_begin(w);
    summary_write(&f->view, w, &s);
    json_string_end(w);
    notes_add_string(&f->details.notes, "summary", &s);
}

static void put_hostname(struct audisp_json *f, struct json_writer *w)
{
    const struct event *ev = f->view.ev;
    struct json_string s = JSON_STRING(DETAILS_STRING_MAX);

    json_key(w, KEY("hostname"));
    if (ev->node)
        json_string(w, &s, ev->node, ev->node_len);
    else
        json_string(w, &s, f->hostname, strlen(f->hostname));
    notes_add_string(&f->details.notes, "hostname", &s);
}

/* One try with given limits; false: it is over the maximum. */
static bool write_document(struct audisp_json *f, struct details_limits limits, const char *id,
                           size_t id_len)
{
    const struct event *ev = f->view.ev;
    const char *processname = f->conf->processname ? f->conf->processname : "audisp-json";
    char stamp[CLOCK_STAMP_SIZE];
    struct json_writer w;

    buf_truncate(&f->doc, 0);
    json_init(&w, &f->doc, f->doc.max);
    details_begin(&f->details, &f->view, &w, limits, id, id_len);
    json_open(&w, '{');
    put_category(f, &w);
    put_summary(f, &w);
    put(&w, KEY("severity"), "INFO");
    put_hostname(f, &w);
    put(&w, KEY("processid"), "0");
    put(&w, KEY("processname"), processname);
    clock_stamp(ev->sec, ev->ms, stamp);
    put(&w, KEY("timestamp"), stamp);
    json_key(&w, KEY("tags"));
    json_raw(&w, f->tags.data, f->tags.len);
    json_key(&w, KEY("details"));
    json_open(&w, '{');
    details_write(&f->details);
    json_close(&w, '}');
    json_close(&w, '}');
    return !w.over;
}

/* The document with the configured texts around it, which audisp-json put around its messages. */
static int append_document(const struct audisp_json *f, struct buf *out)
{
    const char *before = f->conf->message_before ? f->conf->message_before : "";
    const char *after = f->conf->message_after ? f->conf->message_after : "";
    int r = buf_reserve(out, strlen(before) + f->doc.len + strlen(after));

    if (r < 0)
        return r;
    buf_append_str(out, before);
    buf_append(out, f->doc.data, f->doc.len);
    buf_append_str(out, after);
    return 0;
}

int audisp_json_write(struct audisp_json *f, const struct event *ev, struct buf *out)
{
    /* What is tried, one after the other, until the document is within max_event. */
    const struct details_limits tries[] = {
        {DETAILS_STRING_MAX, f->doc.max},
        {DETAILS_STRING_MAX / 4, f->doc.max / 4},
        {1024, f->doc.max / 16},
        {256, f->doc.max / 64},
        {32, 0},
    };
    char id[AUDISP_JSON_ID_SIZE];
    size_t id_len;
    int r = -EMSGSIZE;

    view_init(&f->view, f->syscalls, ev);
    if (f->conf->events == CONF_EVENTS_AUDISP_JSON && !view_is_audisp(&f->view))
        return 1;
    id_len = audisp_json_id(f, ev, id);
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        if (write_document(f, tries[i], id, id_len)) {
            r = append_document(f, out);
            break;
        }
    }
    buf_reset(&f->doc, KEEP_DOCUMENT);
    return r;
}
