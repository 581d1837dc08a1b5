/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "event_lines.h"

#include <libaudit.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "input/cutoff.h"
#include "input/rectype.h"

static bool take(const char **p, const char *end, const char *text)
{
    size_t n = strlen(text);

    if ((size_t)(end - *p) < n || memcmp(*p, text, n) != 0)
        return false;
    *p += n;
    return true;
}

static bool number(const char **p, const char *end, uint64_t *ret)
{
    const char *from = *p;

    for (*ret = 0; *p < end && **p >= '0' && **p <= '9' && *p - from < 20; (*p)++)
        *ret = *ret * 10 + (uint64_t)(**p - '0');
    return *p > from;
}

static int type_of(const char *name, size_t len)
{
    int type;

    return rectype_lookup(name, len, &type) == RECTYPE_BAD ? -1 : type;
}

bool event_lines_header(const char *line, size_t len, struct event_line *l, struct event_source *id)
{
    const char *p = line, *end = line + len, *type, *sep;
    uint64_t sec, ms;

    *id = (struct event_source){.part = 1, .complete = EVENT_BY_TYPE};
    if (take(&p, end, "node=")) {
        id->node = p;
        p = memchr(p, ' ', (size_t)(end - p));
        if (!p)
            return false;
        id->node_len = (size_t)(p - id->node);
        p++;
    }
    if (!take(&p, end, "type="))
        return false;
    type = p;
    p = memchr(p, ' ', (size_t)(end - p));
    if (!p)
        return false;
    l->type = type_of(type, (size_t)(p - type));
    if (!take(&p, end, " msg=audit(") || !number(&p, end, &sec) || !take(&p, end, ".") ||
        !number(&p, end, &ms) || !take(&p, end, ":") || !number(&p, end, &id->serial) ||
        !take(&p, end, "):"))
        return false;
    take(&p, end, " ");
    id->sec = (int64_t)sec;
    id->ms = (unsigned)(ms % 1000);
    sep = memchr(p, 0x1d, (size_t)(end - p));
    l->line = line;
    l->len = len;
    l->body = (size_t)(p - line);
    l->raw_len = sep ? (size_t)(sep - line) : len;
    return true;
}

static bool came_cut(const struct event_line *l)
{
    struct record rec = {
        .line = l->line, .len = l->len, .body = l->body, .raw_len = l->raw_len, .type = l->type};

    return cutoff_before(&rec, l->len);
}

static bool same(const struct event_source *a, const struct event_source *b)
{
    return a->sec == b->sec && a->ms == b->ms && a->serial == b->serial &&
           a->node_len == b->node_len && !a->node == !b->node &&
           (!a->node || memcmp(a->node, b->node, a->node_len) == 0);
}

/* Quadratic, but the last events are looked at first and tests are small. */
static size_t find(const struct event_lines *e, const struct event_source *id)
{
    size_t i = e->n;

    while (i > 0 && !same(&e->sources[i - 1], id))
        i--;
    return i ? i - 1 : e->n;
}

void event_lines_init(struct event_lines *e, const char *text, size_t len)
{
    size_t n_lines = 0, n = 0, *owner;
    struct event_line *all;
    const char *p, *end;

    *e = (struct event_lines){.text = mem_strndup(text, len)};
    for (size_t i = 0; i < len; i++)
        n_lines += text[i] == '\n';
    n_lines++;
    all = mem_calloc(n_lines, sizeof(*all));
    owner = mem_calloc(n_lines, sizeof(*owner));
    e->sources = mem_calloc(n_lines, sizeof(*e->sources));
    end = e->text + len;
    for (p = e->text; p < end;) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        struct event_source id;

        if (!stop)
            stop = end;
        if (event_lines_header(p, (size_t)(stop - p), &all[n], &id)) {
            owner[n] = find(e, &id);
            if (owner[n] == e->n)
                e->sources[e->n++] = id;
            if (all[n].type == AUDIT_EOE)
                e->sources[owner[n]].complete = EVENT_BY_EOE;
            e->sources[owner[n]].n_lines++;
            e->sources[owner[n]].cut_before += came_cut(&all[n]);
            n++;
        } else if (stop > p) {
            e->n_bad++;
        }
        p = stop + 1;
    }
    /* the lines of each event one behind the other */
    e->lines = mem_calloc(n + 1, sizeof(*e->lines));
    for (size_t i = 0, at = 0; i < e->n; i++) {
        e->sources[i].lines = &e->lines[at];
        at += e->sources[i].n_lines;
        e->sources[i].n_lines = 0;
    }
    for (size_t i = 0; i < n; i++) {
        struct event_source *s = &e->sources[owner[i]];

        e->lines[(size_t)(s->lines - e->lines) + s->n_lines++] = all[i];
    }
    free(all);
    free(owner);
}

void event_lines_done(struct event_lines *e)
{
    free(e->sources);
    free(e->lines);
    free(e->text);
    *e = (struct event_lines){0};
}
