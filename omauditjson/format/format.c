/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/format.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "base/mem.h"
#include "event/event.h"
#include "format/format_kind.h"
#include "format/syscalls.h"

#define DEFAULT_MAX_EVENT ((size_t)1024 * 1024)
#define KEEP_DOCUMENT ((size_t)256 * 1024)
#define ID_NODE_MAX 255 /* bytes of the node in an id, percent-encoded */

/* "NODE:SEC." of the last event, which most next events share. */
struct id_head {
    char node[ID_NODE_MAX]; /* as it came */
    size_t node_len;
    int64_t sec;
    size_t len; /* of text; 0: none */
    char text[ID_NODE_MAX + 24];
};

struct format {
    const struct conf *conf;
    const struct format_kind *kind;
    void *self; /* the kind's */
    char *hostname;
    struct syscalls *syscalls;
    struct names *names;
    struct notes notes;
    struct view view;
    struct buf doc; /* the document, before it goes to the caller's buffer */
    char id[FORMAT_ID_SIZE];
    size_t id_len;
    struct id_head head;
};

static const struct format_kind *const kinds[] = {
#define FORMAT(id, kind) [CONF_FORMAT_##id] = &kind,
#include "format/formats.def"
#undef FORMAT
};

/* names = record: no user and, as names_new() has it, no group has a name here. */
static bool no_name(void *ctx, uint32_t id, char *out, size_t size)
{
    (void)ctx;
    (void)id;
    (void)out;
    (void)size;
    return false;
}

struct format *format_new(const struct conf *conf)
{
    struct format *f = mem_calloc(1, sizeof(*f));
    char name[256] = "";

    f->conf = conf;
    if (conf->hostname && conf->hostname[0])
        f->hostname = mem_strdup(conf->hostname);
    else
        f->hostname =
            mem_strdup(gethostname(name, sizeof(name) - 1) == 0 && name[0] ? name : "localhost");
    f->syscalls = syscalls_new();
    f->names = names_new(conf->names == CONF_NAMES_RECORD ? no_name : NULL, NULL);
    notes_init(&f->notes);
    buf_init(&f->doc, conf->max_event ? conf->max_event : DEFAULT_MAX_EVENT);
    f->kind = kinds[conf->format];
    f->self = f->kind->create(conf);
    return f;
}

void format_free(struct format *f)
{
    if (!f)
        return;
    f->kind->destroy(f->self);
    free(f->hostname);
    syscalls_free(f->syscalls);
    names_free(f->names);
    notes_done(&f->notes);
    buf_done(&f->doc);
    free(f);
}

void format_set_names(struct format *f, names_lookup *lookup, void *ctx)
{
    names_free(f->names);
    f->names = names_new(lookup, ctx);
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

static char *put_decimal(char *out, uint64_t n)
{
    char *end = out + 1, *p;

    for (uint64_t rest = n / 10; rest; rest /= 10)
        end++;
    for (p = end; p > out; n /= 10)
        *--p = (char)('0' + n % 10);
    return end;
}

static char *put_milliseconds(char *out, unsigned ms)
{
    if (ms > 999)
        return put_decimal(out, ms);
    out[0] = (char)('0' + ms / 100);
    out[1] = (char)('0' + ms / 10 % 10);
    out[2] = (char)('0' + ms % 10);
    return out + 3;
}

/* Eight digits at once: each nibble to a byte of its own, lowest last. */
static uint64_t hexadecimal8(uint32_t n)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t v = n;

    v = (v | v << 16) & UINT64_C(0x0000ffff0000ffff);
    v = (v | v << 8) & UINT64_C(0x00ff00ff00ff00ff);
    v = (v | v << 4) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    /* beyond 9, 'a' is 39 behind what comes after '9' */
    return v + ones * '0' + ((v + ones * 6) >> 4 & ones) * ('a' - '0' - 10);
}

