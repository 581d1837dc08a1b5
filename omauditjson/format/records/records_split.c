/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/records/records_split.h"

#include <stdio.h>
#include <string.h>

#define HASH_START 2166136261u
#define HASH_FACTOR 16777619u

enum part { PART_BODY, PART_MSG, PART_ENRICHED };

struct region {
    const char *p;
    const char *end;
    enum part part;
    const char *no_quote_after; /* no closing quote beyond this point: keeps hostile text linear */
};

/* -- names ------------------------------------------------------------------------------------- */

void records_names_reset(struct records_names *n)
{
    for (size_t i = 0; i < n->n; i++)
        n->slot[n->at[i].slot] = 0;
    n->n = 0;
}

uint32_t records_names_count(struct records_names *n, const char *p, size_t len)
{
    uint32_t h = HASH_START;
    struct records_name *new;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)p[i]) * HASH_FACTOR;
    for (h &= RECORDS_SLOTS - 1; n->slot[h]; h = (h + 1) & (RECORDS_SLOTS - 1)) {
        struct records_name *old = &n->at[n->slot[h] - 1];

        if (old->len == len && memcmp(old->p, p, len) == 0)
            return ++old->count;
    }
    if (n->n == RECORDS_FIELDS_MAX)
        return 0;
    new = &n->at[n->n++];
    *new = (struct records_name){.p = p, .len = (uint16_t)len, .slot = (uint16_t)h, .count = 1};
    n->slot[h] = (uint16_t)n->n;
    return 1;
}

/* -- fields ------------------------------------------------------------------------------------ */

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name(char c)
{
    return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '[' ||
           c == ']';
}

/* Length of the name of a field that begins at p; 0: none does. */
static size_t name_at(const char *p, const char *end)
{
    const char *from = p;

    if (p == end || !is_name_start(*p))
        return 0;
    while (p < end && p - from <= RECORDS_NAME_MAX && is_name(*p))
        p++;
    return p < end && *p == '=' && p - from <= RECORDS_NAME_MAX ? (size_t)(p - from) : 0;
}

/* The first field at p or behind a blank after it; end: none. */
static const char *next_field(const char *p, const char *end, bool at_once)
{
    if (at_once && name_at(p, end))
        return p;
    while (p < end && (p = memchr(p, ' ', (size_t)(end - p))) != NULL) {
        if (name_at(++p, end))
            return p;
    }
    return end;
}

/* The quote that ends the value, one before a blank or the end; NULL: none. */
static const char *closing_quote(struct region *r, const char *p)
{
    const char *from = p;

    if (r->no_quote_after && p >= r->no_quote_after)
        return NULL;
    while (p < r->end && (p = memchr(p, '"', (size_t)(r->end - p))) != NULL) {
        if (p + 1 == r->end || p[1] == ' ')
            return p;
        p++;
    }
    r->no_quote_after = from;
    return NULL;
}

/* From where on the next field may begin: not within quotes, braces or msg='...'. */
static const char *inner_end(struct region *r, const char *value, bool is_msg)
{
    const char *stop = NULL;

    if (value == r->end)
        return value;
    if (*value == '"')
        stop = closing_quote(r, value + 1);
    else if (*value == '{' && r->part == PART_ENRICHED)
        stop = memchr(value, '}', (size_t)(r->end - value));
    else if (*value == '\'' && is_msg)
        return (stop = memrchr(value + 1, '\'', (size_t)(r->end - value - 1))) ? stop + 1 : r->end;
    return stop ? stop + 1 : value;
}

static bool add(struct records_split *s, struct records_part *part, struct records_field f)
{
    if (s->n == RECORDS_FIELDS_MAX)
        return false;
    f.nth = records_names_count(&s->names, f.name, f.name_len);
    s->at[s->n++] = f;
    part->n++;
    return true;
}

/* Returns where msg='...' begins when the region ends with one, else its end. */
static const char *split(struct records_split *s, struct region *r, struct records_part *part)
{
    const char *p = next_field(r->p, r->end, true);

    *part = (struct records_part){.there = true, .fields = &s->at[s->n]};
    records_names_reset(&s->names);
    if (p > r->p) {
        part->text = r->p;
        part->text_len = (size_t)((p == r->end ? p : p - 1) - r->p);
    }
    while (p < r->end) {
        size_t name_len = name_at(p, r->end);
        const char *value = p + name_len + 1, *inner, *next;
        bool is_msg = r->part == PART_BODY && name_len == 3 && memcmp(p, "msg", 3) == 0;

        inner = inner_end(r, value, is_msg);
        if (is_msg && inner == r->end && inner - value >= 2 && *value == '\'' && inner[-1] == '\'')
            return value;
        next = next_field(inner, r->end, false);
        if (!add(s, part,
                 (struct records_field){
                     .name = p,
                     .value = value,
                     .name_len = (uint32_t)name_len,
                     .value_len = (uint32_t)((next == r->end ? next : next - 1) - value)})) {
            s->whole = false;
            break;
        }
        p = next;
    }
    return r->end;
}

void records_split(struct records_split *s, const char *body, size_t len, const char *enriched,
                   size_t enriched_len)
{
    struct region r = {.p = body, .end = body + len, .part = PART_BODY};
    const char *msg;

    s->msg = s->enriched = (struct records_part){0};
    s->whole = true;
    s->n = 0;
    msg = split(s, &r, &s->body);
    if (msg < r.end) {
        r = (struct region){.p = msg + 1, .end = r.end - 1, .part = PART_MSG};
        split(s, &r, &s->msg);
    }
    if (enriched) {
        r = (struct region){.p = enriched, .end = enriched + enriched_len, .part = PART_ENRICHED};
        split(s, &r, &s->enriched);
    }
}

void records_key_make(struct records_key *k, const char *name, size_t len, uint32_t nth)
{
    k->p = name;
    k->len = len;
    if (nth > 1) {
        k->len = (size_t)snprintf(k->own, sizeof(k->own), "%.*s#%u", (int)len, name, nth);
        k->p = k->own;
    }
}
