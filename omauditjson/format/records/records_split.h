/* SPDX-License-Identifier: Apache-2.0 */
/* A record's raw text as fields, nothing decoded and nothing lost: joined with one blank they are
 * the text again. Unlike event/fields.h, which knows what a value means, this knows only where one
 * ends. Linear; owns its tables, which have a fixed size. */
#ifndef OMAUDITJSON_FORMAT_RECORDS_RECORDS_SPLIT_H
#define OMAUDITJSON_FORMAT_RECORDS_RECORDS_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORDS_FIELDS_MAX 1024 /* of a record; the kernel's EXECVE has up to 850 arguments */
#define RECORDS_NAME_MAX 64     /* as event/fields.c */
#define RECORDS_SLOTS 2048      /* a power of two, above RECORDS_FIELDS_MAX */

/* How often each name was there. */
struct records_names {
    struct records_name {
        const char *p;
        uint16_t len;
        uint16_t slot;
        uint32_t count;
    } at[RECORDS_FIELDS_MAX];
    size_t n;
    uint16_t slot[RECORDS_SLOTS]; /* index + 1, 0: free */
};

/* Forget all; n must be zeroed memory before the first time. */
void records_names_reset(struct records_names *n);
/* The how many-eth of its name this is: 1 ...; 0: there are too many names. */
uint32_t records_names_count(struct records_names *n, const char *p, size_t len);

/* "name", or "name#2" for the second one of a name. Names have no '#'. p borrows from the name. */
struct records_key {
    const char *p;
    size_t len;
    char own[RECORDS_NAME_MAX + 16];
};

void records_key_make(struct records_key *k, const char *name, size_t len, uint32_t nth);

struct records_field {
    const char *name;
    const char *value;
    uint32_t name_len;
    uint32_t value_len;
    uint32_t nth; /* of its name within the part */
};

/* A record's text has up to three parts: its own fields, those within msg='...', auditd's. */
struct records_part {
    bool there;
    const char *text; /* before the first field, NULL: the part begins with a field, or is empty */
    size_t text_len;
    struct records_field *fields;
    size_t n;
};

struct records_split {
    struct records_part body;
    struct records_part msg; /* msg='...' at the body's end */
    struct records_part enriched;
    bool whole; /* all fields are there */
    struct records_field at[RECORDS_FIELDS_MAX];
    size_t n;
    struct records_names names;
};

/* Split body[0..len) and, when it is not NULL, the enriched part. s is zeroed memory, or used. */
void records_split(struct records_split *s, const char *body, size_t len, const char *enriched,
                   size_t enriched_len);

#endif
