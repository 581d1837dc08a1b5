/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/notes.h"

#include <stdio.h>

void notes_init(struct notes *n)
{
    *n = (struct notes){.cut = BUF_INIT(NOTES_MAX), .invalid = BUF_INIT(NOTES_MAX)};
}

void notes_done(struct notes *n)
{
    buf_done(&n->cut);
    buf_done(&n->invalid);
}

void notes_reset(struct notes *n)
{
    buf_truncate(&n->cut, 0);
    buf_truncate(&n->invalid, 0);
    n->n_cut = 0;
}

static void add_cut(struct notes *n, const char *key, uint64_t full)
{
    buf_printf(&n->cut, "%s\"%s=%llu\"", n->cut.len ? "," : "", key, (unsigned long long)full);
}

void notes_add_event(struct notes *n, const struct event *ev)
{
    if (ev->cut_records)
        notes_add_cut(n, "records", ev->n_records + ev->cut_records);
    if (ev->cut_bytes)
        notes_add_cut(n, "line_bytes_lost", ev->cut_bytes);
    if (ev->cut_before)
        notes_add_cut(n, "lines_cut_before", ev->cut_before);
}

void notes_add_cut(struct notes *n, const char *key, uint64_t full)
{
    if (n->n_cut++ < NOTES_CUT)
        add_cut(n, key, full);
}

void notes_add_string(struct notes *n, const char *key, const struct json_string *s)
{
    char quoted[64];
    int len;

    if (s->cut)
        notes_add_cut(n, key, s->full);
    if (!s->invalid)
        return;
    len = snprintf(quoted, sizeof(quoted), "\"%s\"", key);
    if (len < 0 || (size_t)len >= sizeof(quoted) ||
        (n->invalid.len && memmem(n->invalid.data, n->invalid.len, quoted, (size_t)len)))
        return;
    if (n->invalid.len)
        buf_append_char(&n->invalid, ',');
    buf_append(&n->invalid, quoted, (size_t)len);
}

static void write_array(const struct buf *b, struct json_writer *w, const char *key, size_t len)
{
    if (b->len == 0)
        return;
    json_key(w, key, len);
    json_open(w, '[');
    json_raw(w, b->data, b->len);
    json_close(w, ']');
}

void notes_write_cut(struct notes *n, struct json_writer *w, const char *key, size_t len)
{
    if (n->n_cut > NOTES_CUT)
        add_cut(n, "other_values", n->n_cut - NOTES_CUT);
    write_array(&n->cut, w, key, len);
}

void notes_write_invalid(struct notes *n, struct json_writer *w, const char *key, size_t len)
{
    write_array(&n->invalid, w, key, len);
}
