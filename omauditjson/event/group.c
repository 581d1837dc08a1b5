/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "event/group.h"

#include <libaudit.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/clock.h"
#include "conf/conf.h"
#include "base/mem.h"
#include "event/group_internal.h"

#define FIRST_BUCKETS 256
#define OPEN_BYTES (32u << 20)
#define EVENT_BYTES_FACTOR 4

static void list_append(struct list *l, struct group_event *ev)
{
    ev->prev = l->last;
    ev->next = NULL;
    if (l->last)
        l->last->next = ev;
    else
        l->first = ev;
    l->last = ev;
}

void group_list_remove(struct list *l, struct group_event *ev)
{
    if (ev->prev)
        ev->prev->next = ev->next;
    else
        l->first = ev->next;
    if (ev->next)
        ev->next->prev = ev->prev;
    else
        l->last = ev->prev;
    ev->prev = ev->next = NULL;
}

void group_limits(const struct conf *conf, struct group_conf *ret)
{
    *ret = (struct group_conf){.timeout_ms = conf->end_of_event_timeout,
                               .settle_ms = conf->settle,
                               .settle_records = GROUP_SETTLE_RECORDS,
                               .max_event_bytes = conf->max_event * EVENT_BYTES_FACTOR,
                               .max_records = conf->max_event_records,
                               .max_events = conf->max_open_events,
                               .max_bytes = OPEN_BYTES};
    if (ret->max_bytes < 2 * ret->max_event_bytes)
        ret->max_bytes = 2 * ret->max_event_bytes;
}

struct group *group_new(const struct group_conf *conf)
{
    struct group *g = mem_calloc(1, sizeof(*g));

    g->conf = *conf;
    g->n_buckets = FIRST_BUCKETS;
    g->buckets = mem_calloc(g->n_buckets, sizeof(*g->buckets));
    return g;
}

void group_event_free(struct group_event *ev)
{
    free(ev->text);
    free(ev->lines);
    free(ev);
}

static void free_list(struct group_event *ev)
{
    while (ev) {
        struct group_event *next = ev->next;

        group_event_free(ev);
        ev = next;
    }
}

void group_free(struct group *g)
{
    if (!g)
        return;
    free_list(g->open.first);
    free_list(g->settling.first);
    free_list(g->spare);
    free(g->buckets);
    free(g);
}

void group_set_conf(struct group *g, const struct group_conf *conf)
{
    g->conf = *conf;
}

/* ---- the index ------------------------------------------------------------------------------ */

static uint64_t key_hash(const struct record *rec)
{
    uint64_t key[3] = {(uint64_t)rec->sec * 1000 + rec->ms, rec->serial, 0};

    if (rec->node_len)
        key[2] = XXH3_64bits(rec->node, rec->node_len);
    return XXH3_64bits(key, sizeof(key));
}

static inline bool has_key(const struct group_event *ev, const struct record *rec)
{
    return ev->serial == rec->serial && ev->sec == rec->sec && ev->ms == rec->ms &&
           ev->node_len == rec->node_len &&
           (rec->node_len == 0 || memcmp(ev->text, rec->node, rec->node_len) == 0);
}

/* Most records belong to the event of the record before. */
static inline struct group_event *find(struct group *g, const struct record *rec)
{
    struct group_event *ev = g->found;
    uint64_t hash;

    if (ev && has_key(ev, rec))
        return ev;
    hash = key_hash(rec);
    ev = g->buckets[hash & (g->n_buckets - 1)];
    while (ev && (ev->hash != hash || !has_key(ev, rec)))
        ev = ev->chain;
    return g->found = ev;
}

static void rehash(struct group *g)
{
    size_t n = g->n_buckets * 2;
    struct group_event **buckets = mem_calloc(n, sizeof(*buckets));

    for (size_t i = 0; i < g->n_buckets; i++) {
        struct group_event *ev = g->buckets[i];

        while (ev) {
            struct group_event *next = ev->chain, **b = &buckets[ev->hash & (n - 1)];

            ev->chain = *b;
            *b = ev;
            ev = next;
        }
    }
    free(g->buckets);
    g->buckets = buckets;
    g->n_buckets = n;
}

static void link_event(struct group *g, struct group_event *ev)
{
    struct group_event **b;

    if (g->n_linked >= g->n_buckets)
        rehash(g);
    b = &g->buckets[ev->hash & (g->n_buckets - 1)];
    ev->chain = *b;
    *b = ev;
    ev->linked = true;
    g->found = ev;
    g->n_linked++;
}

void group_unlink(struct group *g, struct group_event *ev)
{
    struct group_event **b = &g->buckets[ev->hash & (g->n_buckets - 1)];

    if (!ev->linked)
        return;
    while (*b != ev)
        b = &(*b)->chain;
    *b = ev->chain;
    ev->linked = false;
    if (g->found == ev)
        g->found = NULL;
    g->n_linked--;
}

/* ---- filling -------------------------------------------------------------------------------- */

bool group_type_is_alone(int type)
{
    /* LOGIN comes with a SYSCALL; a name that libaudit does not know (-1) may be part of anything:
     * both wait for the end of their event or for the time-out. */
    if (type < 0 || type == AUDIT_LOGIN)
        return false;
    return type < AUDIT_FIRST_EVENT || type >= AUDIT_FIRST_ANOM_MSG || type == AUDIT_KERNEL ||
           (type >= AUDIT_MAC_UNLBL_ALLOW && type <= AUDIT_MAC_CALIPSO_DEL);
}

static struct group_event *event_new(struct group *g, const struct record *rec)
{
    struct group_event *ev = g->spare;

