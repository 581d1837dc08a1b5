/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "event/fields.h"

#include <assert.h>
#include <libaudit.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/scan.h"
#include "event/decode.h"
#include "event/fields_special.h"

#ifndef AUDIT_INTEGRITY_POLICY_RULE
#define AUDIT_INTEGRITY_POLICY_RULE 1807
#endif

#define NAME_MAX_LEN 64 /* a longer "name" is program text with an equals sign in it */
#define FIELDS_FIRST 256
#define FIELDS_KEEP ((size_t)16384) /* fields whose memory is kept from event to event */

enum code { CODE_RAW = 0, CODE_STR = 1 };

/* The name with its equals sign, 32 bytes an entry, so that 16 bytes are compared at once. */
struct fields_known {
    char text[26];
    uint8_t len;
    uint8_t code;
    uint16_t id;
};

static const struct fields_known known[EVENT_NAME_COUNT] = {
#define FIELD_NAME(id, text, code) \
    [EVENT_NAME_##id] = {text "=", sizeof(text) - 1, CODE_##code, EVENT_NAME_##id},
#include "event/field_names.def"
#undef FIELD_NAME
};

/* Names that older kernels gave to some of these: their text, and the field that they are today. */
static const struct fields_known older[] = {
    {"objtype=", 7, CODE_RAW, EVENT_NAME_nametype}, /* Linux 3.10 to 3.14, so EL7 */
};

#define OLDER (sizeof(older) / sizeof(older[0]))

/* Of a slot of the hash. */
static inline const struct fields_known *known_at(uint16_t slot)
{
    return slot < EVENT_NAME_COUNT ? &known[slot] : &older[slot - EVENT_NAME_COUNT];
}

#define FIELD_NAME(id, text, code) static_assert(sizeof(text) <= 16, "16 with its equals sign");
#include "event/field_names.def"
#undef FIELD_NAME

static size_t hash_name(const char *s, size_t len)
{
    size_t h = len * 37 + (unsigned char)s[0] * 11 + (unsigned char)s[len - 1] * 29;

    if (len > 2)
        h += (unsigned char)s[2] * 131u;
    return h & (FIELDS_SLOTS - 1);
}

void fields_init(struct fields *f)
{
    *f = (struct fields){0};
    for (uint16_t id = 1; id < EVENT_NAME_COUNT; id++) {
        size_t h = hash_name(known[id].text, known[id].len);

        while (f->slot[h])
            h = (h + 1) & (FIELDS_SLOTS - 1);
        f->slot[h] = id;
    }
    for (uint16_t i = 0; i < OLDER; i++) {
        size_t h = hash_name(older[i].text, older[i].len);

        while (f->slot[h])
            h = (h + 1) & (FIELDS_SLOTS - 1);
        f->slot[h] = (uint16_t)(EVENT_NAME_COUNT + i);
    }
    for (size_t i = 0; i < FIELDS_FIRST_NAMES; i++)
        f->first[i] = &known[1];
    for (size_t i = 0; i < EVENT_NAME_COUNT; i++)
        f->follows[i] = &known[1];
}

void fields_reset(struct fields *f)
{
    if (f->cap > FIELDS_KEEP)
        fields_done(f);
    if (!f->at) {
        f->cap = FIELDS_FIRST;
        f->at = mem_realloc_array(NULL, f->cap, sizeof(*f->at));
    }
    f->n = 0;
}

void fields_done(struct fields *f)
{
    free(f->at);
    f->at = NULL;
    f->n = f->cap = 0;
}

static const struct fields_known *find_name(const struct fields *f, const char *s, size_t len)
{
    for (size_t h = hash_name(s, len); f->slot[h]; h = (h + 1) & (FIELDS_SLOTS - 1)) {
        const struct fields_known *k = known_at(f->slot[h]);

        if (k->len == len && scan_begins(s, k->text, len))
            return k;
    }
    return &known[EVENT_NAME_OTHER];
}

static void decode_value(struct event_field *fl, int type)
{
    enum code code = known[fl->id].code;
    size_t n;

    if (type == AUDIT_EXECVE) {
        uint64_t index, piece;
        bool split;

        code =
            decode_arg_name(fl->name, fl->name_len, &index, &piece, &split) ? CODE_STR : CODE_RAW;
    } else if (fl->id == EVENT_NAME_dev && type == AUDIT_ANOM_PROMISCUOUS) {
        code = CODE_RAW; /* an interface, written as it is: it may be called cafe */
    }
    if (code == CODE_RAW || (fl->flags & EVENT_FIELD_QUOTED))
        return;
    /* A program that does not use libaudit for it may write a plain word, but sudo's command and
     * directory have quotes or are hexadecimal. The kernel's are one or the other always. */
    if (code == CODE_STR && (fl->flags & EVENT_FIELD_NESTED) &&
        (decode_has_lower(fl->value, fl->value_len) ||
         (type != AUDIT_USER_CMD && decode_is_plain(fl->value, fl->value_len))))
        return;
    /* the value lies in the parser's own copy of the text */
    n = decode_hex((char *)(uintptr_t)fl->value, fl->value_len);
    if (n == SIZE_MAX)
        return;
    fl->value_len = (uint32_t)n;
    fl->flags |= EVENT_FIELD_DECODED;
}

static void grow(struct fields *f)
{
    f->cap = f->cap ? f->cap * 2 : FIELDS_FIRST;
    f->at = mem_realloc_array(f->at, f->cap, sizeof(*f->at));
}

static inline struct event_field *add(struct fields *f)
{
    if (f->n == f->cap)
        grow(f);
    return &f->at[f->n++];
}

/* A value ends where the next field begins: bare words before that belong to it. */
static void close_open(struct fields *f, struct fields_region *r)
{
    if (r->open >= 0)
        decode_value(&f->at[r->open], r->type);
    r->open = -1;
}

/* acct="root": exe="/usr/sbin/sshd" (hostname=... [audit 1, audit_logging.c] */
static bool is_old_account(const struct fields_region *r, const char *q)
{
    static const char rest[] = ": exe=";
    const size_t len = sizeof(rest) - 1;

    return r->flags & EVENT_FIELD_NESTED && (size_t)(r->end - q - 1) >= len &&
           memcmp(q + 1, rest, len) == 0;
}

/* The quote that ends the value: one before a blank or the end. A program's text may have others.
 */
static inline char *closing_quote(struct fields_region *r, char *p)
{
    char *from = p;

    if (r->no_quote_after && p >= r->no_quote_after)
        return NULL;
    while (p < r->end) {
        char *q = scan_char(p, r->end, '"');

        if (q == r->end)
            break;
        if (q + 1 == r->end || is_blank(q[1]) || (r->parens && (q[1] == ',' || q[1] == ')')) ||
            is_old_account(r, q))
            return q;
        p = q + 1;
    }
    r->no_quote_after = from;
    return NULL;
}

static bool all_digits(const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(p[i]))
            return false;
    }
    return true;
}

