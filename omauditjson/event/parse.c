/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "event/parse.h"

#include <auparse.h>
#include <errno.h>
#include <libaudit.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"
#include "base/scan.h"
#include "event/execve.h"
#include "event/fields.h"

/* libauparse walks its list of records for each one it appends, so a large event is fed in pieces.
 * Results are matched by line number, not by event. */
#define FEED_LINES 256
#define EVENT_BYTES_MAX ((size_t)UINT32_MAX / 2)
#define KEEP_BYTES ((size_t)1024 * 1024) /* memory kept from event to event */
#define KEEP_ITEMS ((size_t)16384)

/* Where a record's text lies, and its fields: by number, because their array moves as it grows. */
struct part {
    size_t type_at;  /* offset of "type=" in the line */
    size_t type_len; /* of the type's name; 0: it has none that libauparse would read */
    char *body;
    size_t body_len;
    size_t first_field;
    bool fed; /* to libauparse */
};

struct parser {
    auparse_state_t *au;
    unsigned lines_fed; /* wraps around like libauparse's own counter */
    /* the current piece */
    unsigned piece_first; /* lines_fed when it began */
    size_t piece_lines;
    const size_t *piece_record; /* record of each of its lines */

    struct event event;
    struct event_record *records;
    size_t cap_records;
    size_t *fed; /* records in the order in which their lines are fed */
    size_t cap_fed;
    struct part *parts; /* of each record */
    size_t cap_parts;
    char *text; /* our copy of the lines; fields are decoded in it */
    size_t cap_text;
    struct fields fields;
    uint8_t by_name[EVENT_NAME_COUNT]; /* of one record, the one that is asked most */
    struct execve execve;
};

/* Called for each event that libauparse sees; it splits a login into two, for instance. */
static void take_records(auparse_state_t *au, auparse_cb_event_t what, void *arg)
{
    struct parser *p = arg;

    if (what != AUPARSE_CB_EVENT_READY || auparse_first_record(au) <= 0)
        return;
    do {
        size_t i = auparse_get_line_number(au) - p->piece_first - 1u;
        struct event_record *rec;
        int type = auparse_get_type(au);

        if (i >= p->piece_lines)
            continue;
        rec = &p->records[p->piece_record[i]];
        rec->by_library = true;
        if (type > 0)
            rec->type = type;
    } while (auparse_next_record(au) > 0);
}

static void start_library(struct parser *p)
{
    p->au = auparse_init(AUSOURCE_FEED, NULL);
    if (!p->au)
        return;
    p->lines_fed = 0;
    auparse_set_escape_mode(p->au, AUPARSE_ESC_RAW);
    auparse_add_callback(p->au, take_records, p, NULL);
}

struct parser *parser_new(void)
{
    struct parser *p = mem_calloc(1, sizeof(*p));

    fields_init(&p->fields);
    start_library(p);
    return p;
}

void parser_free(struct parser *p)
{
    if (!p)
        return;
    if (p->au)
        auparse_destroy(p->au);
    fields_done(&p->fields);
    execve_done(&p->execve);
    free(p->records);
    free(p->fed);
    free(p->parts);
    free(p->text);
    free(p);
}

/* Room for n items; the old contents are lost. Memory of one huge event is freed by the next
 * ordinary one. */
static void *room(void *old, size_t *cap, size_t n, size_t size, size_t keep)
{
    if (n <= *cap && (*cap <= keep || n > keep))
        return old;
    free(old);
    *cap = n < 64 ? 64 : n;
    return mem_realloc_array(NULL, *cap, size);
}

/* Offset of "type=" in a canonical line, behind "node=N ". */
static size_t type_offset(const struct event_line *l)
{
    const char *blank;

    if (l->body < 5 || memcmp(l->line, "node=", 5) != 0)
        return 0;
    blank = memchr(l->line, ' ', l->body);
    return blank ? (size_t)(blank + 1 - l->line) : 0;
}

static bool has_two_cwd(const char *p, size_t n)
{
    const char *end = p + n;
    int found = 0;

    for (const char *q = p; (q = memchr(q, '=', (size_t)(end - q))); q++) {
        if (q - p >= 3 && memcmp(q - 3, "cwd", 3) == 0 && ++found == 2)
            return true;
    }
    return false;
}

