/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials, and making them unreadable wherever a server or a library gives them back to us:
 * an answer that says "invalid token abc" goes to the log and into the dead letters. Owns copies
 * of them and wipes those. */
#ifndef OMAUDITJSON_DELIVER_TRANSPORT_CONCEAL_H
#define OMAUDITJSON_DELIVER_TRANSPORT_CONCEAL_H

#include <stddef.h>

#define CONCEAL_MIN 4 /* a shorter text is left alone: it would be everywhere */

struct conf;

struct conceal {
    char **item;
    size_t n;
};

void conceal_done(struct conceal *c); /* c may be zeroed memory */

/* One text, and its base64 form. */
void conceal_add(struct conceal *c, const char *text, size_t len);

/* USER:PASSWORD as a whole and the password alone, as they stand and percent-decoded. */
void conceal_add_user(struct conceal *c, const char *user, size_t len);

/* What the options themselves hold: values of header, userinfo of proxy, queries of url. */
void conceal_add_conf(struct conceal *c, const struct conf *conf);

/* Write '*' over every one of them in the len bytes at data. */
void conceal_apply(const struct conceal *c, char *data, size_t len);

#endif