/* Append a field that the record does not have in this form: seresult, seperms, text. */
static void add_derived(struct fields *f, const struct fields_region *r, enum event_name id,
                        char *p, size_t len)
{
    *add(f) = (struct event_field){.name = known[id].text,
                                   .value = p,
                                   .name_len = known[id].len,
                                   .value_len = (uint32_t)len,
                                   .id = (uint16_t)id,
                                   .flags = r->flags};
}

/* A word without "name=": part of the value before it ("op=adding user to group"), unless that is
 * a number (old kernels: "pid=7 uid=0 login"), or the word is a condition of IMA ("uid>1000").
 * Words that belong to no value become a field text. */
static void take_bare_word(struct fields *f, struct fields_region *r)
{
    char *word = r->p;

    if (r->type == AUDIT_INTEGRITY_POLICY_RULE)
        close_open(f, r);
    r->p = scan_blank(r->p, r->end);
    if (r->open >= 0) {
        struct event_field *fl = &f->at[r->open];

        if (fl->value_len == 0)
            fl->value = word;
        if (!(r->p - word == 1 && *word == ':') &&
            !(fl->value_len && all_digits(fl->value, fl->value_len))) {
            fl->value_len = (uint32_t)(r->p - fl->value);
            return;
        }
        close_open(f, r);
    }
    if (r->p - word == 1 && *word == ':')
        return;
    if (r->stray >= 0) {
        f->at[r->stray].value_len = (uint32_t)(r->p - f->at[r->stray].value);
        return;
    }
    r->stray = (ptrdiff_t)f->n;
    add_derived(f, r, EVENT_NAME_text, word, (size_t)(r->p - word));
}

static void split(struct fields *f, struct fields_region *r);

/* msg='...': up to the last apostrophe, since the text inside may have its own. */
static void take_nested(struct fields *f, struct fields_region *r, char *quote)
{
    char *last = memrchr(quote + 1, '\'', (size_t)(r->end - quote - 1));
    struct fields_region in = {.p = quote + 1,
                               .end = last ? last : r->end,
                               .type = r->type,
                               .flags = EVENT_FIELD_NESTED,
                               .open = -1,
                               .stray = -1};

    r->p = last ? last + 1 : r->end;
    split(f, &in);
}

static void take_value(struct fields *f, struct fields_region *r, char *name, size_t name_len)
{
    char *value = name + name_len + 1, *stop;
    uint16_t id = find_name(f, name, name_len)->id;
    uint16_t flags = r->flags;
    struct event_field *fl;

    close_open(f, r);
    r->stray = -1;
    if (value < r->end && *value == '\'' && id == EVENT_NAME_msg && !(flags & EVENT_FIELD_NESTED)) {
        take_nested(f, r, value);
        return;
    }
    if (value < r->end && *value == '"' && (stop = closing_quote(r, value + 1))) {
        r->p = stop + 1;
        value++;
        flags |= EVENT_FIELD_QUOTED;
    } else if (id == EVENT_NAME_error_msg && (stop = fields_special_apostrophe(r, value))) {
        r->p = stop + 1;
        value++;
        flags |= EVENT_FIELD_QUOTED;
    } else {
        stop = scan_blank(value, r->end);
        r->p = stop;
        if (r->parens && stop > value && (stop[-1] == ',' || stop[-1] == ')'))
            stop--;
    }
    fl = add(f);
    *fl = (struct event_field){.name = name,
                               .value = value,
                               .name_len = (uint32_t)name_len,
                               .value_len = (uint32_t)(stop - value),
                               .id = id,
                               .flags = flags};
    if (!(flags & EVENT_FIELD_QUOTED) && !r->parens)
        r->open = (ptrdiff_t)f->n - 1;
    else
        decode_value(fl, r->type);
}

