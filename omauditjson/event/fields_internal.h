/* SPDX-License-Identifier: Apache-2.0 */
/* What fields.c (the plain name=value) and fields_special.c (all that certain records write in a
 * way of their own) have in common. For these two files only. */
#ifndef OMAUDITJSON_EVENT_FIELDS_INTERNAL_H
#define OMAUDITJSON_EVENT_FIELDS_INTERNAL_H

#include "event/fields.h"

/* A region of text that is being split: the whole body, or the inside of msg='...'. */
struct fields_region {
    char *p;
    char *end;
    char *no_quote_after; /* no closing quote beyond this point: keeps hostile text linear */
    int type;
    uint16_t flags;
    bool parens;          /* within "(sauid=81, addr=?)" of old records */
    ptrdiff_t open;       /* index of the field that a following bare word belongs to, or -1 */
    ptrdiff_t stray;      /* index of the field of the words that belong to no field, or -1 */
    bool had_apostrophes; /* one value in '...' a region: keeps hostile text linear */
};

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

enum { NAME_START = 1, NAME = 2 };

/* A name: letters and _, behind the first one digits and - . [ ] too. */
static const uint8_t class[256] = {
    ['a' ... 'z'] = NAME_START | NAME,
    ['A' ... 'Z'] = NAME_START | NAME,
    ['_'] = NAME_START | NAME,
    ['0' ... '9'] = NAME,
    ['-'] = NAME,
    ['.'] = NAME,
    ['['] = NAME,
    [']'] = NAME,
};

static inline bool is_name_start(char c)
{
    return class[(unsigned char)c] & NAME_START;
}

static inline bool is_name(char c)
{
    return class[(unsigned char)c] & NAME;
}

/* Append a field that does not stand so in the record: seresult, seperms, text. */
void fields_add_made_up(struct fields *f, const struct fields_region *r, enum event_name id,
                        char *p, size_t len);

/* "avc:  denied  { read write } for ", if the region begins so. */
void fields_take_selinux(struct fields *f, struct fields_region *r);

/* "old auid=5", "new auid=6" of old kernels: rewritten as today's; false: the region goes on with
 * something else. */
bool fields_take_old_login(struct fields_region *r);

/* The apostrophe that ends the value at p, which begins with one, or NULL. */
char *fields_closing_apostrophe(struct fields_region *r, char *p);

/* Decode old and new of make_equiv in the fields from number first on. */
void fields_decode_equivalence(struct fields *f, size_t first);

#endif