static const bool is_type_char[256] = {
    ['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true,
    ['_'] = true,         ['['] = true,         [']'] = true,
};

/* Length of the name in "type=NAME " at the start of the line's header; 0: there is none. */
static size_t type_length(const struct event_line *l, size_t offset)
{
    const char *p = l->line + offset, *end = l->line + l->body, *name;

    if (l->body < offset + 5 || memcmp(p, "type=", 5) != 0)
        return 0;
    for (name = p += 5; p < end && is_type_char[(unsigned char)*p];)
        p++;
    return p < end && *p == ' ' ? (size_t)(p - name) : 0;
}

/* Can libauparse parse it? EOE has no fields; a record without a type and one with two cwd make it
 * leak (3.0.9); a line feed in a line would break the line numbers. */
static bool can_be_fed(const struct event_line *l, const struct part *part)
{
    size_t body = l->raw_len - l->body;

    if (l->type == AUDIT_EOE || part->type_len == 0)
        return false;
    if (l->type == AUDIT_CWD && has_two_cwd(l->line + l->body, body))
        return false;
    return memchr(l->line + l->body, '=', body) &&
           !memchr(l->line + part->type_at, '\n', l->raw_len - part->type_at);
}

static int check_source(const struct event_source *src, size_t *total)
{
    size_t sum = src->node_len;

    for (size_t i = 0; i < src->n_lines; i++) {
        const struct event_line *l = &src->lines[i];

        if (l->body > l->raw_len || l->raw_len > l->len)
            return -EINVAL;
        if (l->len >= EVENT_BYTES_MAX || sum > EVENT_BYTES_MAX - l->len - 1)
            return -EMSGSIZE;
        sum += l->len + 1;
    }
    *total = sum;
    return 0;
}

static void look_at_lines(struct parser *p, const struct event_source *src)
{
    for (size_t i = 0; i < src->n_lines; i++) {
        struct part *part = &p->parts[i];

        part->type_at = type_offset(&src->lines[i]);
        part->type_len = type_length(&src->lines[i], part->type_at);
        part->fed = can_be_fed(&src->lines[i], part);
    }
}

/* The sum of the records' hashes, because their order is no part of the event's identity. */
static uint64_t digest(const struct parser *p, const struct event_source *src)
{
    uint64_t sum = 0;
    unsigned char le[8];

    for (size_t i = 0; i < src->n_lines; i++) {
        const struct event_line *l = &src->lines[i];
        size_t from = p->parts[i].type_at;

        if (l->type != AUDIT_EOE)
            sum += XXH3_64bits(l->line + from, l->raw_len - from);
    }
    for (size_t i = 0; i < sizeof(le); i++)
        le[i] = (unsigned char)(sum >> (8 * i));
    return XXH64(le, sizeof(le), 0);
}

static void init_record(struct event_record *rec, const struct event_line *l,
                        const struct part *part, const char *line)
{
    const char *name = line + 5, *blank; /* behind "type=" */
    size_t head = l->body - part->type_at, len = part->type_len;

    *rec = (struct event_record){.type = l->type, .type_name = "", .line = l};
    if (len == 0) { /* libauparse does not read this name */
        if (head < 5 || memcmp(line, "type=", 5) != 0)
            return;
        blank = memchr(name, ' ', head - 5);
        len = blank ? (size_t)(blank - name) : head - 5;
    }
    rec->type_name = name;
    rec->type_name_len = (uint32_t)len;
}

static char *copy_line(struct parser *p, size_t i, const struct event_line *l, char *out)
{
    struct part *part = &p->parts[i];
    size_t n = l->raw_len - part->type_at;

    memcpy(out, l->line + part->type_at, n);
    out[n] = '\n';
    init_record(&p->records[i], l, part, out);
    part->body = out + (l->body - part->type_at);
    part->body_len = l->raw_len - l->body;
    return out + n + 1;
}

/* Copy the lines: first those that libauparse gets, one behind the other with a line feed each, so
 * that a piece of them is fed as it lies; then the others; then the enriched parts and the node.
 * Returns the number of lines to feed. */
static size_t copy_lines(struct parser *p, const struct event_source *src)
{
    char *out = p->text;
    size_t n_fed = 0;

    for (size_t i = 0; i < src->n_lines; i++) {
        if (p->parts[i].fed) {
            out = copy_line(p, i, &src->lines[i], out);
            p->fed[n_fed++] = i;
        }
    }
    for (size_t i = 0; i < src->n_lines && n_fed < src->n_lines; i++) {
        if (!p->parts[i].fed)
            out = copy_line(p, i, &src->lines[i], out);
    }
    for (size_t i = 0; i < src->n_lines; i++) {
        const struct event_line *l = &src->lines[i];

        if (l->len <= l->raw_len + 1)
            continue;
        p->records[i].enriched = out;
        p->records[i].enriched_len = l->len - l->raw_len - 1;
        memcpy(out, l->line + l->raw_len + 1, p->records[i].enriched_len);
        out += p->records[i].enriched_len;
    }
    if (src->node) {
        memcpy(out, src->node, src->node_len);
        p->event.node = out;
        p->event.node_len = src->node_len;
        out += src->node_len;
    }
    memset(out, 0, SCAN_PAD); /* what fields_split() may look at behind the last line */
    return n_fed;
}

/* One feed and one flush a piece. If libauparse is not empty afterwards, restart it: what it still
 * holds would come out with the next event. Where it finds no memory it goes on without what it
 * could not keep [auparse(3) has no error for that]; only malloc's errno tells, and the event would
 * come out as another one than at the next try. */
static void feed_library(struct parser *p, size_t n_fed)
{
    for (size_t i = 0; i < n_fed && p->au; i += p->piece_lines) {
        const struct part *last;
        const char *from, *end;

        p->piece_first = p->lines_fed;
        p->piece_record = &p->fed[i];
        p->piece_lines = n_fed - i < FEED_LINES ? n_fed - i : FEED_LINES;
        last = &p->parts[p->fed[i + p->piece_lines - 1]];
        from = p->records[p->fed[i]].type_name - 5;
        end = last->body + last->body_len + 1;
        errno = 0;
        auparse_feed(p->au, from, (size_t)(end - from));
        p->lines_fed += (unsigned)p->piece_lines;
        auparse_flush_feed(p->au);
        if (errno == ENOMEM)
            mem_exhausted();
        if (auparse_feed_has_data(p->au)) {
            auparse_destroy(p->au);
            start_library(p);
        }
        /* its search loops run to the highest number of events it ever held */
        if (p->au)
            auparse_reset(p->au);
    }
}

/* The main record: the first SYSCALL, else the first one. */
static struct event_record *most_asked(struct parser *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p->records[i].type == AUDIT_SYSCALL)
            return &p->records[i];
    }
    return &p->records[0];
}

