/* SPDX-License-Identifier: Apache-2.0 */
/* A header that record_parse() accepts is canonical, parses again to the same record without a copy
 * and keeps the body, and libauparse reads the same time, serial, type and node from it. Input: one
 * line. */
#include "config.h"

#include <auparse.h>
#include <libaudit.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "fuzz.h"
#include "input/record.h"

#define SAME(a, b, member) ((a)->member == (b)->member)

struct seen {
    const struct record *want;
    unsigned records;
};

static void on_event(auparse_state_t *au, auparse_cb_event_t event, void *ctx)
{
    struct seen *seen = ctx;
    const struct record *r = seen->want;
    const au_event_t *stamp;

    if (!r || event != AUPARSE_CB_EVENT_READY)
        return;
    seen->records += auparse_get_num_records(au);
    stamp = auparse_get_timestamp(au);
    FUZZ_ASSERT(stamp);
    FUZZ_ASSERT(stamp->sec == r->sec && stamp->milli == r->ms && stamp->serial == r->serial);
    /* a type that is younger than it has no number there */
    FUZZ_ASSERT(auparse_get_type(au) == r->type || auparse_get_type(au) <= 0);
    if (r->node)
        FUZZ_ASSERT(stamp->host && strlen(stamp->host) == r->node_len &&
                    memcmp(stamp->host, r->node, r->node_len) == 0);
    else
        FUZZ_ASSERT(!stamp->host);
}

/* The header with a body that is safe in all versions of libauparse. libauparse takes a time of 0
 * for none, and an EOE alone is not an event. */
static void ask_libauparse(const struct record *r)
{
    static auparse_state_t *au;
    static struct seen seen;

    if (r->sec == 0 || r->type == AUDIT_EOE)
        return;
    if (!au) {
        au = auparse_init(AUSOURCE_FEED, NULL);
        auparse_add_callback(au, on_event, &seen, NULL);
    }
    seen = (struct seen){.want = r};
    auparse_feed(au, r->line, r->body);
    auparse_feed(au, "a=b\n", 4);
    auparse_flush_feed(au);
    FUZZ_ASSERT(seen.records == 1);
    seen.want = NULL;
}

/* What the header must read, made from the parts. */
static void check_text(const struct record *r)
{
    struct buf want = BUF_INIT(1000);

    if (r->node)
        buf_printf(&want, "node=%.*s ", (int)r->node_len, r->node);
    buf_printf(&want, "type=%.*s msg=audit(%lld.%03u:%llu): ", (int)r->type_name_len, r->type_name,
               (long long)r->sec, r->ms, (unsigned long long)r->serial);
    FUZZ_ASSERT(r->body == want.len && r->body <= r->len);
    FUZZ_ASSERT(memcmp(r->line, want.data, want.len) == 0);
    buf_done(&want);
}

/* The body is the line's tail, but for CRs at its end, and for one separator that may have been
 * written as #035. */
static void check_body(const struct record *r, const char *line, size_t len)
{
    const char *body = r->line + r->body;
    size_t body_len = r->len - r->body, raw_len = r->raw_len - r->body;
    const char *separator = memchr(body, '\x1d', body_len);
    const char *gap;
    size_t tail;
    bool found = false;

    FUZZ_ASSERT(raw_len == (separator ? (size_t)(separator - body) : body_len));
    while (len && line[len - 1] == '\r')
        len--;
    if (len >= body_len && memcmp(line + len - body_len, body, body_len) == 0)
        return;
    FUZZ_ASSERT(separator);
    tail = body_len - raw_len - 1;
    /* what became of the separator is between the two: blanks, behind up to 6 other bytes */
    FUZZ_ASSERT(len >= raw_len + tail);
    FUZZ_ASSERT(memcmp(line + len - tail, separator + 1, tail) == 0);
    gap = line + len - tail;
    for (size_t others = 0; others <= 6 && (size_t)(gap - line) >= raw_len && !found; gap--) {
        found = memcmp(gap - raw_len, body, raw_len) == 0;
        others += gap > line && gap[-1] != ' ' && gap[-1] != '\t';
    }
    FUZZ_ASSERT(found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *line = (const char *)data;
    struct buf scratch = BUF_INIT(size + 128), second = BUF_INIT(size + 256);
    struct record r, again;
    enum record_fault fault = record_parse(line, size, &scratch, &r);

    FUZZ_ASSERT(strlen(record_fault_text(fault)) > 0);
    FUZZ_ASSERT((fault == RECORD_NUL) == (size && memchr(line, '\0', size)));
    if (fault == RECORD_OK) {
        check_text(&r);
        check_body(&r, line, size);
        FUZZ_ASSERT(record_parse(r.line, r.len, &second, &again) == RECORD_OK);
        FUZZ_ASSERT(again.line == r.line && !second.data);
        FUZZ_ASSERT(SAME(&r, &again, len) && SAME(&r, &again, node) && SAME(&r, &again, node_len) &&
                    SAME(&r, &again, type_name) && SAME(&r, &again, type_name_len) &&
                    SAME(&r, &again, type) && SAME(&r, &again, sec) && SAME(&r, &again, ms) &&
                    SAME(&r, &again, serial) && SAME(&r, &again, body) &&
                    SAME(&r, &again, raw_len));
        ask_libauparse(&r);
    }
    buf_done(&scratch);
    buf_done(&second);
    return 0;
}
