/* SPDX-License-Identifier: Apache-2.0 */
/* The header is read by hand in one pass. Only the FIRST word that begins with type= or node= may
 * start a record: were a later one tried when the first leads nowhere, a user who gets text into a
 * record could make a second record of it.
 * A line that is canonical already is not copied; everything else is written anew to scratch. */
#include "config.h"
#include "input/record.h"

#include <assert.h>
#include <libaudit.h>
#include <stdio.h>
#include <string.h>

#include "base/scan.h"
#include "input/enriched.h"
#include "input/rectype.h"

#define ENRICHED_SEPARATOR '\x1d'
#define SCRATCH_KEEP ((size_t)64 * 1024)

/* libauparse looks for time and serial in the first 80 bytes, or 340 when there is a node, and
 * takes a serial that is cut there for a smaller number [auparse.md 2.3]. */
#define HEADER_MAX 79

/* All that rewriting writes beside node and body. */
#define REWRITE_ROOM 100

#define SEC_DIGITS_MAX 11
#define MS_DIGITS_MAX 3
#define SERIAL_DIGITS_MAX 20
#define FITTING_DIGITS 19 /* so many fit into 64 bits, whatever they are */

struct scan {
    const char *p;
    const char *end;
    bool canonical; /* nothing seen so far has to be rewritten */
};