static void index_fields(struct parser *p, struct event_record *rec)
{
    if (rec->n_fields > UINT8_MAX)
        return;
    memset(p->by_name, 0, sizeof(p->by_name));
    for (size_t i = rec->n_fields; i-- > 0;) {
        const struct event_field *f = &rec->fields[i];

        if (!(f->flags & EVENT_FIELD_NESTED))
            p->by_name[f->id] = event_field_is_missing(f) ? 0 : (uint8_t)(i + 1);
    }
    rec->by_name = p->by_name;
}

static void split_records(struct parser *p, size_t n)
{
    fields_reset(&p->fields);
    for (size_t i = 0; i < n; i++) {
        p->parts[i].first_field = p->fields.n;
        if (p->records[i].type != AUDIT_EOE)
            fields_split(&p->fields, p->records[i].type, p->parts[i].body, p->parts[i].body_len);
        p->records[i].n_fields = p->fields.n - p->parts[i].first_field;
    }
    for (size_t i = 0; i < n; i++)
        p->records[i].fields = p->fields.at + p->parts[i].first_field;
    p->event.fields = p->fields.at;
    p->event.n_fields = p->fields.n;
    if (n > 0)
        index_fields(p, most_asked(p, n));
}

int parse_event(struct parser *p, const struct event_source *src, const struct event **ret)
{
    size_t total, n = src->n_lines;
    int r = check_source(src, &total);

    if (r < 0)
        return r;
    p->text = room(p->text, &p->cap_text, total + SCAN_PAD, 1, KEEP_BYTES);
    p->records = room(p->records, &p->cap_records, n, sizeof(*p->records), KEEP_ITEMS);
    p->parts = room(p->parts, &p->cap_parts, n, sizeof(*p->parts), KEEP_ITEMS);
    p->fed = room(p->fed, &p->cap_fed, n, sizeof(*p->fed), KEEP_ITEMS);

    look_at_lines(p, src);
    p->event = (struct event){.sec = src->sec,
                              .ms = src->ms,
                              .serial = src->serial,
                              .part = src->part,
                              .complete = src->complete,
                              .digest = digest(p, src),
                              .records = p->records,
                              .n_records = n,
                              .cut_records = src->cut_records,
                              .cut_bytes = src->cut_bytes,
                              .cut_before = src->cut_before,
                              .lineage = src->lineage};
    feed_library(p, copy_lines(p, src));
    split_records(p, n);
    execve_collect(&p->execve, &p->event);
    *ret = &p->event;
    return 0;
}
