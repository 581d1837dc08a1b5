/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the configuration: the option table as data, values from text into struct conf, and
 * the collector of mistakes. For conf*.c, the manual's check and the tests; nobody else. */
#ifndef OMAUDITJSON_CONF_CONF_TABLE_H
#define OMAUDITJSON_CONF_CONF_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "conf/conf.h"

enum conf_type {
    CONF_TYPE_SECTION, /* a heading, not an option; name is NULL */
    CONF_TYPE_STRING,
    CONF_TYPE_PATH,
    CONF_TYPE_LIST,
    CONF_TYPE_DURATION,
    CONF_TYPE_SIZE,
    CONF_TYPE_COUNT,
    CONF_TYPE_BOOL,
    CONF_TYPE_ENUM,
};

enum conf_flag {
    CONF_FLAG_SECRET = 1,    /* may hold a credential: the value is never shown */
    CONF_FLAG_ARGV_ONLY = 2, /* no key of the file */
    CONF_FLAG_COMMAS = 4,    /* a list whose items may share a line */
};

struct conf_option {
    const char *name; /* with _; NULL: a heading */
    enum conf_type type;
    size_t offset;   /* in struct conf */
    const char *arg; /* of a heading: its text */
    const char *def, *min, *max;
    unsigned flags;
    const char *help;
};

#define CONF_NAME_MAX 32 /* every name is shorter */

/* Row i of the table; NULL past the end. */
const struct conf_option *conf_option_at(size_t i);
/* By name, _ and - alike, any case; NULL: there is none. */
const struct conf_option *conf_option_find(const char *name);

/* The candidate nearest to name keeps its place in *best while its distance is below *distance
 * (begin with SIZE_MAX). conf_near_enough() says whether to offer it. */
void conf_near(const char *name, const char *candidate, const char **best, size_t *distance);
bool conf_near_enough(const char *name, size_t distance);

/* Set the option from text, over what it held; lists append. 0, or -EINVAL with the reason in why
 * (a sentence without the key; it never has a secret's text). */
int conf_value_set(struct conf *c, const struct conf_option *o, const char *text, struct buf *why);
/* Back to the default; lists become empty. */
void conf_value_reset(struct conf *c, const struct conf_option *o);

/* Note that the file or the command line sets the option; was it? */
void conf_option_give(struct conf *c, const struct conf_option *o);
bool conf_option_given(const struct conf *c, const struct conf_option *o);

/* The defaults of the receiver, for options that were not given. */
void conf_receiver_defaults(struct conf *c);

/* Mistakes found so far; the first CONF_ERRORS_MAX are written out, then one line says that there
 * are more. */
#define CONF_ERRORS_MAX 20
struct conf_errors {
    struct buf *out;
    unsigned n;
};
void conf_error(struct conf_errors *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Text of unknown origin for a message: at most 60 bytes of it, control bytes as \xNN. */
#define CONF_SHOWN_SIZE 256
const char *conf_shown(const char *text, char out[CONF_SHOWN_SIZE]);

/* Does the option's text hold a password, a token or the like, as far as that can be seen? */
bool conf_has_credential(const struct conf_option *o, const char *text);

/* The same of one text of the list option of that name. */
bool conf_list_has_credential(const char *name, const struct conf_list *list);

/* Do events go to a web server? */
bool conf_is_http(const struct conf *c);

/* As conf_read_file(), with the caller's collector. Without must_exist a missing file is an empty
 * one. False: nothing is known of what stands in it. */
bool conf_file_read(struct conf *c, const char *path, bool must_exist, struct conf_errors *e);

/* Is a credential to go over a connection that anybody can read? */
void conf_check_clear(const struct conf *c, struct conf_errors *e);

/* Checks that need more than one option, with the caller's collector. */
void conf_check_all(const struct conf *c, enum conf_command command, struct conf_errors *e);

#endif
