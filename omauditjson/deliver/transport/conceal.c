/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/transport/conceal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "base/mem.h"

void conceal_done(struct conceal *c)
{
    for (size_t i = 0; i < c->n; i++) {
        explicit_bzero(c->item[i], strlen(c->item[i]));
        free(c->item[i]);
    }
    free(c->item);
    *c = (struct conceal){0};
}

static void add_one(struct conceal *c, const char *text, size_t len)
{
    if (len < CONCEAL_MIN || memchr(text, '\0', len)) /* %00 is nobody's password */
        return;
    c->item = mem_realloc_array(c->item, c->n + 1, sizeof(*c->item));
    c->item[c->n++] = mem_strndup(text, len);
}

/* Without the padding, so that a server's other idea of it does not matter. */
static char *base64(const char *text, size_t len, size_t *ret_len)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *s = (const unsigned char *)text;
    char *out = mem_alloc(len / 3 * 4 + 5);
    size_t n = 0;

    for (size_t i = 0; i < len; i += 3) {
        uint32_t v = (uint32_t)s[i] << 16;

        v |= i + 1 < len ? (uint32_t)s[i + 1] << 8 : 0;
        v |= i + 2 < len ? s[i + 2] : 0;
        for (unsigned k = 0; k <= 3 && i + k <= len; k++)
            out[n++] = digit[v >> (18 - 6 * k) & 63];
    }
    *ret_len = n;
    return out;
}

void conceal_add(struct conceal *c, const char *text, size_t len)
{
    size_t n;
    char *coded;

    if (len < CONCEAL_MIN)
        return;
    coded = base64(text, len, &n);
    add_one(c, text, len);
    add_one(c, coded, n);
    explicit_bzero(coded, n);
    free(coded);
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* In place; the new length. */
static size_t percent_decode(char *s, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (s[i] == '%' && i + 2 < len && hex(s[i + 1]) >= 0 && hex(s[i + 2]) >= 0) {
            s[n++] = (char)(hex(s[i + 1]) * 16 + hex(s[i + 2]));
            i += 2;
        } else {
            s[n++] = s[i];
        }
    }
    return n;
}

static void add_pair(struct conceal *c, const char *user, size_t len)
{
    const char *colon = memchr(user, ':', len);

    if (!colon)
        return; /* a name alone is no secret */
    conceal_add(c, user, len);
    conceal_add(c, colon + 1, len - (size_t)(colon + 1 - user));
}

void conceal_add_user(struct conceal *c, const char *user, size_t len)
{
    char *plain = mem_strndup(user, len);
    size_t n = percent_decode(plain, len);

    add_pair(c, user, len);
    if (n < len)
        add_pair(c, plain, n);
    explicit_bzero(plain, len);
    free(plain);
}

/* The value, and its last word: "Bearer abc" may come back as abc. */
static void add_header(struct conceal *c, const char *header)
{
    const char *value = strchr(header, ':'), *word;

    if (!value)
        return;
    value += 1 + strspn(value + 1, " \t");
    conceal_add(c, value, strlen(value));
    word = strrchr(value, ' ');
    if (word)
        conceal_add(c, word + 1, strlen(word + 1));
}

void conceal_add_conf(struct conceal *c, const struct conf *conf)
{
    const char *proxy = conf->proxy ? conf->proxy : "", *host = strstr(proxy, "://");
    size_t len;

    for (size_t i = 0; i < conf->header.n; i++)
        add_header(c, conf->header.item[i]);
    host = host ? host + 3 : proxy;
    len = strcspn(host, "/?#");
    while (len > 0 && host[len] != '@')
        len--;
    if (len > 0)
        conceal_add_user(c, host, len);
    for (size_t i = 0; i < conf->url.n; i++) {
        const char *query = strchr(conf->url.item[i], '?');

        for (size_t n = 0; query; query = n ? query + 1 + n : NULL) {
            const char *value;

            n = strcspn(query + 1, "&#");
            value = memchr(query + 1, '=', n);
            if (value)
                conceal_add(c, value + 1, n - (size_t)(value - query));
            if (query[1 + n] != '&')
                n = 0;
        }
    }
}

void conceal_apply(const struct conceal *c, char *data, size_t len)
{
    for (size_t i = 0; i < c->n && len > 0; i++) {
        size_t n = strlen(c->item[i]);
        char *p = data;

        while ((p = memmem(p, len - (size_t)(p - data), c->item[i], n))) {
            memset(p, '*', n);
            p += n;
        }
    }
}