    if (ev) {
        char *text = ev->text;
        size_t text_cap = ev->text_cap;
        struct group_line *lines = ev->lines;
        size_t lines_cap = ev->lines_cap;

        g->spare = ev->next;
        g->n_spare--;
        *ev = (struct group_event){
            .text = text, .text_cap = text_cap, .lines = lines, .lines_cap = lines_cap};
    } else {
        ev = mem_calloc(1, sizeof(*ev));
    }
    ev->hash = key_hash(rec);
    ev->sec = rec->sec;
    ev->ms = rec->ms;
    ev->serial = rec->serial;
    return ev;
}

static size_t put_text(struct group_event *ev, const char *p, size_t len)
{
    size_t offset = ev->text_len;

    if (ev->text_len + len > ev->text_cap) {
        size_t cap = ev->text_cap ? ev->text_cap : 2048;

        while (cap < ev->text_len + len)
            cap *= 2;
        ev->text = mem_realloc(ev->text, cap);
        ev->text_cap = cap;
    }
    memcpy(ev->text + offset, p, len);
    ev->text_len += len;
    return offset;
}

void group_complete(struct group *g, struct group_event *ev, enum event_complete why,
                    int64_t now_ms)
{
    if (ev->is_complete)
        return;
    ev->is_complete = true;
    ev->complete = why;
    ev->last_ms = now_ms;
    ev->records_then = g->n_records;
    group_list_remove(&g->open, ev);
    list_append(&g->settling, ev);
}

/* An event at its bound takes no more: what comes later starts another part. */
static void close_event(struct group *g, struct group_event *ev, int64_t now_ms)
{
    group_complete(g, ev, EVENT_BY_LIMIT, now_ms);
    group_unlink(g, ev);
}

static void add_line(struct group_event *ev, const struct record *rec, uint64_t seq, uint32_t cut)
{
    struct group_line *l;

    if (ev->n_lines == ev->lines_cap) {
        ev->lines_cap = ev->lines_cap ? ev->lines_cap * 2 : 8;
        ev->lines = mem_realloc_array(ev->lines, ev->lines_cap, sizeof(*ev->lines));
    }
    l = &ev->lines[ev->n_lines++];
    *l = (struct group_line){.offset = put_text(ev, rec->line, rec->len),
                             .len = (uint32_t)rec->len,
                             .body = (uint32_t)rec->body,
                             .raw_len = (uint32_t)rec->raw_len,
                             .type = rec->type,
                             .seq = seq,
                             .cut = cut};
}

/* At a bound the event that has been silent longest is ended: one for each new one, and one for
 * each record that passes the bound in bytes. keep: the record's own event, NULL for a new one. */
static void make_room(struct group *g, const struct group_event *keep, size_t len, int64_t now_ms)
{
    if (g->open.first && g->open.first != keep &&
        ((!keep && g->n_events >= g->conf.max_events) || g->bytes + len > g->conf.max_bytes))
        close_event(g, g->open.first, now_ms);
}

bool group_has(struct group *g, const struct record *rec)
{
    return find(g, rec) != NULL;
}

void group_add(struct group *g, const struct record *rec, uint64_t seq, uint32_t cut, unsigned part,
               int64_t now_ms)
{
    struct group_event *ev = find(g, rec);

    if (ev &&
        (ev->text_len + rec->len > g->conf.max_event_bytes || ev->n_lines >= g->conf.max_records)) {
        part = ev->part + 1;
        close_event(g, ev, now_ms);
        ev = NULL;
    }
    if (!ev) {
        make_room(g, NULL, rec->len, now_ms);
        ev = event_new(g, rec);
        ev->part = part;
        if (rec->node_len)
            put_text(ev, rec->node, rec->node_len);
        ev->node_len = rec->node_len;
        link_event(g, ev);
        list_append(&g->open, ev);
        g->n_events++;
    } else if (!ev->is_complete) {
        group_list_remove(&g->open, ev);
        list_append(&g->open, ev);
        make_room(g, ev, rec->len, now_ms);
    } else {
        ev->records_then++; /* its own record does not hurry it */
    }
    g->n_records++;
    g->bytes += rec->len;
    cutoff_count(cut, &ev->cut_bytes, &ev->cut_before);
    add_line(ev, rec, seq, cut);
    if (!ev->is_complete)
        ev->last_ms = now_ms;
    if (rec->type == AUDIT_EOE) {
        group_complete(g, ev, EVENT_BY_EOE, now_ms);
        ev->complete = EVENT_BY_EOE;
    } else if (rec->type == AUDIT_PROCTITLE || group_type_is_alone(rec->type)) {
        group_complete(g, ev, EVENT_BY_TYPE, now_ms);
    }
}

/* ---- views ---------------------------------------------------------------------------------- */

struct record group_key(const struct group_event *ev)
{
    return (struct record){.node = ev->node_len ? ev->text : NULL,
                           .node_len = ev->node_len,
                           .sec = ev->sec,
                           .ms = ev->ms,
                           .serial = ev->serial};
}

void group_source(const struct group_event *ev, struct event_line *lines, struct event_source *out)
{
    for (size_t i = 0; i < ev->n_lines; i++) {
        const struct group_line *l = &ev->lines[i];

        lines[i] = (struct event_line){.line = ev->text + l->offset,
                                       .len = l->len,
                                       .body = l->body,
                                       .raw_len = l->raw_len,
                                       .type = l->type};
    }
    *out = (struct event_source){.node = ev->node_len ? ev->text : NULL,
                                 .node_len = ev->node_len,
                                 .sec = ev->sec,
                                 .ms = ev->ms,
                                 .serial = ev->serial,
                                 .part = ev->part,
                                 .complete = ev->complete,
                                 .lines = lines,
                                 .n_lines = ev->n_lines,
                                 .cut_bytes = ev->cut_bytes,
                                 .cut_before = ev->cut_before};
}