const char *record_fault_text(enum record_fault fault)
{
    switch (fault) {
    case RECORD_OK:
        return "no fault";
    case RECORD_EMPTY:
        return "empty line";
    case RECORD_NO_HEADER:
        return "no audit record header";
    case RECORD_BAD_STAMP:
        return "bad time or serial in the audit record header";
    case RECORD_BAD_NODE:
        return "node name missing or too long";
    case RECORD_NUL:
        return "NUL byte in the line";
    case RECORD_ESCAPING:
        return "broken JSON escaping in a message of several records";
    case RECORD_POISON:
        return "the process died twice while handling this line";
    }
    return "unknown fault";
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool looking_at(const struct scan *s, const char *word, size_t n)
{
    return (size_t)(s->end - s->p) >= n && memcmp(s->p, word, n) == 0;
}
#define LOOKING_AT(s, literal) looking_at(s, literal, sizeof(literal) - 1)

/* Blanks between two words; false when there is none. One space is canonical. */
static bool skip_blanks(struct scan *s)
{
    const char *start = s->p;

    while (s->p < s->end && is_blank(*s->p))
        s->p++;
    if (s->p == start)
        return false;
    if (s->p - start > 1 || *start != ' ')
        s->canonical = false;
    return true;
}

/* A decimal number of 1 to max_digits digits that fits; its text must be what printing it gives, or
 * the line is not canonical. */
static bool scan_number(struct scan *s, int max_digits, uint64_t *ret)
{
    const char *p = s->p, *start = p;
    const char *fits = s->end - p > FITTING_DIGITS ? p + FITTING_DIGITS : s->end;
    uint64_t v = 0;
    unsigned digit;

    while (p < fits && (digit = (unsigned)*p - '0') <= 9) {
        v = v * 10 + digit;
        p++;
    }
    if (p == start || p - start > max_digits)
        return false;
    if (p == fits && p < s->end && (digit = (unsigned)*p - '0') <= 9) {
        if (p - start == max_digits || v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
        if (++p < s->end && is_digit(*p))
            return false;
    }
    s->p = p;
    if (*start == '0' && p - start > 1)
        s->canonical = false;
    *ret = v;
    return true;
}

/* To the first type= or node= at the start of a word, behind blanks, a syslog priority, or whatever
 * a relay or the kernel log put before it. */
static bool find_start(struct scan *s)
{
    const char *limit = s->end - s->p > RECORD_PREFIX_MAX ? s->p + RECORD_PREFIX_MAX + 1 : s->end;
    const char *p = s->p;
    bool word_start = true;

    if (p < limit && *p == '<') {
        do
            p++;
        while (p < limit && is_digit(*p));
        if (p < limit && *p == '>')
            p++;
        else
            p = s->p;
    }
    for (; p < limit; p++) {
        s->p = p;
        if (word_start && (LOOKING_AT(s, "type=") || LOOKING_AT(s, "node=")))
            return true;
        word_start = is_blank(*p);
    }
    return false;
}

/* "node=NAME " when there is one. */
static enum record_fault scan_node(struct scan *s, struct record *out)
{
    const char *name;

    if (!LOOKING_AT(s, "node="))
        return RECORD_OK;
    s->p += strlen("node=");
    name = s->p;
    while (s->p < s->end && (unsigned char)*s->p > ' ' && *s->p != '\x7f')
        s->p++;
    if (s->p == name || s->p - name > RECORD_NODE_MAX)
        return RECORD_BAD_NODE;
    out->node = name;
    out->node_len = (size_t)(s->p - name);
    return skip_blanks(s) ? RECORD_OK : RECORD_BAD_NODE;
}

/* "type=T ". The name in out is libaudit's when the text gives a number, else the text itself. */
static bool scan_type(struct scan *s, char *made, size_t made_size, struct record *out)
{
    const char *text, *name;
    size_t len;
    enum rectype kind;

    if (!LOOKING_AT(s, "type="))
        return false;
    s->p += strlen("type=");
    text = s->p;
    s->p = scan_blank_within(text, s->end);
    len = (size_t)(s->p - text);
    kind = rectype_lookup(text, len, &out->type);
    if (kind == RECTYPE_BAD)
        return false;
    out->type_name = text;
    out->type_name_len = len;
    if (kind == RECTYPE_NUMBER) {
        name = rectype_name(out->type);
        if (name)
            snprintf(made, made_size, "%s", name);
        else
            snprintf(made, made_size, "UNKNOWN[%d]", out->type);
        if (strlen(made) != len || memcmp(made, text, len) != 0) {
            s->canonical = false;
            out->type_name = made;
            out->type_name_len = strlen(made);
        }
    }
    return skip_blanks(s);
}

/* The records of an event come one behind the other: most stamps are the one of the line before.
 * What was read of a canonical one, up to the blank before the body, is kept with its text. */
#define STAMP_MAX (SEC_DIGITS_MAX + 1 + MS_DIGITS_MAX + 1 + SERIAL_DIGITS_MAX + 3)

static _Thread_local struct {
    char text[STAMP_MAX];
    size_t len; /* 0: nothing kept */
    int64_t sec;
    unsigned ms;
    uint64_t serial;
} last_stamp;

static bool is_last_stamp(const struct scan *s)
{
    size_t n = last_stamp.len;

    return n > 0 && (size_t)(s->end - s->p) >= n && memcmp(s->p, last_stamp.text, n) == 0;
}

static void keep_stamp(const char *text, size_t len, const struct record *rec)
{
    if (len > STAMP_MAX)
        return;
    memcpy(last_stamp.text, text, len);
    last_stamp.len = len;
    last_stamp.sec = rec->sec;
    last_stamp.ms = rec->ms;
    last_stamp.serial = rec->serial;
}

/* "SEC.MMM:SERIAL):" and what parts it from the body. auditd 2 wrote no colon behind its own
 * ("audit(...) config changed, auid=0"); an EOE may end with it. */
static bool scan_stamp(struct scan *s, struct record *out)
{
    const char *from = s->p, *start;
    bool was_canonical = s->canonical;
    uint64_t n;

    if (is_last_stamp(s)) {
        out->sec = last_stamp.sec;
        out->ms = last_stamp.ms;
        out->serial = last_stamp.serial;
        s->p += last_stamp.len;
        return true;
    }
    s->canonical = true;

    if (!scan_number(s, SEC_DIGITS_MAX, &n))
        return false;
    out->sec = (int64_t)n;
    out->ms = 0;
    if (LOOKING_AT(s, ".")) {
        bool canonical = s->canonical;

        start = ++s->p;
        if (!scan_number(s, MS_DIGITS_MAX, &n))
            return false;
        out->ms = (unsigned)n; /* .1 is one millisecond, as libauparse has it */
        s->canonical = canonical && s->p - start == MS_DIGITS_MAX;
    } else {
        s->canonical = false;
    }
    if (!LOOKING_AT(s, ":"))
        return false;
    s->p++;
    if (!scan_number(s, SERIAL_DIGITS_MAX, &out->serial))
        return false;
    if (LOOKING_AT(s, "):"))
        s->p += 2;
    else if (LOOKING_AT(s, ") "))
        s->p++;
    else
        return false;
    if (s->p[-1] == ')') {
        s->canonical = false;
        s->p++;
        return true;
    }
    if (s->p == s->end) {
        s->canonical = s->canonical && was_canonical;
        return true;
    }
    if (*s->p == ' ') {
        s->p++;
        if (s->canonical)
            keep_stamp(from, (size_t)(s->p - from), out);
        s->canonical = s->canonical && was_canonical;
        return true;
    }
    s->canonical = false; /* a blank is missing, or is a TAB */
    if (*s->p == '\t')
        s->p++;
    return true;
}

/* The canonical text into scratch; out's pointers are moved there. repair: where the separator
 * should be, or NULL. */
static void rewrite(struct buf *scratch, const char *body, const char *end,
                    const struct enriched *repair, struct record *out)
{
    size_t node_at = 0, type_at;
    int r;

    buf_reset(scratch, SCRATCH_KEEP);
    r = buf_reserve(scratch, out->node_len + (size_t)(end - body) + REWRITE_ROOM);
    assert(r == 0); /* scratch is smaller than record.h demands */
    (void)r;
    if (out->node) {
        (void)buf_append_str(scratch, "node=");
        node_at = scratch->len;
        (void)buf_append(scratch, out->node, out->node_len);
        (void)buf_append_char(scratch, ' ');
    }
    (void)buf_append_str(scratch, "type=");
    type_at = scratch->len;
    (void)buf_append(scratch, out->type_name, out->type_name_len);
    (void)buf_printf(scratch, " msg=audit(%lld.%03u:%llu): ", (long long)out->sec, out->ms,
                     (unsigned long long)out->serial);
    out->body = scratch->len;
    if (repair) {
        (void)buf_append(scratch, body, repair->raw);
        (void)buf_append_char(scratch, ENRICHED_SEPARATOR);
        body += repair->names;
    }
    (void)buf_append(scratch, body, (size_t)(end - body));
    out->line = scratch->data;
    out->len = scratch->len;
    if (out->node)
        out->node = scratch->data + node_at;
    out->type_name = scratch->data + type_at;
}

enum record_fault record_parse(const char *line, size_t len, struct buf *scratch,
                               struct record *out)
{
    struct scan s = {.p = line, .canonical = true};
    const char *start, *separator;
    struct enriched damaged;
    bool repair;
    char made[64];
    enum record_fault fault;

    *out = (struct record){.type = -1};
    if (len == 0)
        return RECORD_EMPTY; /* line may be NULL */
    if (memchr(line, '\0', len))
        return RECORD_NUL;
    s.end = line + len;
    while (s.end > s.p && s.end[-1] == '\r')
        s.end--;
    while (s.p < s.end && is_blank(*s.p))
        s.p++;
    if (s.p == s.end)
        return RECORD_EMPTY;
    if (!find_start(&s))
        return RECORD_NO_HEADER;

    start = s.p;
    fault = scan_node(&s, out);
    if (fault != RECORD_OK)
        return fault;
    if (!scan_type(&s, made, sizeof(made), out))
        return RECORD_NO_HEADER;
    if (LOOKING_AT(&s, "msg="))
        s.p += strlen("msg=");
    else
        s.canonical = false; /* the kernel log's form */
    if (!LOOKING_AT(&s, "audit("))
        return RECORD_NO_HEADER;
    s.p += strlen("audit(");
    if (!scan_stamp(&s, out))
        return RECORD_BAD_STAMP;

    separator = memchr(s.p, ENRICHED_SEPARATOR, (size_t)(s.end - s.p));
    repair = !separator &&
             enriched_find(s.p, (size_t)(s.end - s.p), out->type == AUDIT_SOCKADDR, &damaged);
    if (s.canonical && !repair) {
        out->line = start;
        out->len = (size_t)(s.end - start);
        out->body = (size_t)(s.p - start);
        out->raw_len = separator ? (size_t)(separator - start) : out->len;
    } else {
        size_t raw = separator ? (size_t)(separator - s.p)
                     : repair  ? damaged.raw
                               : (size_t)(s.end - s.p);

        rewrite(scratch, s.p, s.end, repair ? &damaged : NULL, out);
        out->raw_len = out->body + raw;
    }
    if (out->body - (out->node ? strlen("node= ") + out->node_len : 0) > HEADER_MAX + 2)
        return RECORD_BAD_STAMP;
    return RECORD_OK;
}