static char *put_hexadecimal(char *out, uint64_t n)
{
    uint64_t high = htobe64(hexadecimal8((uint32_t)(n >> 32)));
    uint64_t low = htobe64(hexadecimal8((uint32_t)n));

    memcpy(out, &high, sizeof(high));
    memcpy(out + sizeof(high), &low, sizeof(low));
    return out + sizeof(high) + sizeof(low);
}

static void make_head(struct id_head *h, const char *node, size_t node_len, int64_t sec)
{
    char *p = h->text + encode_node(node, node_len, h->text);

    *p++ = ':';
    if (sec < 0)
        *p++ = '-';
    p = put_decimal(p, sec < 0 ? 0 - (uint64_t)sec : (uint64_t)sec);
    *p++ = '.';
    h->len = (size_t)(p - h->text);
    h->sec = sec;
    h->node_len = node_len;
    if (node_len <= sizeof(h->node))
        memcpy(h->node, node, node_len);
}

/* NODE:SEC.MMM:SERIAL:PART:DIGEST without snprintf(), which was 5 % of the cost of an event. */
size_t format_id(struct format *f, const struct event *ev, char *out)
{
    const char *node = ev->node ? ev->node : f->hostname;
    size_t len = ev->node ? ev->node_len : strlen(node);
    struct id_head *h = &f->head;
    char *p;

    if (h->len == 0 || h->sec != ev->sec || h->node_len != len || len > sizeof(h->node) ||
        memcmp(h->node, node, len) != 0)
        make_head(h, node, len, ev->sec);
    memcpy(out, h->text, h->len);
    p = put_milliseconds(out + h->len, ev->ms);
    *p++ = ':';
    p = put_decimal(p, ev->serial);
    *p++ = ':';
    p = put_decimal(p, ev->part ? ev->part : 1);
    *p++ = ':';
    p = put_hexadecimal(p, ev->digest);
    *p = '\0';
    return (size_t)(p - out);
}

/* -- the document ------------------------------------------------------------------------------ */

/* One try with these limits; false: the document is over the maximum. */
static bool write_document(struct format *f, struct format_limits limits)
{
    struct json_writer w;
    struct format_doc d = {.conf = f->conf,
                           .view = &f->view,
                           .hostname = f->hostname,
                           .names = f->names,
                           .id = f->id,
                           .id_len = f->id_len,
                           .limits = limits,
                           .w = &w,
                           .notes = &f->notes};

    buf_truncate(&f->doc, 0);
    json_init(&w, &f->doc, f->doc.max);
    notes_reset(&f->notes);
    f->kind->write(f->self, &d);
    return !w.over;
}

/* The document with the configured texts around it, which audisp-json put around its messages. */
static int append_document(const struct format *f, struct buf *out)
{
    const char *before = f->conf->message_before, *after = f->conf->message_after;
    int r =
        buf_reserve(out, (before ? strlen(before) : 0) + f->doc.len + (after ? strlen(after) : 0));

    if (r < 0)
        return r;
    if (before)
        buf_append_str(out, before);
    buf_append(out, f->doc.data, f->doc.len);
    if (after)
        buf_append_str(out, after);
    return 0;
}

int format_write(struct format *f, const struct event *ev, struct buf *out)
{
    /* Limits to try in turn until the document is within max_event. */
    const struct format_limits tries[] = {
        {FORMAT_STRING_MAX, f->doc.max},
        {FORMAT_STRING_MAX / 4, f->doc.max / 4},
        {1024, f->doc.max / 16},
        {256, f->doc.max / 64},
        {32, 0},
    };
    int r = -EMSGSIZE;

    view_init(&f->view, f->syscalls, ev);
    if (f->conf->events == CONF_EVENTS_AUDISP_JSON && !view_is_audisp(&f->view))
        return 1;
    f->id_len = format_id(f, ev, f->id);
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        if (write_document(f, tries[i])) {
            r = append_document(f, out);
            break;
        }
    }
    buf_reset(&f->doc, KEEP_DOCUMENT);
    return r;
}

const char *format_written_id(const struct format *f, size_t *ret_len)
{
    *ret_len = f->id_len;
    return f->id;
}
