/* SPDX-License-Identifier: Apache-2.0 */
/* The region of a record's text that fields.c splits, and the fields that certain records do not
 * write as name=value: each function takes one such form off the region, or says that there is
 * none. Values are decoded in place; owns nothing. */
#ifndef OMAUDITJSON_EVENT_FIELDS_SPECIAL_H
#define OMAUDITJSON_EVENT_FIELDS_SPECIAL_H

#include "event/event.h"

/* The text being split: the whole body, or the inside of msg='...'. */
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

/* The start of a SELinux record. */
struct fields_selinux {
    char *result, *perms; /* "denied"; "read,write", or "null" */
    size_t result_len, perms_len;
};

/* Take "avc:  denied  { read write } for " off the region; false: it begins otherwise. */
bool fields_special_selinux(struct fields_region *r, struct fields_selinux *ret);

/* Rewrite "old auid=5" and "new auid=6" of old kernels as old-auid=5 and auid=6; false: the region
 * has neither here. */
bool fields_special_old_login(struct fields_region *r);

/* The apostrophe that ends the value at p, which begins with one, or NULL. */
char *fields_special_apostrophe(struct fields_region *r, char *p);

/* Decode old and new of make_equiv in a record's n fields. */
void fields_special_equivalence(struct event_field *fields, size_t n);

#endif
