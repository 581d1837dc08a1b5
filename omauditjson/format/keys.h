/* SPDX-License-Identifier: Apache-2.0 */
/* One row for each key that a document of a format may have, in the order of writing. The rows come
 * from the tables that the code uses; the JSON schema (schema.h), omauditjson-format(5) and
 * docs/formats.md come from the rows. Static data. */
#ifndef OMAUDITJSON_FORMAT_KEYS_H
#define OMAUDITJSON_FORMAT_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum format_key_type {
    FORMAT_KEY_STRING,
    FORMAT_KEY_STRINGS, /* array of strings */
    FORMAT_KEY_INTEGER,
    FORMAT_KEY_INTEGERS,
    FORMAT_KEY_BOOLEAN,
    FORMAT_KEY_OBJECT,  /* its members are further rows: PATH.MEMBER */
    FORMAT_KEY_OBJECTS, /* array of objects; likewise */
    FORMAT_KEY_LISTS,   /* object of strings or arrays of strings; its keys come from the records */
    FORMAT_KEY_MAP,     /* object of strings; its keys come from the records */
};

struct format_key {
    const char *path; /* "details.paths.item"; NULL: the end of the rows */
    enum format_key_type type;
    bool required;       /* in every object that can have it */
    const char *pattern; /* of a string, of each of several, of a map's keys; NULL: any. A regular
                            expression that both ECMA 262 and Python understand */
    const char *source;  /* "SYSCALL comm" */
    const char *example; /* a string as it is, anything else as JSON; NULL: none */
    const char *help;    /* what it is, in a few words: no capital, no full stop */
};

#define FORMAT_ID_PATTERN "^[!-~]+:[0-9]+[.][0-9]{3}:[0-9]+:[0-9]+:[0-9a-f]{16}$"
#define FORMAT_STAMP_PATTERN \
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}[+]00:00$"
#define FORMAT_NUMBER_PATTERN "^[0-9]+$"
#define FORMAT_CUT_PATTERN "^[!-~]+=[0-9]+$" /* an element of `truncated` */

/* "string", "array of strings" ... */
const char *format_key_type_text(enum format_key_type type);

#endif