/* The equals sign after the name at p, or NULL; *ret is the name's row. */
static char *take_name(const struct fields *f, char *p, char *end, const struct fields_known **ret)
{
    char *name = p;

    if (p == end || !is_name_start(*p))
        return NULL;
    do
        p++;
    while (p < end && is_name(*p));
    if (p == end || *p != '=' || p - name > NAME_MAX_LEN)
        return NULL;
    *ret = find_name(f, name, (size_t)(p - name));
    return p;
}

/* The fast path: a run of name=value and name="value". Stops at anything else, which split()
 * handles. */
static void take_plain(struct fields *f, struct fields_region *r)
{
    char *p = r->p, *const end = r->end;
    const uint8_t all_encoded = r->type == AUDIT_EXECVE;
    struct event_field *next = f->at + f->n, *limit = f->at + f->cap;
    struct event_field *fl = r->open >= 0 ? &f->at[r->open] : NULL;
    uint8_t is_encoded = fl ? known[fl->id].code | all_encoded : 0;
    const struct fields_known *k, **guess;

    /* records of a type have the same fields in the same order: try the last one's field first */
    guess = &f->first[(unsigned)(r->type + r->flags) % FIELDS_FIRST_NAMES];
    for (;; guess = &f->follows[k->id]) {
        char *name, *value, *stop;
        uint16_t flags = r->flags;

        if (p < end && *p == ' ')
            p++;
        k = *guess;
        value = p + k->len + 1;
        if (value > end || !scan_begins(p, k->text, k->len + 1u)) {
            while (p < end && is_blank(*p))
                p++;
            value = take_name(f, p, end, &k);
            if (!value)
                break;
            *guess = k;
            value++;
        }
        name = p;
        if (*value == '\'' && value < end) /* perhaps msg='...' */
            break;
        if (is_encoded)
            decode_value(fl, r->type);
        if (next == limit) {
            f->n = f->cap;
            grow(f);
            next = f->at + f->n;
            limit = f->at + f->cap;
        }
        fl = next++;
        fl->name = name;
        fl->name_len = (uint32_t)(value - 1 - name);
        if (*value == '"' && value < end && (stop = closing_quote(r, value + 1))) {
            p = stop + 1;
            value++;
            flags |= EVENT_FIELD_QUOTED;
            is_encoded = 0;
        } else {
            p = stop = scan_blank(value, end);
            is_encoded = k->code | all_encoded;
        }
        fl->value = value;
        fl->value_len = (uint32_t)(stop - value);
        fl->id = k->id;
        fl->flags = flags;
        r->stray = -1;
    }
    f->n = (size_t)(next - f->at);
    r->p = p;
    r->open = fl && !(fl->flags & EVENT_FIELD_QUOTED) ? fl - f->at : -1;
}

static void split(struct fields *f, struct fields_region *r)
{
    struct fields_selinux avc;

    if ((r->type == AUDIT_AVC || r->type == AUDIT_USER_AVC) && fields_special_selinux(r, &avc)) {
        add_derived(f, r, EVENT_NAME_seresult, avc.result, avc.result_len);
        add_derived(f, r, EVENT_NAME_seperms, avc.perms, avc.perms_len);
    }
    for (;;) {
        char *name, *p;

        if (r->parens) {
            while (r->p < r->end && is_blank(*r->p))
                r->p++;
        } else {
            take_plain(f, r);
        }
        if (r->p == r->end)
            break;
        name = p = r->p;
        if (*p == '(' && p + 1 < r->end && is_name_start(p[1]))
            name = ++p;
        if (is_name_start(*p)) {
            while (p < r->end && is_name(*p))
                p++;
        }
        if (p == name || p == r->end || *p != '=' || p - name > NAME_MAX_LEN) {
            if (!fields_special_old_login(r))
                take_bare_word(f, r);
            continue;
        }
        if (name > r->p)
            r->parens = true;
        take_value(f, r, name, (size_t)(p - name));
    }
    close_open(f, r);
}

void fields_split(struct fields *f, int type, char *text, size_t len)
{
    struct fields_region r = {.p = text, .end = text + len, .type = type, .open = -1, .stray = -1};
    size_t first = f->n;

    split(f, &r);
    if (type == AUDIT_CONFIG_CHANGE)
        fields_special_equivalence(f->at + first, f->n - first);
}
